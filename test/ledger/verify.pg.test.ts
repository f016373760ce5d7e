// A real ledger, made by the verbs, in which one row is planted past them: verification names it, and `berth verify` ends with 1.
import { execFile } from 'node:child_process';
import postgres from 'postgres';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Call } from '../../src/app/app.ts';
import { adjust } from '../../src/app/adjust.ts';
import { extend } from '../../src/app/extend.ts';
import { place } from '../../src/app/place.ts';
import { request } from '../../src/app/request.ts';
import { verifyLedger } from '../../src/app/verify-ledger.ts';
import { cancel, release } from '../../src/app/withdraw.ts';
import type { RequestAsk } from '../../src/domain/ask.ts';
import { allocationOf } from '../../src/domain/outcome.ts';
import { connectionOptions } from '../../src/ledger/connect.ts';
import { askFor, sees, testApp, testHost, type TestApp, type TestHost } from '../support/app.ts';
import { CLI } from '../support/build.ts';
import { people, testPolicy } from '../support/policy.ts';

const policy = testPolicy({
  quota: { gpus: 4, gpusPerRequest: 2, cpuContainers: 2, maxDuration: '8h', gpuHours: 20 },
  teams: [{ name: 'vision', members: { list: [people.ada, people.bob] }, total: { gpus: 4, gpuHours: 30 } }],
  pools: [{ ...testPolicy().pools[0], approval: 'none', maxDuration: '24h', rate: 1.5 }],
});

let berth: TestApp;
let host: TestHost;
/** `run` runs and was extended, `past` has run for an hour and is over, `wait` waits for more than there is, `cpu` runs without devices. */
const ids: Record<'run' | 'past' | 'wait' | 'cpu', string> = { run: '', past: '', wait: '', cpu: '' };

beforeEach(async () => {
  berth = await testApp({ policy });
  host = await testHost(berth.app, 'gpu-01', 2);
  const [ada, bob, root] = await Promise.all([berth.call(people.ada), berth.call(people.bob), berth.call(people.root)]);
  await adjust(berth.app, root, { kind: 'grant', user: people.ada, milliSeconds: 3_600_000, reason: 'deadline' });
  ids.past = await started(ada, { devices: 2, durationSeconds: 7200 });
  berth.app.clock.move(3600);
  await report();
  await release(berth.app, ada, { id: ids.past, version: null });
  await report();
  ids.run = await started(bob, { devices: 1 });
  await extend(berth.app, bob, { id: ids.run, version: null, seconds: 1800, until: null });
  ids.cpu = await started(ada, { pool: 'cpu', devices: 0 });
  ids.wait = await ask(ada, { devices: 2 });
});
afterEach(() => berth.end());

/** As a delivery from Slack asks. */
async function ask(call: Call, change: Partial<RequestAsk>): Promise<string> {
  const user = call.actor.slackUser;
  const key = `command:${user}:${JSON.stringify(change)}`;
  await berth.app.intake.note({ key, verb: 'request', team: 'T0BERTH01', user, ask: {} });
  return allocationOf(await request(berth.app, { ...call, inboxKey: key }, askFor(change))) ?? '';
}

async function started(call: Call, change: Partial<RequestAsk>): Promise<string> {
  const id = await ask(call, change);
  await place(berth.app);
  await report();
  return id;
}

/** The host does at once what it is told. */
async function report(): Promise<void> {
  const rows = await berth.app.ledger.reads.query.allocations.findMany();
  const observed = rows.map(({ id, state, fence }) =>
    state === 'placed' || state === 'active' ? sees.running(id, fence ?? 0) : sees.stopped(id, fence ?? 0),
  );
  await host.report(observed);
}

/** Past every verb, trigger and reference, as somebody with the database's password might. */
async function plant(statement: string): Promise<void> {
  const client = postgres({ ...connectionOptions(berth.databaseUrl), max: 1 });
  try {
    await client.unsafe(
      `set session_replication_role = replica; ${statement.replaceAll(/\$(\w+)/g, (_, name: keyof typeof ids) => `'${ids[name]}'`)}`,
    );
  } finally {
    await client.end();
  }
}

