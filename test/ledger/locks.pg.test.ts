// Each lock alone: what would be lost, granted twice or waited for in vain without it. Two bots with connections of their own.
import { randomBytes } from 'node:crypto';
import { eq, sql } from 'drizzle-orm';
import postgres from 'postgres';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import type { App, Call } from '../../src/app/app.ts';
import { importPolicy } from '../../src/app/import-policy.ts';
import { place } from '../../src/app/place.ts';
import { request } from '../../src/app/request.ts';
import { viewQueue } from '../../src/app/view-queue.ts';
import { memberAccount, teamAccount } from '../../src/domain/accounts.ts';
import { PROTOCOL } from '../../src/domain/host-protocol.ts';
import { allocationOf } from '../../src/domain/outcome.ts';
import { plusSeconds } from '../../src/domain/time.ts';
import { findAllocation, historyOf } from '../../src/ledger/allocations.ts';
import { transition } from '../../src/ledger/transition.ts';
import { connectionOptions, openLedger } from '../../src/ledger/connect.ts';
import { decide } from '../../src/ledger/decide.ts';
import { raiseRevision } from '../../src/ledger/hosts.ts';
import { claimDelivery } from '../../src/ledger/inbox.ts';
import { migrate } from '../../src/ledger/migrate.ts';
import { claimLetter, post } from '../../src/ledger/outbox.ts';
import { inbox, outbox } from '../../src/ledger/mail-schema.ts';
import { hosts } from '../../src/ledger/schema.ts';
import { report } from '../../src/app/report.ts';
import { askFor, testApp, testHost, type TestApp } from '../support/app.ts';
import { holdLocks, locks, until, waiters } from '../support/locks.ts';
import { people, testPolicy } from '../support/policy.ts';

const automatic = testPolicy({
  quota: { gpus: 8, gpusPerRequest: 4, cpuContainers: 2 },
  pools: testPolicy().pools.map((pool) => ({ ...pool, approval: 'none', maxDuration: '24h' })),
});

let berth: TestApp;
let other: App;
let third: App;
let ada: Call;
let bob: Call;
beforeEach(async () => {
  berth = await testApp({ policy: automatic });
  [other, third] = [await berth.another(), await berth.another()];
  [ada, bob] = [await berth.call(people.ada), await berth.call(people.bob)];
});
afterEach(() => berth.end());

const refusal = (promise: Promise<unknown>) => promise.catch((error: unknown) => error);

describe('the locks of accounts and pools', () => {
  it('of the team: what two of its members get at once is its limit', async () => {
    const teams = [{ name: 'vision', members: { list: [people.ada, people.bob] }, total: { gpus: 3 } }];
    await importPolicy(berth.app, { ...automatic, teams: testPolicy({ teams }).teams });
    await testHost(berth.app, 'gpu-01', 4);
    const letGo = await holdLocks(third, { accounts: [teamAccount('vision')] });
    const won = request(berth.app, ada, askFor({ devices: 2 }));
    await until(async () => (await locks(third)).waiting === 1);
    const lost = request(other, bob, askFor({ devices: 2 }));
    await until(async () => (await locks(third)).waiting === 2);
    await letGo();
    expect([await won, await lost]).toMatchObject([{ kind: 'requested' }, { refusal: { code: 'over_team_limit' } }]);
  });

  it('of the pool: who places waits for whoever places there, and takes only what is left', async () => {
    await testHost(berth.app, 'gpu-01', 1);
    await request(berth.app, ada, askFor());
    await request(berth.app, bob, askFor());
    const letGo = await holdLocks(third, { pools: ['a100'] });
    const placing = [place(berth.app), place(other)];
    await until(async () => (await locks(third)).waiting === 2);
    await letGo();
    expect((await Promise.all(placing)).toSorted((a, b) => a - b)).toEqual([0, 1]);
  });

  it('are taken in one order by everybody, so that nobody holds one while waiting for an earlier one', async () => {
    const names = ['member:1', 'member:2', 'member:3'];
    const letGo = await holdLocks(third, { accounts: names });
    const waiting = [names, names.toReversed()].map((accounts, index) =>
      decide((index === 0 ? berth.app : other).ledger, { accounts, pools: ['a100'] }, async () => 'had'),
    );
    await until(async () => (await locks(third)).waiting === 2);
    expect((await locks(third)).waitedFor).toBe(1);
    await letGo();
    expect(await Promise.all(waiting)).toEqual(['had', 'had']);
  });

  it('keep at most one decision per key of a process waiting in PostgreSQL', async () => {
    const account = memberAccount(ada.actor.id);
    const letGo = await holdLocks(third, { accounts: [account] });
    const asked = Array.from({ length: 4 }, () => request(berth.app, ada, askFor({ pool: 'cpu', devices: 0 })));
    await until(async () => (await locks(third)).waiting === 1);
    expect(await decide(berth.app.ledger, { accounts: [memberAccount(bob.actor.id)], pools: [] }, async () => 'had')).toBe('had');
    expect((await locks(third)).waiting).toBe(1);
    await letGo();
    await Promise.all(asked);
  });

  it('hold up no read, also when every connection for decisions waits', async () => {
    const accounts = ['member:11', 'member:12', 'member:13', 'member:14'];
    const letGo = await holdLocks(third, { accounts });
    const waiting = accounts.map((account) => decide(berth.app.ledger, { accounts: [account], pools: [] }, async () => 'had'));
    await until(async () => (await locks(third)).waiting === accounts.length);
    expect(await viewQueue(berth.app, 'a100')).toHaveLength(1);
    expect((await locks(third)).waiting).toBe(accounts.length);
    await letGo();
    expect(await Promise.all(waiting)).toEqual(['had', 'had', 'had', 'had']);
  });

  it('are those of the team that pays when the decision is made; under another policy it is tried again', async () => {
    await testHost(berth.app, 'gpu-01', 4);
    const letGo = await holdLocks(third, { accounts: [memberAccount(ada.actor.id)] });
    const asked = refusal(request(berth.app, ada, askFor()));
    await until(async () => (await locks(third)).waiting === 1);
    const teams = [{ name: 'vision', members: { list: [people.ada] }, total: { gpus: 0 } }];
    await importPolicy(other, { ...automatic, teams: testPolicy({ teams }).teams });
    await letGo();
    expect(await asked).toMatchObject({ refusal: { code: 'over_team_limit' } });
  });
});

