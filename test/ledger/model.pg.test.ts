// Whatever happens in whatever order, at two bots on one PostgreSQL: the ledger says what a model of its specification says.
//
// BERTH_MODEL_STEPS=100000 runs it for longer, by a seed of its own unless BERTH_MODEL_SEED names one.
import { randomInt } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { operation, type Operation } from './model-operations.ts';
import { reduce } from './model-reduce.ts';
import { startScene } from './model-scene.ts';
import { step } from './model-steps.ts';

const SHORT = { steps: 330, seed: 20_260_302, longest: 110 };
const long = process.env['BERTH_MODEL_STEPS'];
const wanted = long === undefined ? SHORT.steps : Number(long);
const longest = long === undefined ? SHORT.longest : 300;
const seed = Number(process.env['BERTH_MODEL_SEED'] ?? (long === undefined ? SHORT.seed : randomInt(2 ** 31)));
/** How long a failure is made shorter, in milliseconds. */
const REDUCE_MS = long === undefined ? 20_000 : 120_000;
/** A step takes some 15 ms on a machine that does nothing else. */
const timeout = 30_000 + 2 * REDUCE_MS + wanted * 100;

const happened = new Map<string, number>();
let steps = 0;

/** Does them on a ledger of their own. Returns those up to the first after which the two differ, with what differs; or null. */
async function differ(operations: readonly Operation[]): Promise<{ readonly until: readonly Operation[]; readonly error: unknown } | null> {
  const scene = await startScene((what) => happened.set(what, (happened.get(what) ?? 0) + 1));
  try {
    for (const [index, one] of operations.entries()) {
      try {
        await step(scene, one);
        steps++;
      } catch (error) {
        return { until: operations.slice(0, index + 1), error };
      }
    }
    return null;
  } finally {
    await scene.berth.end();
  }
}

it(`agrees with its model over ${wanted} operations and more`, { timeout }, async () => {
  const started = performance.now();
  const alike = fc.asyncProperty(fc.array(operation, { minLength: 1, maxLength: longest, size: 'max' }), async (operations) => {
    if (steps >= wanted) return;
    const found = await differ(operations);
    if (found === null) return;
    const late = performance.now() + REDUCE_MS;
    const shortest = await reduce(
      found.until,
      async (some) => (await differ(some)) !== null,
      () => performance.now() > late,
    );
    const last = (await differ(shortest)) ?? found;
    const story = shortest.map((one) => JSON.stringify(one)).join('\n');
    throw new Error(`after ${shortest.length} of ${found.until.length} operations:\n${story}`, { cause: last.error });
  });
  try {
    // Lengths are even between 1 and the longest: so many runs are enough. Those left over do nothing.
    await fc.assert(alike, { seed, numRuns: 20 + Math.ceil((wanted * 3) / longest), unbiased: true, endOnFailure: true });
  } finally {
    const seconds = (performance.now() - started) / 1000;
    const kinds = [...happened].map(([what, count]) => `${what} ${count}`).toSorted((a, b) => (a < b ? -1 : 1));
    // oxlint-disable-next-line no-console -- what a long run was, for whoever started it
    console.log(`model: seed ${seed}, ${steps} steps in ${seconds.toFixed(1)} s\n  ${kinds.join('\n  ')}`);
  }
  expect(steps).toBeGreaterThanOrEqual(wanted);
});
