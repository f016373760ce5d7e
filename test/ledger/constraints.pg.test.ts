// The last word of the tables: every rule that PostgreSQL itself keeps is broken once, in plain SQL, past every verb.
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { place } from '../../src/app/place.ts';
import { request } from '../../src/app/request.ts';
import { connectionOptions } from '../../src/ledger/connect.ts';
import { askFor, testApp, testHost, uuidOf, type TestApp } from '../support/app.ts';
import { people, testPolicy } from '../support/policy.ts';

let berth: TestApp;
let client: postgres.Sql;
beforeAll(async () => {
  const pools = testPolicy().pools.map((pool) => ({ ...pool, approval: 'none', maxDuration: '24h' }));
  berth = await testApp({ policy: testPolicy({ pools }) });
  await testHost(berth.app, 'gpu-01', 1);
  const [ada, bob] = await Promise.all([berth.call(people.ada), berth.call(people.bob)]);
  await request(berth.app, ada, askFor());
  await place(berth.app);
  await request(berth.app, bob, askFor());
  client = postgres({ ...connectionOptions(berth.databaseUrl), max: 1 });
});
afterAll(async () => {
  await client.end();
  await berth.end();
});

const entry = (kind: string, amount: string, allocation: string) =>
  `insert into entries (account, kind, amount, period_kind, period_start, allocation_id, at, actor) select 'member:1', '${kind}', ${amount}, 'week', now(), ${allocation}, now(), 'x' from allocations limit 1`;
const override = (limit: string, value: number) =>
  `insert into overrides (member_id, "limit", value, reason, actor, at) select id, '${limit}', ${value}, '', 'x', now() from members limit 1`;
const event = (version: string, from: string, to: string) =>
  `insert into events (allocation_id, event, from_state, to_state, version, at, actor, detail) select id, 'x', '${from}', '${to}', ${version}, now(), 'x', '{}' from allocations limit 1`;
const member = (user: string, unixId: string) =>
  `insert into members (slack_team, slack_user, name, zone, unix_id, first_seen_at) select slack_team, ${user}, 'x', 'UTC', ${unixId}, now() from members limit 1`;
const letter = `insert into outbox (key, kind, recipient, created_at, next_at) values ('k', 'member_card', 'U1', now(), now())`;

const inserted = (table: string, values: Record<string, string>, from: string) =>
  `insert into ${table} (${Object.keys(values).join(', ')}) select ${Object.values(values).join(', ')} from ${from} limit 1`;
const approval = (change: Record<string, string> = {}) =>
  inserted('approvals', { allocation_id: 'id', kind: `'new'`, asked_at: 'now()', lapses_at: 'now()', ...change }, 'allocations');
const vote = (change: Record<string, string> = {}, first = true) =>
  `${first ? `${approval()}; ` : ''}${inserted('votes', { approval_id: 'a.id', member_id: 'm.id', kind: `'approve'`, at: 'now()', ...change }, 'approvals a, members m')}`;
const handOver = (to: string) =>
  `insert into hand_overs (from_user, to_user, at, until) values ('U1', '${to}', now(), now() + interval '1 day')`;

