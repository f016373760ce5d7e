// The conversation with the bot: hello, then the report and the desired loop side by side until the run is stale; then hello again.
import { type Hello, PROTOCOL, REPORT_EVERY_SECONDS, type Welcome } from '../domain/host-protocol.ts';
import type { Log } from '../log.ts';
import { type Backoff, backoff } from './backoff.ts';
import type { BotClient, Trouble } from './bot-client.ts';
import type { Host } from './host.ts';
import type { Pause } from './pause.ts';

export type SessionParts = {
  readonly bot: BotClient;
  readonly host: Host;
  readonly hello: () => Promise<Hello>;
  readonly pause: Pause;
  readonly random: () => number;
  readonly log: Log;
};

const WAIT = 250;
const WAIT_MAX = 15_000;
/** Milliseconds in which changes that come together are put into one report. */
const TOGETHER = 10;

/** Runs until `signal` aborts; survives whatever the bot does. */
export async function converse(parts: SessionParts, signal: AbortSignal): Promise<void> {
  const { bot, host, pause, random } = parts;
  const wait = backoff(WAIT, WAIT_MAX, random);
  while (!signal.aborted) {
    const hello = await parts.hello();
    const answer = await bot.hello(hello, signal);
    if (answer.kind === 'welcome') {
      parts.log.info(answer.welcome, 'welcome');
      try {
        await host.meet(answer.welcome.ledger);
        // Only a report that counted makes the next wait short: two agents of one name must not end each other's runs in a fast circle.
        await oneRun(parts, hello.host, answer.welcome, () => wait.reset(), signal);
      } catch (error) {
        parts.log.error({ err: error }, 'a run with the bot broke');
      }
    } else if (!signal.aborted) {
      note(parts, 'hello', answer);
    }
    await pause(wait.next(), signal);
  }
}

/** Both loops; each ends the other. */
async function oneRun(
  parts: SessionParts,
  hostName: string,
  { run, ledger }: Welcome,
  onReceived: () => void,
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  const both = AbortSignal.any([signal, over.signal]);
  const end = (): void => over.abort();
  await Promise.all([reportLoop(parts, hostName, run, onReceived, both).finally(end), desiredLoop(parts, run, ledger, both).finally(end)]);
}

/** Returns when the run is stale or `signal` aborts. */
async function reportLoop(parts: SessionParts, hostName: string, run: string, onReceived: () => void, signal: AbortSignal): Promise<void> {
  const { bot, host, pause, random } = parts;
  const wait = backoff(WAIT, WAIT_MAX, random);
  for (let sequence = 1; !signal.aborted; sequence += 1) {
    const answer = await bot.report({ protocol: PROTOCOL, host: hostName, run, sequence, ...host.content() }, signal);
    if (answer.kind === 'received') {
      onReceived();
      wait.reset();
      if ((await host.changed.wait(REPORT_EVERY_SECONDS * 1000, signal)) === 'rung') await pause(TOGETHER, signal);
    } else if (await overOrWaited(parts, 'report', answer, wait, signal)) {
      return;
    }
  }
}

/** Returns when the run is stale or `signal` aborts. */
async function desiredLoop(parts: SessionParts, run: string, ledger: string, signal: AbortSignal): Promise<void> {
  const { bot, host, pause, random, log } = parts;
  const wait = backoff(WAIT, WAIT_MAX, random);
  let after = 0;
  while (!signal.aborted) {
    const answer = await bot.desired(run, after, signal);
    if (answer.kind !== 'list' && answer.kind !== 'nothing') {
      if (await overOrWaited(parts, 'desired', answer, wait, signal)) return;
      continue;
    }
    // Nothing after 0 means that this host's revision is 0, which may be a ledger that went back.
    const list = answer.kind === 'list' ? answer.list : after === 0 ? { ledger, revision: 0, containers: [] } : null;
    if (list === null) continue;
    try {
      await host.offer(list);
      after = list.revision;
      wait.reset();
    } catch (error) {
      log.error({ err: error }, 'a list could not be taken over');
      await pause(wait.next(), signal);
    }
  }
}

/** True when it is over: the signal aborted, or only a new hello helps. */
async function overOrWaited(parts: SessionParts, what: string, trouble: Trouble, wait: Backoff, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return true;
  note(parts, what, trouble);
  if (trouble.kind === 'rejected' && (trouble.code === 'stale_run' || trouble.code === 'stale_sequence' || trouble.code === 'unknown_host'))
    return true;
  await parts.pause(wait.next(), signal);
  return false;
}

function note({ log }: SessionParts, what: string, trouble: Trouble): void {
  const { kind, ...more } = trouble;
  if (kind === 'rejected' && trouble.code === 'busy') log.debug({ call: what, ...more }, 'the bot is busy');
  else log.warn({ call: what, ...more }, `the bot is ${kind === 'rejected' ? 'not willing' : 'not reachable'}`);
}
