// Devices under a policy that has changed since they were leased, and cards beside their own slices.
import { sql } from 'drizzle-orm';
import postgres from 'postgres';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Call } from '../../src/app/app.ts';
import { importPolicy } from '../../src/app/import-policy.ts';
import { poolOverview } from '../../src/app/overview.ts';
import { place } from '../../src/app/place.ts';
import { request } from '../../src/app/request.ts';
import { viewQueue } from '../../src/app/view-queue.ts';
import { allocationOf } from '../../src/domain/outcome.ts';
import { connectionOptions } from '../../src/ledger/connect.ts';
import { askFor, sees, testApp, testHost, uuidOf, type TestApp, type TestHost } from '../support/app.ts';
import { people, testPolicy } from '../support/policy.ts';

const [first] = testPolicy().pools;
const pool = (name: string, match: object = { model: 'A100' }) => ({ ...first, approval: 'none', maxDuration: '24h', name, match });
const policyWith = (...pools: object[]) => testPolicy({ quota: { gpus: 8, gpusPerRequest: 8, cpuContainers: 2 }, pools });

let berth: TestApp;
let host: TestHost;
let ada: Call;
beforeEach(async () => {
  berth = await testApp({ policy: policyWith(pool('a100'), pool('slices', { model: 'A100', mig: '3g.40gb' })) });
  host = await testHost(berth.app, 'gpu-01', 2);
  ada = await berth.call(people.ada);
});
afterEach(async () => berth.end());

const ask = async (name: string, devices = 1) => allocationOf(await request(berth.app, ada, askFor({ pool: name, devices }))) ?? '';
const status = async (name: string) => (await poolOverview(berth.app)).find((one) => one.name === name);
const states = async () => {
  const rows = await berth.app.ledger.reads.execute<{ pool: string; state: string }>(
    sql`select pool, state from allocations order by requested_at, id`,
  );
  return rows.map((row) => `${row.pool} ${row.state}`).toSorted();
};

describe('a pool that is renamed while it is in use', () => {
  it('still says who holds it, and whom those wait for who ask under the new name', async () => {
    const old = await ask('a100', 2);
    await place(berth.app);
    await importPolicy(berth.app, policyWith(pool('big')));
    const waits = await ask('big');
    const [view] = await viewQueue(berth.app, 'big');
    expect(view?.waiting).toMatchObject([{ id: waits, waitsFor: [old] }]);
    expect(view?.held).toMatchObject([{ id: old, holder: people.ada, devices: 2, host: 'gpu-01' }]);
    expect(await status('big')).toMatchObject({ offered: true, leased: 2, devices: [{ holder: people.ada }, { holder: people.ada }] });
    expect(await status('a100')).toBeUndefined();
  });
});

describe('a pool that is removed while it is in use', () => {
  it('is shown for what is still held of it, and no longer', async () => {
    const id = await ask('a100');
    await place(berth.app);
    await importPolicy(berth.app, policyWith(pool('other', { model: 'H100' })));
    expect(await status('a100')).toMatchObject({ offered: false, free: 0, leased: 1, devices: [{ holder: people.ada }] });
    const [row] = await berth.app.ledger.reads.execute<{ fence: string }>(sql`select fence from allocations`);
    await host.report([sees.running(id, Number(row?.fence))]);
    await host.report([sees.ended(id, Number(row?.fence), 'exited')]);
    await host.report([sees.stopped(id, Number(row?.fence))]);
    expect(await status('a100')).toBeUndefined();
  });
});

describe('a card and its slices', () => {
  const device = (uuid: string, model: string, parent?: string) => ({
    uuid,
    ...(parent === undefined ? {} : { parent }),
    index: 0,
    model,
    memoryMib: 40_960,
    memoryUsedMib: 0,
    utilizationPercent: 0,
    foreignMemoryMib: 0,
    foreign: [],
  });
  const card = uuidOf('gpu-01', 0);
  const slice = (number: number) => device(`MIG-${card.slice(4)}-${number}`, 'NVIDIA A100 80GB MIG 3g.40gb', card);
  // As a host may report both while its mode changes.
  const both = { devices: [device(card, 'NVIDIA A100 80GB'), slice(1), slice(2)] };

  it('are never leased together: a whole card keeps its slices from being placed', async () => {
    await host.report([], both);
    await ask('a100');
    await place(berth.app);
    await ask('slices');
    await place(berth.app);
    expect(await states()).toEqual(['a100 placed', 'slices queued']);
    expect(await status('slices')).toMatchObject({ free: 0, leased: 2 });
  });

  it('are never leased together: one slice keeps the card, and not its sister', async () => {
    await host.report([], both);
    await ask('slices');
    await place(berth.app);
    await ask('a100');
    await ask('slices');
    await place(berth.app);
    expect(await states()).toEqual(['a100 queued', 'slices placed', 'slices placed']);
  });

  it('are never leased together, whoever writes it, also at the same moment', async () => {
    await host.report([], both);
    const [whole, part] = [await ask('a100'), await ask('slices')];
    const clients = [0, 1].map(() => postgres({ ...connectionOptions(berth.databaseUrl), max: 1 }));
    const lease = (client: postgres.Sql | undefined, id: string, uuid: string, then: () => Promise<void> = async () => undefined) =>
      client?.begin(async (tx) => {
        await tx`insert into leases (allocation_id, device, fence, leased_at) values (${id}, ${uuid}, 1, '2026-03-02')`;
        await then();
      });
    const waiters = async () => {
      const [row] = await berth.app.ledger.reads.execute<{ count: number }>(sql`
        select count(*)::int as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`);
      return row?.count ?? 0;
    };
    try {
      let second: Promise<unknown> | undefined;
      await lease(clients[0], whole, card, async () => {
        let over = false;
        second = lease(clients[1], part, slice(1).uuid)?.finally(() => (over = true));
        second?.catch(() => undefined);
        while (!over && (await waiters()) === 0);
      });
      await expect(second).rejects.toMatchObject({ code: '23P01', constraint_name: 'a_card_or_its_slices' });
    } finally {
      for (const client of clients) await client.end();
    }
  });
});
