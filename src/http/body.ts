// Reading request bodies within limits of size and time, and sending JSON.
import type { IncomingMessage, ServerOptions, ServerResponse } from 'node:http';

/** Milliseconds; whoever is slower is cut off. */
export const LIMITS: ServerOptions = { headersTimeout: 5000, requestTimeout: 10_000, connectionsCheckingInterval: 1000 };

export class BodyTooLarge extends Error {}

/** Rejects with BodyTooLarge when more than `maxBytes` are announced, or as soon as they have come (the connection is cut then). */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw new BodyTooLarge();
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > maxBytes) throw new BodyTooLarge();
    parts.push(part);
  }
  return Buffer.concat(parts);
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  const close = status >= 400 ? { connection: 'close' } : {};
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), ...close });
  response.end(text);
}
