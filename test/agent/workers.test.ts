// One worker per allocation: in order, once, given up when the list changes its mind, later again when it did not work.
import { pino } from 'pino';
import { expect, it } from 'vitest';
import type { Outcome } from '../../src/agent/outcome.ts';
import { type Workers, workers } from '../../src/agent/workers.ts';
import type { Plan, Step } from '../../src/domain/reconcile.ts';
import { desired } from '../support/agent-desired.ts';

const want = desired();
const bring: Plan = {
  allocation: 'al-aaaaaa',
  goal: 'running:5',
  steps: [
    { kind: 'create', want },
    { kind: 'start', want, container: 'berth-al-aaaaaa' },
  ],
};
const clear: Plan = {
  allocation: 'al-bbbbbb',
  goal: 'stopped:5',
  steps: [
    { kind: 'stop', container: 'c', graceSeconds: 30 },
    { kind: 'remove', container: 'c' },
  ],
};
const list = [want, desired({ allocation: 'al-bbbbbb', wanted: 'stopped' })];

type Scene = { crew: Workers; done: string[]; waits: number[]; ends: () => Promise<void> };

function scene(execute: (step: Step, signal: AbortSignal) => Promise<Outcome> | Outcome): Scene {
  const done: string[] = [];
  const waits: number[] = [];
  const ended: (() => void)[] = [];
  const crew = workers({
    execute: async (step, signal) => {
      done.push(step.kind);
      return execute(step, signal);
    },
    onEnd: () => ended.shift()?.(),
    pause: async (milliseconds) => void waits.push(milliseconds),
    random: () => 0,
    log: pino({ level: 'silent' }),
  });
  return { crew, done, waits, ends: () => new Promise((resolve) => ended.push(resolve)) };
}

it('does the steps in order', async () => {
  const { crew, done, ends } = scene(() => ({ kind: 'done' }));
  const end = ends();
  crew.take([bring], list);
  expect([...crew.busy().keys()]).toEqual(['al-aaaaaa']);
  await end;
  expect(done).toEqual(['create', 'start']);
  expect(crew.busy().size).toBe(0);
});

it('slow work on one allocation delays no other, and is not begun twice', async () => {
  const slow = deferred();
  const { crew, done, ends } = scene((step) => (step.kind === 'stop' ? slow.promise : { kind: 'done' }));
  const end = ends();
  crew.take([clear, bring], list);
  await end;
  crew.take([clear], list);
  expect(done).toEqual(['stop', 'create', 'start']);
  const second = ends();
  slow.resolve({ kind: 'done' });
  await second;
  expect(done).toEqual(['stop', 'create', 'start', 'remove']);
});

it('a failure clears away and remembers instead of going on', async () => {
  const { crew, done, ends } = scene((step) =>
    step.kind === 'create' ? { kind: 'failed', code: 'image_missing', detail: 'x' } : { kind: 'done' },
  );
  const end = ends();
  crew.take([bring], list);
  await end;
  expect(done).toEqual(['create', 'discard']);
});

it('what did not work is planned anew after a wait that grows, and says why meanwhile', async () => {
  const { crew, waits, ends } = scene(() => ({ kind: 'retry', detail: 'no answer' }));
  for (let round = 0; round < 3; round += 1) {
    const end = ends();
    crew.take([bring], list);
    await end;
  }
  expect(waits).toEqual([500, 1000, 2000]);
});

it('a step that throws is tried again, not taken for a failure of the container', async () => {
  const { crew, done, ends } = scene(() => {
    throw new Error('disk full');
  });
  const end = ends();
  crew.take([bring], list);
  await end;
  expect(done).toEqual(['create']);
});

it('work towards something no longer wanted is given up after the step under way', async () => {
  const slow = deferred();
  const { crew, done, ends } = scene(() => slow.promise);
  const end = ends();
  crew.take([bring], list);
  crew.take([], [desired({ wanted: 'stopped' })]);
  slow.resolve({ kind: 'done' });
  await end;
  expect(done).toEqual(['create']);
});

function deferred(): { promise: Promise<Outcome>; resolve: (outcome: Outcome) => void } {
  let resolve: (outcome: Outcome) => void = () => undefined;
  const promise = new Promise<Outcome>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