describe('the locks of rows', () => {
  it('of a host: each change of its list has a revision of its own', async () => {
    await testHost(berth.app, 'gpu-01', 1);
    const revisions = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        (index % 2 === 0 ? berth.app : other).ledger.decisions.transaction((tx) => raiseRevision(tx, 'gpu-01')),
      ),
    );
    expect(new Set(revisions).size).toBe(8);
  });

  it('of a host: one report that comes to two bots counts once', async () => {
    const { run } = await testHost(berth.app, 'gpu-01', 1);
    const message = {
      protocol: PROTOCOL,
      host: 'gpu-01',
      run,
      sequence: 2,
      appliedRevision: 1,
      allocations: [],
      orphans: [],
      devices: [],
      problems: [],
    };
    let answers: Promise<unknown>[] = [];
    await third.ledger.decisions.transaction(async (tx) => {
      await tx.select().from(hosts).where(eq(hosts.name, 'gpu-01')).for('update');
      answers = [berth.app, other].map((app) => report(app, message));
      await until(async () => (await waiters(third)) === 2);
    });
    const said = await Promise.all(answers);
    expect(said.filter((answer) => answer === null)).toHaveLength(1);
    expect(said.filter((answer) => answer === 'stale_sequence')).toHaveLength(1);
  });

  it('of an allocation: an event names the state that its change found', async () => {
    await testHost(berth.app, 'gpu-01', 1);
    const id = allocationOf(await request(berth.app, ada, askFor())) ?? '';
    await place(berth.app);
    const at = berth.app.clock.now();
    const change = { id, at, actor: 'host:gpu-01' };
    let second: Promise<unknown> = Promise.resolve();
    await berth.app.ledger.decisions.transaction(async (tx) => {
      await transition(tx, { ...change, event: 'started', set: { activeAt: at, leaseEndsAt: plusSeconds(at, 3600) } });
      second = other.ledger.decisions.transaction((late) => transition(late, { ...change, event: 'retire' }));
      await until(async () => (await waiters(third)) === 1);
    });
    await second;
    expect((await findAllocation(third.ledger.reads, id))?.allocation.state).toBe('retiring');
    const froms = await third.ledger.reads.execute<{ from_state: string }>(
      sql`select from_state from events where allocation_id = ${id} order by sequence`,
    );
    expect((await historyOf(third.ledger.reads, id)).map(({ event }) => event)).toEqual(['request', 'place', 'started', 'retire']);
    expect(froms.map(({ from_state }) => from_state)).toEqual([null, 'queued', 'placed', 'active']);
  });

  it('of deliveries and letters: who claims one passes by what another one is claiming', async () => {
    const at = berth.app.clock.now();
    const [now, later] = [at, plusSeconds(at, 60)];
    for (const key of ['a', 'b']) {
      await post(third.ledger.reads, { key, kind: 'policy_broken', allocationId: null, recipient: people.root }, at);
      await third.ledger.reads
        .insert(inbox)
        .values({ key, verb: 'request', slackTeam: 'T', slackUser: 'U', receivedAt: at, claimedUntil: at, ask: {} });
    }
    await third.ledger.decisions.transaction(async (tx) => {
      await tx.select().from(inbox).where(eq(inbox.key, 'a')).for('update');
      await tx.select().from(outbox).where(eq(outbox.key, 'a')).for('update');
      expect((await claimDelivery(berth.app.ledger.reads, now, later))?.key).toBe('b');
      expect((await claimLetter(berth.app.ledger.reads, now, later))?.key).toBe('b');
      expect(await claimLetter(berth.app.ledger.reads, now, later)).toBeNull();
    });
    expect((await claimLetter(berth.app.ledger.reads, now, later))?.key).toBe('a');
  });
});

it('the lock of the migrations: bots that start together on an empty database make one ledger', async () => {
  const url = new URL(inject('clusterUrl'));
  const admin = postgres({ ...connectionOptions(url.href), max: 1 });
  const name = `empty_${randomBytes(6).toString('hex')}`;
  try {
    await admin`create database ${admin(name)}`;
    url.pathname = `/${name}`;
    await Promise.all(Array.from({ length: 4 }, () => migrate(url.href)));
    const ledger = await openLedger(url.href);
    expect(ledger.id).toMatch(/^[0-9a-f-]{36}$/);
    await ledger.close();
  } finally {
    await admin`drop database if exists ${admin(name)} with (force)`;
    await admin.end();
  }
});
