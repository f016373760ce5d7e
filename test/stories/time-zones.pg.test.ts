// Scenario 23: every clock of the ledger is UTC, whatever zone the bot's process is in, and whatever a member's clock does on the way.
import { sql } from 'drizzle-orm';
import { afterEach, expect, it, vi } from 'vitest';
import { expire } from '../../src/app/expire.ts';
import { place } from '../../src/app/place.ts';
import { rollOverBudgets } from '../../src/app/roll-over-budgets.ts';
import { verifyLedger } from '../../src/app/verify-ledger.ts';
import { parseMoment } from '../../src/domain/time.ts';
import { sees, testHost } from '../support/app.ts';
import { movableClock } from '../support/clock.ts';
import { testPolicy } from '../support/policy.ts';
import { people, startStory, type Story } from '../support/story.ts';

const { ada, bob } = people;
const pools = testPolicy().pools.map((pool) => ({ ...pool, approval: 'none', maxDuration: '7d' }));
const policy = testPolicy({ pools, quota: { gpus: 4, gpusPerRequest: 2, cpuContainers: 2, gpuHours: 500 } });

let story: Story | null = null;
afterEach(async () => {
  vi.unstubAllEnvs();
  await story?.end();
  story = null;
});

/** The story in a process of that zone, and what the ledger has of it, with ids as in their order. */
async function ledgerOf(zone: string, offsetInMarch: number): Promise<Record<string, unknown[]>> {
  vi.stubEnv('TZ', zone);
  expect(parseMoment('2026-03-28T12:00:00Z').getTimezoneOffset()).toBe(offsetInMarch);
  // A Thursday; clocks in Berlin are set forward on the Sunday.
  const clock = movableClock('2026-03-26T10:00:00Z');
  story = await startStory({ policy, clock });
  const { ledger, gpu, until } = story;
  const app = story.bots[0]?.app;
  if (app === undefined) throw new Error('no bot');
  const host = await testHost(app, 'gpu-01', 4);
  await host.report([]);
  const ids: string[] = [];
  const stateOf = async (id: string) => (await ledger.reads.query.allocations.findFirst({ where: (t, { eq }) => eq(t.id, id) }))?.state;
  /** The host does what it is told, and says so. */
  const report = async () => {
    const all = await ledger.reads.query.allocations.findMany();
    await host.report(
      all.flatMap(({ id, state, fence }) => {
        if (state === 'placed' || state === 'active') return [sees.running(id, fence ?? 0)];
        return state === 'retiring' ? [sees.stopped(id, fence ?? 0)] : [];
      }),
    );
  };
  /** What runs was heard of a second before; nothing of the story hangs on whether a report or the clock comes first. */
  const moveTo = async (at: string) => {
    clock.set(parseMoment(at));
    clock.move(-1);
    await report();
    clock.move(1);
  };
  const runs = async (user: string, text: string) => {
    const answer = await gpu(user, text);
    const made = async () => (await ledger.reads.query.allocations.findMany()).find((row) => !ids.includes(row.id))?.id;
    const id = await until(made, `an allocation after: ${answer}`);
    ids.push(id);
    await place(app);
    await until(async () => (await stateOf(id)) === 'placed', `${id} to be placed`);
    await report();
  };
  const ends = async (id: string | undefined) => {
    await expire(app);
    await until(async () => (await stateOf(id ?? '')) === 'retiring', `${id} to be stopped`);
    await report();
  };

  await runs(ada, 'request 1 a100 until fri 18:00 -- by her own clock');
  await runs(bob, 'request 1 a100 until fri 18:00 -- by his');
  await runs(ada, 'request 1 a100 until mon 9:00 -- over the change of her clock');
  await runs(bob, 'request 1 a100 for 4 days -- over the change of no clock');
  await moveTo('2026-03-27T17:00:00Z');
  await ends(ids[0]);
  await moveTo('2026-03-27T18:00:00Z');
  await ends(ids[1]);
  await moveTo('2026-03-29T12:00:00Z');
  await gpu(ada, `extend ${ids[2]} until mon 10:00`);
  await moveTo('2026-03-30T00:00:00Z');
  await rollOverBudgets(app);
  await runs(ada, 'request 1 a100 until 18:00 -- in the new week');
  await moveTo('2026-03-30T08:00:00Z');
  await ends(ids[2]);
  await moveTo('2026-03-30T10:00:00Z');
  await ends(ids[3]);
  expect((await verifyLedger(ledger)).discrepancy).toBeNull();

  const rows: Record<string, unknown[]> = {};
  for (const table of ['members', 'allocations', 'events', 'leases', 'entries', 'balances', 'accounts']) {
    const found = await ledger.reads.execute<{ row: string }>(
      sql`select to_jsonb(t)::text as row from ${sql.identifier(table)} t order by 1`,
    );
    rows[table] = found
      .map(({ row }) => ids.reduce((text, id, index) => text.replaceAll(id, `al-${index}`), row))
      .toSorted()
      .map((text): unknown => JSON.parse(text));
  }
  await story.end();
  story = null;
  return rows;
}

it('scenario 23: the same story in UTC, Berlin and New York, over the change of the clocks and of the week, gives the same ledger', async () => {
  const rows = await ledgerOf('UTC', 0);
  const ended = rows['allocations'] as { id: string; lease_ends_at: string; state: string }[];
  expect(ended.map(({ id, lease_ends_at, state }) => [id, lease_ends_at, state])).toEqual([
    ['al-0', '2026-03-27T17:00:00+00:00', 'retired'],
    ['al-1', '2026-03-27T18:00:00+00:00', 'retired'],
    ['al-2', '2026-03-30T08:00:00+00:00', 'retired'],
    ['al-3', '2026-03-30T10:00:00+00:00', 'retired'],
    ['al-4', '2026-03-30T16:00:00+00:00', 'active'],
  ]);
  const weeks = (rows['balances'] as { period_start: string }[]).map(({ period_start }) => period_start);
  expect(new Set(weeks)).toEqual(new Set(['2026-03-23T00:00:00+00:00', '2026-03-30T00:00:00+00:00']));
  expect(await ledgerOf('Europe/Berlin', -60)).toEqual(rows);
  expect(await ledgerOf('America/New_York', 240)).toEqual(rows);
}, 60_000);
