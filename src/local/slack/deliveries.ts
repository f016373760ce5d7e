// Sends payloads to the app as Slack does: signed HTTP or a Socket Mode envelope, three seconds for the ack, resends on demand.
import { createHmac } from 'node:crypto';
import { request } from 'node:http';
import type { Clock } from '../../domain/time.ts';
import type { Envelope, SocketMode } from './socket-mode.ts';
import type { Json, JsonObject } from './state.ts';

export type Target =
  /** Several addresses: in turn, as behind a load balancer. */
  { readonly kind: 'http'; readonly url: string | readonly string[] } | { readonly kind: 'socket' };

export interface Delivery {
  readonly kind: 'command' | 'interactive' | 'event';
  readonly payload: JsonObject;
  /** It tells the app of its own message, not of a member's doing. */
  readonly echo?: boolean;
}

export type Ack =
  | { readonly outcome: 'acked'; readonly status: number; readonly body: Json }
  | { readonly outcome: 'timeout' }
  | { readonly outcome: 'failed'; readonly status?: number; readonly reason: string };

export interface ResendOptions {
  /** 'retry' (default): as Slack redelivers, freshly signed, events with retry headers. 'copy': HTTP headers and body byte for byte. */
  how?: 'retry' | 'copy';
  retryNum?: number;
  retryReason?: string;
  /** HTTP only: the timestamp lies this many seconds ahead (negative: behind), correctly signed. */
  stampOffsetSeconds?: number;
  /** HTTP only: signed with this secret instead of ours. */
  signingSecret?: string;
}

export interface Deliveries {
  target: Target | undefined;
  send(delivery: Delivery): Promise<Ack>;
  /** Sends the newest (or the given) delivery of a member's doing once more. */
  resend(options?: ResendOptions, delivery?: Delivery): Promise<Ack>;
  /** The newest 2000 deliveries, oldest first, without resends. */
  readonly log: readonly Delivery[];
  close(): void;
}

interface Sent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** How many deliveries are remembered for resending. */
const KEPT = 2000;

const ENVELOPES: Readonly<Record<Delivery['kind'], Envelope['type']>> = {
  command: 'slash_commands',
  interactive: 'interactive',
  event: 'events_api',
};

export interface DeliveryOptions {
  readonly signingSecret: string;
  readonly ackDeadlineMs: number;
  /** The time that signatures carry: real time, because Bolt compares it with its own. */
  readonly signingClock: Clock;
  readonly socketMode: SocketMode;
}

export function createDeliveries(options: DeliveryOptions): Deliveries {
  const log: Delivery[] = [];
  const sent = new Map<Delivery, Sent>();
  const running = new Set<AbortController>();
  let turn = 0;

  async function attempt(delivery: Delivery, again: ResendOptions | undefined): Promise<Ack> {
    const { target } = deliveries;
    if (target === undefined) return { outcome: 'failed', reason: 'no app is connected' };
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(new Error('no ack in time')), options.ackDeadlineMs);
    running.add(controller);
    try {
      if (target.kind === 'socket') return await overSocket(delivery, again, controller.signal);
      const urls = [target.url].flat();
      turn += 1;
      return await overHttp(delivery, again, urls[turn % urls.length] ?? '', controller.signal);
    } catch (error) {
      return controller.signal.aborted ? { outcome: 'timeout' } : { outcome: 'failed', reason: String(error) };
    } finally {
      clearTimeout(timer);
      running.delete(controller);
    }
  }

  async function overSocket(delivery: Delivery, again: ResendOptions | undefined, signal: AbortSignal): Promise<Ack> {
    const retry = again === undefined ? {} : { retryAttempt: again.retryNum ?? 1, retryReason: again.retryReason ?? 'timeout' };
    const ack = options.socketMode.deliver({ type: ENVELOPES[delivery.kind], payload: delivery.payload, ...retry }, signal);
    if (ack === undefined) return { outcome: 'failed', reason: 'no socket is connected' };
    return { outcome: 'acked', status: 200, body: (await ack).payload };
  }

  async function overHttp(delivery: Delivery, again: ResendOptions | undefined, url: string, signal: AbortSignal): Promise<Ack> {
    const copied = again?.how === 'copy' ? sent.get(delivery) : undefined;
    const { headers, body } = copied ?? sign(delivery, again, options);
    if (again === undefined) sent.set(delivery, { headers, body });
    const answer = await post(url, headers, body, signal);
    if (answer.status !== 200) return { outcome: 'failed', status: answer.status, reason: `the app answered ${answer.status}` };
    return { outcome: 'acked', status: answer.status, body: parseAck(answer.body) };
  }

  const deliveries: Deliveries = {
    target: undefined,
    log,
    send(delivery) {
      log.push(delivery);
      if (log.length > KEPT) sent.delete(log.shift() ?? delivery);
      return attempt(delivery, undefined);
    },
    resend(again = {}, delivery = log.findLast((each) => each.echo !== true)) {
      if (delivery === undefined) throw new Error('Nothing was delivered yet.');
      return attempt(delivery, again);
    },
    close() {
      for (const controller of running) controller.abort(new Error('local Slack is closing'));
    },
  };
  return deliveries;
}

function sign(delivery: Delivery, again: ResendOptions | undefined, options: DeliveryOptions): Sent {
  const body = encode(delivery);
  const stamp = Math.floor(options.signingClock.now().getTime() / 1000) + (again?.stampOffsetSeconds ?? 0);
  const secret = again?.signingSecret ?? options.signingSecret;
  const signature = `v0=${createHmac('sha256', secret).update(`v0:${stamp}:${body}`).digest('hex')}`;
  const retry =
    again === undefined || delivery.kind !== 'event'
      ? {}
      : { 'x-slack-retry-num': String(again.retryNum ?? 1), 'x-slack-retry-reason': again.retryReason ?? 'http_timeout' };
  return {
    body,
    headers: {
      'content-type': delivery.kind === 'event' ? 'application/json' : 'application/x-www-form-urlencoded',
      accept: 'application/json,*/*',
      'user-agent': 'Slackbot 1.0 (local stand-in)',
      'x-slack-request-timestamp': String(stamp),
      'x-slack-signature': signature,
      ...retry,
    },
  };
}

function encode({ kind, payload }: Delivery): string {
  if (kind === 'event') return JSON.stringify(payload);
  if (kind === 'interactive') return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  return new URLSearchParams(
    Object.entries(payload).map(([name, value]): [string, string] => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  ).toString();
}

function parseAck(body: string): Json {
  try {
    return JSON.parse(body) as Json;
  } catch {
    return body;
  }
}

/** One POST on a connection of its own, so that a restarted app never meets a stale one. */
function post(url: string, headers: Sent['headers'], body: string, signal: AbortSignal): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const length = { 'content-length': String(Buffer.byteLength(body)) };
    const outgoing = request(url, { method: 'POST', headers: { ...headers, ...length }, agent: false, signal }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
