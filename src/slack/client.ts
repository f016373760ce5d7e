// The Web API clients. Neither retries: a look-up has to answer at once or not at all, and the outbox itself repeats.
import { LogLevel, WebClient, type WebClientOptions } from '@slack/web-api';
import type { Log } from '../log.ts';

export interface Clients {
  readonly lookup: WebClient;
  readonly outbox: WebClient;
}

export interface SlackAccess {
  readonly botToken: string;
  /** Ends with a slash; Slack's own when undefined. */
  readonly apiUrl: string | undefined;
  /** Name of the slash command, with its slash. */
  readonly command: string;
}

export function createClients({ botToken, apiUrl }: Pick<SlackAccess, 'botToken' | 'apiUrl'>, log: Log): Clients {
  const common: WebClientOptions = {
    logger: boltLogger(log),
    retryConfig: { retries: 0 },
    // Otherwise one "too many calls" pauses everybody's calls for as long as Slack asks.
    rejectRateLimitedCalls: true,
    ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl }),
  };
  return {
    // Asked before a delivery is acknowledged, so within Slack's three seconds.
    lookup: new WebClient(botToken, { ...common, timeout: 2000 }),
    outbox: new WebClient(botToken, { ...common, timeout: 10_000 }),
  };
}

/** Slack's libraries log through ours, above debug only: their debug lines print bodies. */
export function boltLogger(log: Log) {
  const say = (parts: unknown[]) => parts.map((part) => (part instanceof Error ? part.message : String(part))).join(' ');
  return {
    debug: () => undefined,
    info: (...parts: unknown[]) => log.debug(say(parts)),
    warn: (...parts: unknown[]) => log.warn(say(parts)),
    error: (...parts: unknown[]) => log.error(say(parts)),
    setLevel: () => undefined,
    getLevel: () => LogLevel.INFO,
    setName: () => undefined,
  };
}
