// Reading requests with a size limit and writing answers; nothing here knows Slack.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isObject } from './shape.ts';
import type { Json, JsonObject } from './state.ts';

export const BODY_BYTES_MAX = 1024 * 1024;

/** A request that gets an HTTP error as its answer; `message` is told to the caller. */
export class HttpError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The whole body; over the limit an HttpError 413, without reading on. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const tooLarge = new HttpError(413, `The body is larger than ${BODY_BYTES_MAX} bytes.`);
  if (Number(request.headers['content-length'] ?? 0) > BODY_BYTES_MAX) throw tooLarge;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw tooLarge;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The content type without parameters, in lower case. */
export function contentType(request: IncomingMessage): string {
  return (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

/** A JSON object from text; HttpError 400 on anything else. */
export function parseObject(text: string): JsonObject {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    throw new HttpError(400, 'The body is not JSON.');
  }
  if (!isObject(value)) throw new HttpError(400, 'The body is not a JSON object.');
  return value;
}

export function replyJson(response: ServerResponse, status: number, body: Json, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...headers });
  response.end(JSON.stringify(body));
}

export function replyText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(text);
}
