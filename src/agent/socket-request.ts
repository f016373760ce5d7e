// One JSON request over a Unix socket, bounded in time and size.
import { Agent, request } from 'node:http';

const ANSWER_MAX = 16 * 1024 * 1024;
const connections = new Agent({ keepAlive: true, maxSockets: 8 });

export type Answer =
  | { readonly kind: 'answer'; readonly status: number; readonly body: unknown }
  | { readonly kind: 'unreachable'; readonly detail: string };

/** `body` undefined = GET. An answer that is no JSON has the body undefined. Resolves also when `signal` aborts. */
export function socketRequest(
  socketPath: string,
  path: string,
  body: unknown,
  timeoutMilliseconds: number,
  signal: AbortSignal,
): Promise<Answer> {
  return new Promise((resolve) => {
    const fail = (error: Error): void => resolve({ kind: 'unreachable', detail: error.message });
    const limits = AbortSignal.any([signal, AbortSignal.timeout(timeoutMilliseconds)]);
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    const sent = request(
      {
        socketPath,
        path,
        method: text === undefined ? 'GET' : 'POST',
        headers: { host: 'berth', ...headers },
        agent: connections,
        signal: limits,
      },
      (answer) => {
        const chunks: Buffer[] = [];
        let size = 0;
        answer.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > ANSWER_MAX) sent.destroy(new Error('the answer is too long'));
          else chunks.push(chunk);
        });
        answer.on('error', fail);
        answer.on('end', () => resolve({ kind: 'answer', status: answer.statusCode ?? 0, body: parsed(Buffer.concat(chunks)) }));
      },
    );
    sent.on('error', fail);
    sent.end(text);
  });
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
