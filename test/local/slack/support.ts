// A real Bolt app connected to a local Slack, over signed HTTP or Socket Mode, and a clock that tests move.
import { App, HTTPReceiver, LogLevel, SocketModeReceiver } from '@slack/bolt';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { moment, type Clock } from '../../../src/domain/time.ts';
import { startLocalSlack, type LocalSlack, type LocalSlackOptions } from '../../../src/local/slack/local-slack.ts';

export function movableClock(start = 1_790_000_000_000): Clock & { move(seconds: number): void } {
  let at = start;
  return {
    now: () => moment(at),
    move(seconds) {
      at += seconds * 1000;
    },
  };
}

export const ADA = 'U0ADA';
export const BEN = 'U0BEN';

/** Local Slack with Ada in Berlin, Ben in New York and #gpu-approvers; closed when the test ends. */
export async function slackWithTwo(options: Partial<LocalSlackOptions> = {}): Promise<{ slack: LocalSlack; channel: string }> {
  const slack = await startLocalSlack({
    clock: movableClock(),
    ...options,
    seed: {
      members: [
        { id: ADA, name: 'ada', tz: 'Europe/Berlin' },
        { id: BEN, name: 'ben', tz: 'America/New_York' },
      ],
    },
  });
  onTestFinished(() => slack.close());
  const channel = slack.addChannel({ name: 'gpu-approvers', members: [ADA, BEN] }).id;
  return { slack, channel };
}

type Register = (app: App) => void;

/** A Bolt app over signed HTTP on a free port; deliveries go to it when this resolves. */
export async function boltOverHttp(slack: LocalSlack, register: Register): Promise<{ app: App; url: string }> {
  const receiver = new HTTPReceiver({ signingSecret: slack.signingSecret, logLevel: LogLevel.ERROR });
  const app = new App({
    token: slack.botToken,
    receiver,
    deferInitialization: true,
    convoStore: false,
    logLevel: LogLevel.ERROR,
    clientOptions: { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true },
  });
  register(app);
  await app.init();
  const server = createServer((request, response) => receiver.requestListener(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`;
  slack.deliverTo({ kind: 'http', url });
  return { app, url };
}

/** A Bolt app over real Socket Mode, connected when this resolves. */
export async function boltOverSocket(slack: LocalSlack, register: Register): Promise<App> {
  const app = new App({
    token: slack.botToken,
    receiver: new SocketModeReceiver({
      appToken: slack.appToken,
      // Also the pause before a reconnection; a busy machine answers no ping within a few milliseconds.
      clientPingTimeout: 1000,
      logLevel: LogLevel.ERROR,
      installerOptions: { clientOptions: { slackApiUrl: slack.apiUrl } },
    }),
    deferInitialization: true,
    convoStore: false,
    logLevel: LogLevel.ERROR,
    clientOptions: { slackApiUrl: slack.apiUrl },
  });
  register(app);
  await app.init();
  await app.start();
  onTestFinished(async () => {
    await app.stop();
  });
  slack.deliverTo({ kind: 'socket' });
  return app;
}

/** A promise and its resolve, for a listener to tell the test that it got there. */
export function signal<T>(): { reached: Promise<T>; reach: (value: T) => void } {
  let reach: (value: T) => void = () => undefined;
  const reached = new Promise<T>((resolve) => {
    reach = resolve;
  });
  return { reached, reach };
}

/** Requests as the page makes them, with the key of this start. */
export async function browser(slack: LocalSlack) {
  const entered = await fetch(slack.pageUrl, { redirect: 'manual' });
  const cookie = (entered.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  const headers = { cookie, 'content-type': 'application/json' };
  return {
    get: (path: string, init: RequestInit = {}) => fetch(slack.origin + path, { headers, redirect: 'manual', ...init }),
    post: (path: string, body: object) => fetch(slack.origin + path, { method: 'POST', headers, body: JSON.stringify(body) }),
  };
}
