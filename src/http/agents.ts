// The agents' endpoint: hello, report, and the long poll for the desired list. It listens on its own socket and serves nothing else.
import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import { z } from 'zod';
import type { App } from '../app/app.ts';
import { desired, hostOfRun } from '../app/desired.ts';
import { hello } from '../app/hello.ts';
import { report } from '../app/report.ts';
import { DESIRED_HOLD_SECONDS, Hello, PROTOCOL, Report, type Rejection } from '../domain/host-protocol.ts';
import { RefusalError } from '../domain/refusal.ts';
import { BodyTooLarge, LIMITS, readBody, sendJson } from './body.ts';
import { heldPoll } from './held-poll.ts';

const STALE_RUN = 'another agent process of this host has said hello since; say hello again';
const BODY_MAX_BYTES = 4 * 1024 * 1024;

const Poll = z.object({ run: z.uuid(), after: z.coerce.number().int().nonnegative() });

/** `signal` ends held polls when the bot stops. */
export function createAgentsServer(app: App, signal: AbortSignal, limits: ServerOptions = LIMITS): Server {
  return createServer(limits, (request, response) => {
    serve(app, request, response, signal).catch((error: unknown) => {
      const path = request.url?.split('?')[0];
      if (error instanceof RefusalError && error.refusal.code === 'busy') {
        app.log.debug({ path }, 'others are deciding; the agent reports again');
        return reject(response, 503, 'busy', 'the ledger is busy; nothing was changed, report again');
      }
      app.log.error({ err: error, path }, 'an agent could not be answered');
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, { message: 'the bot could not do this; it is in its log' });
    });
  });
}

async function serve(app: App, request: IncomingMessage, response: ServerResponse, signal: AbortSignal): Promise<void> {
  const [path, query] = (request.url ?? '/').split('?', 2);
  const route = `${request.method} ${path}`;
  switch (route) {
    case 'POST /v1/hello': {
      const message = Hello.safeParse(await jsonBody(request, response));
      if (response.headersSent) return;
      if (!message.success) return reject(response, 400, 'bad_message', z.prettifyError(message.error));
      if (message.data.protocol !== PROTOCOL) return reject(response, 400, 'protocol_unsupported', `this bot speaks protocol ${PROTOCOL}`);
      return sendJson(response, 200, await hello(app, message.data));
    }
    case 'POST /v1/report': {
      const message = Report.safeParse(await jsonBody(request, response));
      if (response.headersSent) return;
      if (!message.success) return reject(response, 400, 'bad_message', z.prettifyError(message.error));
      const refused = await report(app, message.data);
      if (refused !== null) return reject(response, 409, refused, 'this report does not count; say hello again');
      return sendJson(response, 200, { protocol: PROTOCOL, applied: true });
    }
    case 'GET /v1/desired': {
      const ask = Poll.safeParse(Object.fromEntries(new URLSearchParams(query)));
      if (!ask.success) return reject(response, 400, 'bad_message', z.prettifyError(ask.error));
      const host = await hostOfRun(app, ask.data.run);
      if (host === null) return reject(response, 409, 'stale_run', STALE_RUN);
      const gone = new AbortController();
      response.once('close', () => gone.abort());
      const list = await heldPoll({
        ask: () => desired(app, { ...ask.data, host }),
        onWake: (wake) => app.wakes.on(`desired:${host}`, wake),
        holdMs: DESIRED_HOLD_SECONDS * 1000,
        signal: AbortSignal.any([signal, gone.signal]),
      });
      if (response.destroyed) return;
      if (list === 'stale_run') return reject(response, 409, 'stale_run', STALE_RUN);
      if (list === null) return void response.writeHead(204).end();
      return sendJson(response, 200, list);
    }
    default:
      return sendJson(response, 404, { message: 'not found' });
  }
}

/** The parsed body, or undefined after an answer has been sent. */
async function jsonBody(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
  try {
    return JSON.parse((await readBody(request, BODY_MAX_BYTES)).toString('utf8'), storable) as unknown;
  } catch (error) {
    if (error instanceof BodyTooLarge) reject(response, 413, 'bad_message', `more than ${BODY_MAX_BYTES} bytes`);
    else if (error instanceof SyntaxError) reject(response, 400, 'bad_message', 'not JSON');
    else throw error;
    return undefined;
  }
}

/** Names on a host may hold anything, also half a character where they were cut; PostgreSQL takes neither that nor NUL. */
function storable(_: string, value: unknown): unknown {
  return typeof value === 'string' ? value.replace(/[\p{Cc}\p{Cs}]/gu, '\uFFFD') : value;
}

function reject(response: ServerResponse, status: number, code: Rejection['code'], message: string): void {
  sendJson(response, status, { code, message: message.slice(0, 2000) } satisfies Rejection);
}
