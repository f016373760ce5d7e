// Two bots with connections of their own decide at once: the locks let one after the other in, and no interleaving grants more than the limit.
import { sql } from 'drizzle-orm';
import postgres from 'postgres';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { App } from '../../src/app/app.ts';
import { place } from '../../src/app/place.ts';
import { request } from '../../src/app/request.ts';
import { cancel } from '../../src/app/withdraw.ts';
import { allocationOf, type Outcome } from '../../src/domain/outcome.ts';
import { RefusalError } from '../../src/domain/refusal.ts';
import { connectionOptions } from '../../src/ledger/connect.ts';
import { memberAccount } from '../../src/domain/accounts.ts';
import { askFor, testApp, testHost, uuidOf, type TestApp } from '../support/app.ts';
import { holdLocks, locks, until } from '../support/locks.ts';
import { people, testPolicy } from '../support/policy.ts';

let berth: TestApp;
let other: App;
beforeEach(async () => {
  berth = await testApp();
  other = await berth.another();
  await testHost(berth.app, 'gpu-01', 4);
});
afterEach(async () => berth.end());

const codes = (outcomes: readonly Outcome[]) =>
  outcomes.map((outcome) => (outcome.kind === 'refused' ? outcome.refusal.code : outcome.kind)).toSorted();

describe('requests of one member from two processes', () => {
  it('wait for each other in PostgreSQL, and the one who waited first has what the limit allows', async () => {
    const call = await berth.call(people.ada);
    const third = await berth.another();
    for (const [first, second] of [
      [berth.app, other],
      [other, berth.app],
    ] as const) {
      const letGo = await holdLocks(third, { accounts: [memberAccount(call.actor.id)] });
      const won = request(first, call, askFor({ devices: 2 }));
      await until(async () => (await locks(third)).waiting === 1);
      const lost = request(second, call, askFor({ devices: 2 }));
      await until(async () => (await locks(third)).waiting === 2);
      await letGo();
      expect([await won, await lost]).toMatchObject([{ kind: 'requested' }, { refusal: { code: 'over_member_limit' } }]);
      await cancel(first, call, { id: allocationOf(await won), version: null });
    }
  });

  it('are granted twice when six ask at once and the limit is two', async () => {
    const call = await berth.call(people.ada);
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, (_, index) => request(index % 2 === 0 ? berth.app : other, call, askFor())),
    );
    expect(codes(outcomes)).toEqual([...Array<string>(4).fill('over_member_limit'), 'requested', 'requested']);
  });

  it('are refused as busy, never granted, when the lock does not come', async () => {
    const call = await berth.call(people.ada);
    const letGo = await holdLocks(other, { accounts: [memberAccount(call.actor.id)] });
    const refusal = await request(berth.app, call, askFor()).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(RefusalError);
    expect((refusal as RefusalError).refusal).toEqual({ code: 'busy' });
    await letGo();
    expect((await request(berth.app, call, askFor())).kind).toBe('requested');
  });
});

describe('placing from two processes', () => {
  it('gives four devices to exactly four of eight requests, each its own', async () => {
    await berth.end();
    berth = await testApp({
      policy: testPolicy({
        quota: { gpus: 8, gpusPerRequest: 2, cpuContainers: 2 },
        approvers: [],
        pools: [{ ...testPolicy().pools[0], approval: 'none', maxDuration: '24h' }],
      }),
    });
    other = await berth.another();
    await testHost(berth.app, 'gpu-01', 4);
    const call = await berth.call(people.ada);
    for (let index = 0; index < 8; index++) await request(berth.app, call, askFor());
    await Promise.all([place(berth.app), place(other), place(berth.app), place(other)]);
    const rows = await berth.app.ledger.reads.execute<{ state: string; count: number }>(
      sql`select state, count(*)::int as count from allocations group by state order by state`,
    );
    expect(rows.map(({ state, count }) => `${state} ${count}`)).toEqual(['placed 4', 'queued 4']);
    const leased = await berth.app.ledger.reads.execute<{ device: string }>(
      sql`select device from leases where released_at is null order by device`,
    );
    expect(leased.map(({ device }) => device)).toEqual([0, 1, 2, 3].map((index) => uuidOf('gpu-01', index)));
  });
});

describe('the last word of the tables', () => {
  it('refuses a second live lease of a device, whoever writes it', async () => {
    const call = await berth.call(people.ada);
    const [first, second] = await Promise.all([request(berth.app, call, askFor()), request(berth.app, call, askFor())]);
    const client = postgres({ ...connectionOptions(berth.databaseUrl), max: 1 });
    const leaseTo = (outcome: Outcome | undefined) =>
      client`insert into leases (allocation_id, device, fence, leased_at) values (${outcome?.kind === 'requested' ? outcome.id : ''}, ${uuidOf('gpu-01', 0)}, 1, '2026-03-02')`;
    try {
      await leaseTo(first);
      await expect(leaseTo(second)).rejects.toMatchObject({ code: '23505', constraint_name: 'one_live_lease_per_device' });
      await client`update leases set released_at = '2026-03-03'`;
      await leaseTo(second);
    } finally {
      await client.end();
    }
  });
});
