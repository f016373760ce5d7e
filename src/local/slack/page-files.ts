// The page's own files, read from beside this module, and the headers that keep a browser from doing more than we mean.
import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';

const FILES: Readonly<Record<string, string>> = {
  'index.html': 'text/html; charset=utf-8',
  'page.js': 'text/javascript; charset=utf-8',
  'messages.js': 'text/javascript; charset=utf-8',
  'draw.js': 'text/javascript; charset=utf-8',
  'text.js': 'text/javascript; charset=utf-8',
  'controls.js': 'text/javascript; charset=utf-8',
  'holding.js': 'text/javascript; charset=utf-8',
  'modal.js': 'text/javascript; charset=utf-8',
  'confirm.js': 'text/javascript; charset=utf-8',
  'places.js': 'text/javascript; charset=utf-8',
  'zones.js': 'text/javascript; charset=utf-8',
  'mrkdwn.js': 'text/javascript; charset=utf-8',
  'dom.js': 'text/javascript; charset=utf-8',
  'icon.svg': 'image/svg+xml',
  'style.css': 'text/css; charset=utf-8',
  'frame.css': 'text/css; charset=utf-8',
  'messages.css': 'text/css; charset=utf-8',
  'fields.css': 'text/css; charset=utf-8',
};

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export function isPageFile(name: string): boolean {
  return Object.hasOwn(FILES, name);
}

/** Answers with one of the page's files; the name is one that isPageFile knows. */
export async function replyPageFile(response: ServerResponse, name: string): Promise<void> {
  const body = await readFile(new URL(`./page/${name}`, import.meta.url));
  response.writeHead(200, {
    'content-type': FILES[name],
    'content-security-policy': CONTENT_SECURITY_POLICY,
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  });
  response.end(body);
}