const berthVerify = () =>
  new Promise<{ code: number | string; out: string; err: string }>((resolve) => {
    const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], DATABASE_URL: berth.databaseUrl };
    execFile(process.execPath, [CLI, 'verify'], { env }, (error, out, err) => resolve({ code: error?.code ?? 0, out, err }));
  });

const planted: readonly (readonly [string, string, object])[] = [
  [
    'a state',
    `update allocations set state = 'retiring' where id = $run`,
    { rule: 'history', about: 'run', found: 'it is retiring; its events say active' },
  ],
  ['a version', `update allocations set version = 9 where id = $wait`, { rule: 'history', about: 'wait' }],
  ['an event changed', `update events set to_state = 'active' where allocation_id = $wait`, { rule: 'history', about: 'wait' }],
  ['an event removed', `delete from events where allocation_id = $past and event = 'started'`, { rule: 'history', about: 'past' }],
  ['a start', `update allocations set active_at = active_at - interval '1 hour' where id = $past`, { rule: 'history', about: 'past' }],
  [
    'a longer lease',
    `update allocations set lease_ends_at = lease_ends_at + interval '1 second' where id = $run`,
    { rule: 'history', about: 'run' },
  ],
  [
    'a lease released',
    `update leases set released_at = leased_at where allocation_id = $run`,
    { rule: 'leases', about: 'run', found: 'active with 0 devices leased instead of 1' },
  ],
  [
    'a device leased twice',
    `drop index one_live_lease_per_device; update leases set released_at = null where allocation_id = $past`,
    { rule: 'leases' },
  ],
  [
    'a slice leased beside its card',
    `insert into devices (uuid, host, index, model, memory_mib, present, clear_reports, occupancy, seen_at)
       select 'GPU-third', host, 7, model, memory_mib, present, clear_reports, occupancy, seen_at from devices limit 1;
     update leases set device = 'GPU-third', released_at = null where allocation_id = $past and device in (select device from leases where allocation_id = $run);
     update leases set released_at = null where allocation_id = $past;
     update events set detail = replace(detail::text, (select device from leases where allocation_id = $run), 'GPU-third')::jsonb where allocation_id = $past;
     delete from events where allocation_id = $past and event in ('retire', 'freed');
     update allocations set state = 'active', version = 3, retiring_at = null where id = $past;
     delete from entries where allocation_id = $past and kind in ('post', 'void');
     update devices set parent = 'GPU-third' where uuid in (select device from leases where allocation_id = $run)`,
    { rule: 'leases', found: expect.stringMatching(/its card GPU-third is leased to al-|a slice of it is leased to al-/) },
  ],
  ['a lease with another fence', `update leases set fence = 99 where allocation_id = $run`, { rule: 'leases', about: 'run' }],
  [
    'a device of another host',
    `update devices set host = 'gpu-02' where uuid in (select device from leases where allocation_id = $run)`,
    { rule: 'leases' },
  ],
  ['another host', `update allocations set host = 'gpu-02' where id = $cpu`, { rule: 'leases', about: 'cpu' }],
  [
    'a fence given twice',
    `update allocations set fence = (select fence from allocations where id = $run) where id = $cpu; update events set detail = detail || jsonb_build_object('fence', (select fence from allocations where id = $run)) where allocation_id = $cpu and event = 'place'`,
    { rule: 'leases' },
  ],
  [
    'capacity',
    `update allocations set capacity_milli = 500, charge_milli = 750 where id = $past`,
    { rule: 'capacity', about: 'past', found: 'it counts as 500 milli-GPU; its devices are 2000' },
  ],
  [
    'a slice',
    `update devices set model = 'NVIDIA A30 MIG 2g.12gb' where uuid in (select device from leases where allocation_id = $run)`,
    { rule: 'capacity' },
  ],
  [
    'the recorded limit',
    `update events set detail = jsonb_set(detail, '{limits,gpus,value}', '1000') where allocation_id = $past and event = 'request'`,
    { rule: 'limit', about: 'past', found: expect.stringMatching(/^member:\d+ at 2000 of 1000 milli-GPU$/) },
  ],
  [
    'the recorded cap',
    `update events set detail = jsonb_set(detail, '{limits,gpusPerRequest,value}', '1000') where allocation_id = $wait`,
    { rule: 'limit', about: 'wait', found: expect.stringContaining('in one request') },
  ],
  [
    'the recorded CPU containers',
    `update events set detail = jsonb_set(detail, '{limits,cpuContainers,value}', '0') where allocation_id = $cpu and event = 'request'`,
    { rule: 'limit', about: 'cpu', found: expect.stringContaining('CPU containers') },
  ],
  [
    'the recorded length',
    `update events set detail = jsonb_set(detail, '{limits,maxDuration,value}', '60') where allocation_id = $wait`,
    { rule: 'limit', about: 'wait', found: expect.stringContaining('seconds in one lease') },
  ],
  [
    "the team's limit",
    `update events set detail = jsonb_set(detail, '{team,limits,gpus}', '2000') where allocation_id = $wait`,
    { rule: 'limit', about: 'wait', found: 'team:vision at 3000 of 2000 milli-GPU' },
  ],
  [
    'a gauge',
    `update events set detail = jsonb_set(detail, '{team,use,heldMilli}', '0') where allocation_id = $wait`,
    { rule: 'limit', about: 'wait', found: 'team:vision was read as 0 milli-GPU; the events give 1000' },
  ],
  [
    'silence',
    `update events set detail = jsonb_set(jsonb_set(detail, '{team,use,heldMilli}', '-1000'), '{team,use,silentMilli}', '2000') where allocation_id = $wait`,
    { rule: 'limit', about: 'wait', found: '2000 milli-GPU of team:vision were read as silent; 1000 were on hosts' },
  ],
  ['a request without a basis', `update events set detail = '{}' where allocation_id = $wait`, { rule: 'limit', about: 'wait' }],
  [
    'a price',
    `update policies set document = jsonb_set(document, '{pools,0,rate}', '1')`,
    { rule: 'capacity', about: 'past', found: 'a second costs 3000 milli-GPU-seconds; by policy 1 2000' },
  ],
  [
    "the team's budget",
    `update events set detail = jsonb_set(detail, '{team,limits,gpuHours}', '16000000') where allocation_id = $run and event = 'request'`,
    { rule: 'budget', about: 'team:vision' },
  ],
  [
    "a member's budget",
    `update events set detail = jsonb_set(detail, '{limits,gpuHours,value}', '1') where allocation_id = $run and event = 'request'`,
    { rule: 'budget', about: expect.stringContaining('member:') },
  ],
  [
    'what was committed',
    `update events set detail = jsonb_set(detail, '{use,committed}', '1') where allocation_id = $run and event = 'request'`,
    { rule: 'budget', found: expect.stringContaining('1 were read as committed; the entries before give 0') },
  ],
  [
    'the budget of an extension',
    `update events set detail = jsonb_set(detail, '{limits,gpuHours,value}', '8000000') where event = 'extend'`,
    { rule: 'budget', about: expect.stringContaining('member:'), found: expect.stringContaining('8100000 of 8000000 milli-GPU-seconds') },
  ],
  [
    "the team's budget of an extension",
    `update events set detail = jsonb_set(detail, '{team,use,committed}', '1') where event = 'extend'`,
    { rule: 'budget', about: 'team:vision', found: expect.stringContaining('1 were read as committed') },
  ],
  [
    'the allowance of an extension',
    `update events set detail = jsonb_set(detail, '{perWeek}', '60') where event = 'extend'`,
    { rule: 'limit', about: 'run', found: expect.stringContaining('extended by 1800 of 60 seconds in a week') },
  ],
  ['a hold', `update entries set amount = amount - 1 where allocation_id = $wait`, { rule: 'journal', about: 'wait' }],
  [
    'an account that does not pay',
    `update entries set account = 'team:nlp' where allocation_id = $wait and account like 'team:%'`,
    { rule: 'journal', about: 'wait' },
  ],
  [
    'use before it ran',
    `insert into entries (account, kind, amount, period_kind, period_start, allocation_id, at, actor) select account, 'post', 1, period_kind, period_start, allocation_id, at, actor from entries where allocation_id = $wait`,
    { rule: 'journal', about: 'wait', found: expect.stringContaining('it can have used 0 by then') },
  ],
  [
    'more use than it ran',
    `update entries set amount = amount + 3000 where allocation_id = $past and kind = 'post'; update entries set amount = amount - 3000 where allocation_id = $past and kind = 'void'`,
    { rule: 'journal', about: 'past' },
  ],
  ['use that was never posted', `delete from entries where allocation_id = $past and kind = 'post'`, { rule: 'journal', about: 'past' }],
  [
    'a hold of another period',
    `update entries set period_start = period_start + interval '7 days' where allocation_id = $wait`,
    { rule: 'journal' },
  ],
  ['the period reached', `update accounts set period_start = period_start - interval '7 days'`, { rule: 'journal' }],
  [
    'a balance',
    `update balances set committed = committed + 1 where account = 'team:vision'`,
    { rule: 'balance', about: expect.stringContaining('team:vision') },
  ],
  ['a balance removed', `delete from balances where account = 'team:vision'`, { rule: 'balance' }],
  [
    'an adjustment',
    `insert into entries (account, kind, amount, period_kind, period_start, at, actor) select account, 'adjust', -5, period_kind, period_start, now(), 'x' from balances where account = 'team:vision'`,
    { rule: 'balance' },
  ],
  [
    'a delivery of somebody else',
    `update inbox set slack_user = 'U0MALLORY' where outcome->>'id' = $run`,
    { rule: 'delivery', found: expect.stringContaining('U0MALLORY sent it') },
  ],
  [
    'a delivery performed twice',
    `insert into inbox select 'again', verb, slack_team, slack_user, ask, received_at, claimed_until, attempts, done_at, outcome, answered_at from inbox where outcome->>'id' = $run`,
    { rule: 'delivery', found: expect.stringContaining('was made by 2 deliveries') },
  ],
  [
    'an outcome of nothing',
    `update inbox set outcome = '{"kind": "requested", "id": "al-nothing"}' where outcome->>'id' = $run`,
    { rule: 'delivery', found: expect.stringContaining('which the ledger does not have') },
  ],
];

