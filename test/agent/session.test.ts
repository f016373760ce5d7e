// The conversation with the bot: when the agent says hello again, how long it waits, and what it asks for.
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { backoff } from '../../src/agent/backoff.ts';
import type { BotClient, Trouble } from '../../src/agent/bot-client.ts';
import type { Host, List } from '../../src/agent/host.ts';
import { bell } from '../../src/agent/pause.ts';
import { converse } from '../../src/agent/session.ts';
import type { Hello, Report } from '../../src/domain/host-protocol.ts';

const LEDGER = '6e0f1d6e-8f57-4a33-9b52-0c8a54f6f9a1';
const away: Trouble = { kind: 'unreachable', detail: 'connect ENOENT' };
const stale: Trouble = { kind: 'rejected', code: 'stale_run', message: '' };
const hello: Hello = {
  protocol: 1,
  host: 'gpu-1',
  agentVersion: '0',
  engine: { kind: 'simulated', version: '1' },
  gpus: 'none',
  driver: null,
  labels: [],
};

it('waits double each time up to the limit, shortened by up to half, and short again after a success', () => {
  const full = backoff(250, 3000, () => 0);
  expect(Array.from({ length: 6 }, () => full.next())).toEqual([250, 500, 1000, 2000, 3000, 3000]);
  full.reset();
  expect(full.next()).toBe(250);
  const half = backoff(250, 3000, () => 0.999_999);
  expect([half.next(), half.next()]).toEqual([125, 250]);
});

/** Runs the conversation against scripted answers until they are used up; every wait takes no time and is noted. */
async function converseWith(script: {
  hello: Trouble[];
  report: (Trouble | 'received')[];
  desired: (Trouble | 'nothing' | List)[];
}): Promise<{ calls: string[]; waits: number[]; offered: number[]; reports: Report[] }> {
  const end = new AbortController();
  const calls: string[] = [];
  const waits: number[] = [];
  const offered: number[] = [];
  const reports: Report[] = [];
  const forever = (signal: AbortSignal): Promise<never> =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('over')));
      if (script.hello.length + script.report.length + script.desired.length === 0) setImmediate(() => end.abort());
    });
  const quiet = (signal: AbortSignal): Promise<Trouble> => forever(signal).catch(() => away);
  let runs = 0;
  const bot: BotClient = {
    async hello() {
      calls.push('hello');
      runs += 1;
      return script.hello.shift() ?? { kind: 'welcome', welcome: { protocol: 1, ledger: LEDGER, run: `run-${runs}` } };
    },
    async report(report, signal) {
      reports.push(report);
      const next = script.report.shift();
      return next === undefined ? quiet(signal) : next === 'received' ? { kind: 'received' } : next;
    },
    async desired(run, after, signal) {
      calls.push(`desired ${run} after ${after}`);
      const next = script.desired.shift();
      if (next === undefined) return quiet(signal);
      if (next === 'nothing') return { kind: 'nothing' };
      return 'revision' in next ? { kind: 'list', list: { protocol: 1, host: 'gpu-1', ...next } } : next;
    },
  };
  const changed = { ...bell(), wait: async () => 'time' as const };
  const host: Host = {
    offer: async ({ revision }) => void offered.push(revision),
    meet: async () => undefined,
    content: () => ({ appliedRevision: 0, allocations: [], orphans: [], devices: null, problems: [] }),
    changed,
    look: bell(),
    run: async () => undefined,
  };
  const pause = async (milliseconds: number): Promise<void> => void waits.push(milliseconds);
  await converse({ bot, host, hello: async () => hello, pause, random: () => 0, log: pino({ level: 'silent' }) }, end.signal);
  return { calls, waits, offered, reports };
}

it('says hello until it is answered, waiting longer each time', async () => {
  const { waits } = await converseWith({ hello: [away, away, away, away], report: [], desired: [] });
  expect(waits.slice(0, 4)).toEqual([250, 500, 1000, 2000]);
});

it('asks after what it took over, and reads silence after 0 as revision 0', async () => {
  const list = (revision: number): List => ({ ledger: LEDGER, revision, containers: [] });
  const { calls, offered } = await converseWith({ hello: [], report: [], desired: ['nothing', list(7), 'nothing', list(8)] });
  expect(offered).toEqual([0, 7, 8]);
  expect(calls).toEqual([
    'hello',
    'desired run-1 after 0',
    'desired run-1 after 0',
    'desired run-1 after 7',
    'desired run-1 after 7',
    'desired run-1 after 8',
  ]);
});

it('a stale run ends both loops and begins a new run from revision 0 and sequence 1', async () => {
  const { calls, reports } = await converseWith({ hello: [], report: ['received', 'received', stale], desired: [] });
  expect(calls.filter((call) => call === 'hello')).toHaveLength(2);
  expect(calls.at(-1)).toBe('desired run-2 after 0');
  expect(reports.map(({ run, sequence }) => `${run} ${sequence}`)).toEqual(['run-1 1', 'run-1 2', 'run-1 3', 'run-2 1']);
});

it('two agents of one name do not end each other in a fast circle', async () => {
  const { waits } = await converseWith({ hello: [], report: [stale, stale, stale, stale], desired: [] });
  expect(waits.slice(0, 4)).toEqual([250, 500, 1000, 2000]);
});

it('a busy bot costs no run: the next report says it again, after a longer wait each time', async () => {
  const busy: Trouble = { kind: 'rejected', code: 'busy', message: '' };
  const { calls, reports, waits } = await converseWith({ hello: [], report: [busy, busy, 'received'], desired: [] });
  expect(calls.filter((call) => call === 'hello')).toHaveLength(1);
  expect(reports.map(({ run, sequence }) => `${run} ${sequence}`)).toEqual(['run-1 1', 'run-1 2', 'run-1 3', 'run-1 4']);
  expect(waits.slice(0, 2)).toEqual([250, 500]);
});

it('an unreachable bot costs neither the run nor the list', async () => {
  const { calls, waits } = await converseWith({
    hello: [],
    report: [],
    desired: [away, away, { ledger: LEDGER, revision: 7, containers: [] }],
  });
  expect(calls.filter((call) => call === 'hello')).toHaveLength(1);
  expect(waits.slice(0, 2)).toEqual([250, 500]);
});
