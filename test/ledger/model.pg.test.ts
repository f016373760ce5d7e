// Whatever happens in whatever order, at two bots on one PostgreSQL: the ledger says what a model of its specification says.
//
// BERTH_MODEL_STEPS=100000 runs it for longer, by a seed of its own unless BERTH_MODEL_SEED names one.
import { randomInt } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { operation, type Operation } from './model-operations.ts';
import { reduce } from './model-reduce.ts';
import { makeGround, startScene, type Ground } from './model-scene.ts';
import { step } from './model-steps.ts';

const SHORT = { steps: 330, seed: 20_260_302, longest: 110 };
const long = process.env['BERTH_MODEL_STEPS'];
const wanted = long === undefined ? SHORT.steps : Number(long);
const longest = long === undefined ? SHORT.longest : 300;
const seed = Number(process.env['BERTH_MODEL_SEED'] ?? (long === undefined ? SHORT.seed : randomInt(2 ** 31)));
/** Databases that are worked on at once: while one waits for PostgreSQL, another one can be compared. */
const LANES = long === undefined ? 1 : 3;
/** Verifying the whole ledger takes longer than a step: it is done after each twentieth, at the end, and after each when a failure is made shorter. */
const SOUND_EVERY = 20;
/** How long a failure is made shorter, in milliseconds. */
const REDUCE_MS = long === undefined ? 20_000 : 120_000;
/** A step takes some 7 ms on a machine that does nothing else. */
const timeout = 30_000 + 2 * REDUCE_MS + wanted * 100;

const happened = new Map<string, number>();
const note = (what: string) => happened.set(what, (happened.get(what) ?? 0) + 1);
let steps = 0;
/** One lane has found a difference: the others end. */
let found = false;

/** Does them on an empty ledger. Returns those up to the first after which the two were seen to differ, with what differs; or null. */
async function differ(
  ground: Ground,
  operations: readonly Operation[],
  soundEvery: number,
): Promise<{ readonly until: readonly Operation[]; readonly error: unknown } | null> {
  const scene = await startScene(ground, note);
  for (const [index, one] of operations.entries()) {
    try {
      const done = index + 1;
      await step(scene, one, done % soundEvery === 0 || done === operations.length);
      steps++;
    } catch (error) {
      return { until: operations.slice(0, index + 1), error };
    }
  }
  return null;
}

/** As few operations as fail, with what differs after them. */
async function shortestOf(ground: Ground, failing: readonly Operation[], error: unknown): Promise<Error> {
  const late = performance.now() + REDUCE_MS;
  const first = await differ(ground, failing, 1);
  const shortest = await reduce(
    first?.until ?? failing,
    async (some) => (await differ(ground, some, 1)) !== null,
    () => performance.now() > late,
  );
  const last = await differ(ground, shortest, 1);
  const story = shortest.map((one) => JSON.stringify(one)).join('\n');
  return new Error(`after ${shortest.length} of ${failing.length} operations:\n${story}`, { cause: last?.error ?? first?.error ?? error });
}

/** Those runs of a seed that are this lane's, one after the other on one database. */
async function runLane(lane: number): Promise<void> {
  const ground = await makeGround();
  try {
    const alike = fc.asyncProperty(fc.array(operation, { minLength: 1, maxLength: longest, size: 'max' }), async (operations) => {
      if (steps >= wanted || found) return;
      const difference = await differ(ground, operations, SOUND_EVERY);
      if (difference === null) return;
      found = true;
      throw await shortestOf(ground, difference.until, difference.error);
    });
    // Lengths are even between 1 and the longest: so many runs are enough. Those left over do nothing.
    const numRuns = 20 + Math.ceil((wanted * 3) / longest);
    const { errorInstance } = await fc.check(alike, { seed: seed + lane, numRuns, unbiased: true, endOnFailure: true });
    if (errorInstance !== null) throw errorInstance;
  } finally {
    await ground.berth.end();
  }
}

it(`agrees with its model over ${wanted} operations and more`, { timeout }, async () => {
  const started = performance.now();
  const ended = await Promise.allSettled(Array.from({ length: LANES }, (_, lane) => runLane(lane)));
  const seconds = (performance.now() - started) / 1000;
  const kinds = [...happened].map(([what, count]) => `${what} ${count}`).toSorted((a, b) => (a < b ? -1 : 1));
  // oxlint-disable-next-line no-console -- what a long run was, for whoever started it
  console.log(`model: seed ${seed}, ${steps} steps in ${seconds.toFixed(1)} s\n  ${kinds.join('\n  ')}`);
  for (const lane of ended) if (lane.status === 'rejected') throw lane.reason;
  expect(steps).toBeGreaterThanOrEqual(wanted);
});