const rules: readonly (readonly [rule: string, constraint: string, statement: string])[] = [
  [
    'a device twice at once',
    'one_live_lease_per_device',
    `insert into leases (allocation_id, device, fence, leased_at) select id, '${uuidOf('gpu-01', 0)}', 1, now() from allocations where state = 'queued'`,
  ],
  ['an unknown state', 'state_is_known', `update allocations set state = 'paused'`],
  ['a place without a host', 'placed_means_host_and_fence', `update allocations set state = 'placed', host = null`],
  ['a place without a fence', 'placed_means_host_and_fence', `update allocations set state = 'retiring', fence = null`],
  ['running without an end', 'active_means_lease_end', `update allocations set state = 'active', active_at = now() where state = 'placed'`],
  ['waiting without a place in line', 'queued_means_place', `update allocations set queue_place = null where state = 'queued'`],
  ['an unknown occupancy', 'occupancy_is_known', `update devices set occupancy = 'maybe'`],
  ['capacity without devices', 'capacity_is_positive_for_devices', `update allocations set device_count = 0`],
  ['devices without capacity', 'capacity_is_positive_for_devices', `update allocations set capacity_milli = 0`],
  ['a charge below nothing', 'charge_is_not_negative', `update allocations set charge_milli = -1`],
  ['two events of one version', 'one_event_per_version', event('1', 'queued', 'placed')],
  ['an event from an unknown state', 'event_states_are_known', event('9', 'paused', 'placed')],
  ['an event to an unknown state', 'event_states_are_known', event('9', 'queued', 'paused')],
  ['an unknown kind of entry', 'entry_kind_is_known', entry('gift', '1', 'id')],
  ['a hold of no allocation', 'only_an_adjustment_stands_alone', entry('hold', '1', 'null')],
  ['an adjustment of an allocation', 'only_an_adjustment_stands_alone', entry('adjust', '1', 'id')],
  ['a hold of nothing', 'amounts_are_positive', entry('hold', '0', 'id')],
  ['a void below nothing', 'amounts_are_positive', entry('void', '-1', 'id')],
  ['an amount that a reader would round', 'amounts_are_exact', entry('hold', '9007199254740992', 'id')],
  ['an adjustment that a reader would round', 'amounts_are_exact', entry('adjust', '-9007199254740992', 'null')],
  ['a balance that a reader would round', 'balances_are_exact', `update balances set committed = 9007199254740992`],
  ['an unknown limit', 'override_limit_is_known', override('beds', 1)],
  ['a limit below nothing', 'override_is_not_negative', override('gpus', -1)],
  ['two members of one Slack user', 'one_member_per_slack_user', member('slack_user', '250000')],
  ['one Unix id for two members', 'one_unix_id_per_member', member(`'U9'`, 'unix_id')],
  ['two letters of one key', 'one_outbox_row_per_key', `${letter}; ${letter}`],
  [
    'an ask kept after it is done',
    'done_keeps_no_ask',
    `insert into inbox (key, verb, slack_team, slack_user, ask, received_at, claimed_until, done_at) values ('k', 'v', 't', 'u', '{}', now(), now(), now())`,
  ],
  ['an unknown kind of question', 'approval_kind_is_known', approval({ kind: `'x'` })],
  ['an unknown state of a question', 'approval_state_is_known', approval({ state: `'maybe'`, closed_at: 'now()' })],
  ['a question closed without a time', 'open_means_not_closed', approval({ state: `'denied'` })],
  ['a new request with a length of extension', 'only_an_extension_has_a_length', approval({ extend_seconds: '60' })],
  ['an extension by nothing', 'extension_is_longer', approval({ kind: `'extend'`, extend_seconds: '0' })],
  ['two open questions of one allocation', 'one_open_approval_per_allocation', `${approval()}; ${approval()}`],
  ['an unknown kind of vote', 'vote_kind_is_known', vote({ kind: `'shrug'` })],
  ['an answer without its time', 'an_answer_has_its_time', vote({ kind: `'ask'`, words: `'why'`, answer: `'so'` })],
  ['an answer to no question', 'only_a_question_is_answered', vote({ answer: `'so'`, answered_at: 'now()' })],
  ['a question without words', 'a_question_has_words', vote({ kind: `'ask'` })],
  ['two decisions of one question', 'one_deciding_vote_per_approval', `${vote()}; ${vote({ kind: `'deny'` }, false)}`],
  [
    'a standing approval of no size',
    'standing_approval_is_bounded',
    `insert into standing_approvals (member_id, pool, capacity_milli, duration_seconds, granted_by, granted_at, expires_at) select id, 'a100', 0, 60, 'U1', now(), now() + interval '1 day' from members limit 1`,
  ],
  ['a hand-over to oneself', 'hand_over_has_an_end', handOver('U1')],
  ['two hand-overs of one approver', 'one_hand_over_per_approver', `${handOver('U2')}; ${handOver('U3')}`],
  [
    'a Home that was refused less than never',
    'home_attempts_are_not_negative',
    inserted('homes', { member_id: 'id', opened_at: 'now()', next_at: 'now()', attempts: '-1' }, 'members'),
  ],
  ['a second ledger', 'only_one_ledger', `insert into ledger (one, id, created_at) values (false, gen_random_uuid(), now())`],
];

describe('the tables', () => {
  it.each(rules)('refuse %s (%s)', async (_, constraint, statement) => {
    await expect(client.begin((tx) => tx.unsafe(statement))).rejects.toMatchObject({ constraint_name: constraint });
  });

  it('have no rule that is not broken above', async () => {
    const named = await client<{ name: string }[]>`
      select conname as name from pg_constraint where connamespace = 'public'::regnamespace and contype in ('c', 'u')
      union select c.relname from pg_index i join pg_class c on c.oid = i.indexrelid
        where i.indisunique and not i.indisprimary and c.relnamespace = 'public'::regnamespace order by 1`;
    expect(named.map(({ name }) => name)).toEqual([...new Set(rules.map(([, constraint]) => constraint))].toSorted());
  });

  it.each(['events', 'entries'])('take no row of %s back: they only grow', async (table) => {
    for (const statement of [`update ${table} set actor = 'nobody'`, `delete from ${table}`, `truncate ${table} cascade`]) {
      await expect(client.begin((tx) => tx.unsafe(statement))).rejects.toThrow(`${table} are append-only`);
    }
  });

  it.each([
    [
      'an event',
      `insert into events (allocation_id, event, to_state, version, at, actor, detail) values ('al-none', 'x', 'queued', 1, now(), 'x', '{}')`,
    ],
    [
      'an entry',
      `insert into entries (account, kind, amount, period_kind, period_start, allocation_id, at, actor) values ('a', 'hold', 1, 'week', now(), 'al-none', now(), 'x')`,
    ],
    [
      'a lease',
      `insert into leases (allocation_id, device, fence, leased_at, released_at) values ('al-none', '${uuidOf('gpu-01', 0)}', 1, now(), now())`,
    ],
  ])('take %s of no allocation from nobody', async (_, statement) => {
    await expect(client.begin((tx) => tx.unsafe(statement))).rejects.toMatchObject({ code: '23503' });
  });
});