describe('verification of a real ledger', () => {
  it('finds nothing in what the verbs have made, in batches of any size', async () => {
    for (const batch of [1, 2, 3, 500]) {
      expect(await verifyLedger(berth.app.ledger, batch)).toEqual({ discrepancy: null, allocations: 4, events: 13, entries: 13 });
    }
  });

  it('finds nothing in an extension from before its numbers were kept', async () => {
    await plant(
      `update events set detail = jsonb_build_object('seconds', detail->'seconds', 'endsAt', detail->'endsAt') where event = 'extend'`,
    );
    expect((await verifyLedger(berth.app.ledger)).discrepancy).toBeNull();
  });

  it('takes a longer lease for no request, though it is of the same moment and costs as much', async () => {
    const [ada, bob] = [await berth.call(people.ada), await berth.call(people.bob)];
    await cancel(berth.app, ada, { id: ids.wait, version: null });
    expect(await extend(berth.app, bob, { id: ids.run, version: null, seconds: 3600, until: null })).toMatchObject({ kind: 'extended' });
    expect((await verifyLedger(berth.app.ledger)).discrepancy).toBeNull();
  });

  it.each(planted)('names %s', async (_, statement, expected) => {
    await plant(statement);
    const { discrepancy } = await verifyLedger(berth.app.ledger);
    expect({ ...discrepancy, about: nameOf(discrepancy?.about ?? '') }).toMatchObject(expected);
    expect((await verifyLedger(berth.app.ledger, 1)).discrepancy).toEqual(discrepancy);
  });

  const nameOf = (about: string) => Object.entries(ids).find(([, id]) => id === about)?.[0] ?? about;
});

describe('`berth verify`', () => {
  it('says what it has recomputed, and ends with 0', async () => {
    expect(await berthVerify()).toEqual({
      code: 0,
      out: 'The ledger holds: 4 allocations, 13 events and 13 journal entries were recomputed.\n',
      err: '',
    });
  });

  it('names the first that does not hold, and ends with 1', async () => {
    await plant(`update leases set released_at = leased_at where allocation_id = $run`);
    expect(await berthVerify()).toEqual({
      code: 1,
      out: '',
      err: `The ledger does not hold. Rule "leases", ${ids.run}: active with 0 devices leased instead of 1.\n`,
    });
  });
});
