// How deliveries come in: signed HTTP on a server of our own, or Socket Mode; the rest of the bot cannot tell them apart.
import { setTimeout as pause } from 'node:timers/promises';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import { HTTPModuleFunctions, HTTPReceiver, isRawBodyError, SocketModeReceiver, type Receiver } from '@slack/bolt';
import type { Log } from '../log.ts';
import { boltLogger } from './client.ts';

export interface SlackTransport {
  readonly apiUrl: string | undefined;
  readonly transport: { readonly kind: 'http'; readonly signingSecret: string } | { readonly kind: 'socket'; readonly appToken: string };
}

export interface SlackReceiver {
  readonly receiver: Receiver;
  /** The HTTP server to be bound, or null in Socket Mode. */
  readonly server: Server | null;
  start(): Promise<void>;
  /** Takes no more deliveries. */
  stop(): Promise<void>;
}

/** Socket Mode never ends its stop while Slack is away: it waits for a farewell that does not come. */
const STOP_WITHIN_MS = 3000;
/** Slack's own clock may be ahead of ours by this much; Bolt refuses only requests from the past. */
const AHEAD_MAX_SECONDS = 60;
const PATH = '/slack/events';
/** Slack's largest deliveries are a few hundred kilobytes. */
const BODY_MAX_BYTES = 1024 * 1024;
/** Milliseconds; whoever is slower is cut off. */
const LIMITS: ServerOptions = { headersTimeout: 5000, requestTimeout: 10_000, connectionsCheckingInterval: 1000 };

export function createSlackReceiver(
  { apiUrl, transport }: SlackTransport,
  log: Log,
  nowSeconds: () => number,
  limits: ServerOptions = LIMITS,
): SlackReceiver {
  const logger = boltLogger(log);
  if (transport.kind === 'socket') {
    const receiver = new SocketModeReceiver({
      appToken: transport.appToken,
      // Its reconnection closes first and opens after this long: the default of 5 s loses commands in the gap.
      clientPingTimeout: 1500,
      logger,
      installerOptions: apiUrl === undefined ? {} : { clientOptions: { slackApiUrl: apiUrl } },
    });
    const start = async () => {
      await receiver.start();
    };
    return { receiver, server: null, start, stop: () => Promise.race([receiver.stop(), pause(STOP_WITHIN_MS)]) };
  }
  const { signingSecret } = transport;
  const receiver = new HTTPReceiver({ signingSecret, endpoints: [PATH], logger });
  const server = createServer(limits, screened(receiver.requestListener, { signingSecret, nowSeconds, log }));
  return { receiver, server, start: async () => undefined, stop: async () => undefined };
}

interface Screen {
  readonly signingSecret: string;
  readonly nowSeconds: () => number;
  readonly log: Log;
}

/** Lets through only what Slack signed a moment ago and what is an object: on anything else Bolt fails, for `null` with the process. */
function screened(bolt: RequestListener, screen: Screen): RequestListener {
  return (request, response) => {
    const status = early(request, screen.nowSeconds());
    if (status !== null) return refuse(response, status);
    void late(request, screen).then((refusal) => {
      if (refusal !== null) return refuse(response, refusal);
      return bolt(request, response);
    });
  };
}

/** The HTTP status that the head of the request is refused with, or null. */
function early({ url, method, headers }: IncomingMessage, nowSeconds: number): number | null {
  if (url?.split('?')[0] !== PATH) return 404;
  if (method !== 'POST') return 405;
  if (Number(headers['content-length'] ?? 0) > BODY_MAX_BYTES) return 413;
  return Number(headers['x-slack-request-timestamp'] ?? 0) - nowSeconds > AHEAD_MAX_SECONDS ? 401 : null;
}

/** The status that the whole request is refused with, or null; it holds its body then, for Bolt. Never rejects. */
async function late(request: IncomingMessage, { signingSecret, log }: Screen): Promise<number | null> {
  let read: Awaited<ReturnType<typeof HTTPModuleFunctions.parseAndVerifyHTTPRequest>>;
  try {
    read = await HTTPModuleFunctions.parseAndVerifyHTTPRequest({ signingSecret, bodyLimit: BODY_MAX_BYTES }, request);
  } catch (error) {
    log.warn({ reason: error instanceof Error ? error.message : String(error) }, 'a request was refused before it was read');
    return isRawBodyError(error) && error.statusCode === 413 ? 413 : 401;
  }
  try {
    const body: unknown = HTTPModuleFunctions.parseHTTPRequestBody(read);
    return typeof body === 'object' && body !== null && !Array.isArray(body) ? null : 400;
  } catch {
    return 400;
  }
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { connection: 'close' }).end();
}
