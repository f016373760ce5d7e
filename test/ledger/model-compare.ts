// Reads the real ledger and holds it against the model: every state, every amount, every account, and what verification says.
import { sql } from 'drizzle-orm';
import { expect } from 'vitest';
import { standingOf } from '../../src/app/standing.ts';
import { verifyLedger } from '../../src/app/verify-ledger.ts';
import type { App } from '../../src/app/app.ts';
import type { MemberRow } from '../../src/ledger/members.ts';
import type { Scene } from './model-scene.ts';
import type { Period } from './model-periods.ts';
import { memberAccount, teamAccount, useOf, committedIn, type Model } from './model.ts';
import { limitOf, policyOf, teamLimitOf, teamOf } from './model-rules.ts';

interface Row extends Record<string, unknown> {
  readonly id: string;
  readonly pool: string;
  readonly state: string;
  readonly version: number;
  readonly place: number | null;
  readonly host: string | null;
  readonly fence: number | null;
  readonly devices: readonly string[];
}

/** Everything that is in the ledger of an allocation, of a hold or of a balance, by name; what is nothing is left out. */
type Facts = Record<string, unknown>;

const ROWS = sql`
  select id, pool, state, version, queue_place as place, host, fence,
    (select coalesce(json_agg(device order by device), '[]') from leases where allocation_id = id and released_at is null) as devices
  from allocations order by id`;

export async function rowsOf({ ledger }: App): Promise<Row[]> {
  const [found] = await ledger.reads.execute<{ rows: Row[] }>(sql`select coalesce(json_agg(a), '[]') as rows from (${ROWS}) a`);
  return found?.rows ?? [];
}

/** Who waits for a place, in their order; both pools together, as one sequence gives the places. */
export function lineOf(all: readonly { readonly id: string; readonly state: string; readonly place: number | null }[]): string[] {
  const waiting = all.filter(({ state }) => state === 'queued');
  return waiting.toSorted((a, b) => (a.place ?? 0) - (b.place ?? 0)).map(({ id }) => id);
}

/** Accounts by the names of the model: the ledger knows members by number. */
function named(account: string, members: readonly MemberRow[]): string {
  const member = members.find(({ id }) => account === `member:${id}`);
  return member === undefined ? account : memberAccount(member.slackUser);
}

interface Amounts extends Record<string, unknown> {
  readonly rows: readonly Row[];
  readonly holds: readonly { id: string; account: string; period: string; start: number; open: number; used: number }[];
  readonly balances: readonly { account: string; period: string; start: number; committed: number }[];
}

/** In one statement, as it is done after every step; with a parameter, as those are prepared. */
export async function factsOf({ ledger }: App, members: readonly MemberRow[]): Promise<{ facts: Facts; line: string[] }> {
  const [found] = await ledger.reads.execute<Amounts>(sql`
    select (select coalesce(json_agg(a), '[]') from (${ROWS}) a) as rows,
      (select coalesce(json_agg(h), '[]') from (
        select allocation_id as id, account, period_kind as period, extract(epoch from period_start)::int as start,
          sum(case kind when 'hold' then amount else -amount end) as open, sum(case kind when 'post' then amount else 0 end) as used
        from entries where allocation_id is not null group by 1, 2, 3, 4
      ) h) as holds,
      (select coalesce(json_agg(b), '[]') from (
        select account, period_kind as period, extract(epoch from period_start)::int as start, committed from balances where committed <> ${0}
      ) b) as balances`);
  if (found === undefined) throw new Error('a statement without a row');
  const { rows, holds, balances } = found;
  const facts = Object.fromEntries([
    ...rows.map(({ id, state, version, devices }) => [id, `${state} v${version} ${devices.join(' ')}`]),
    ...holds.flatMap(({ id, account, period, start, open, used }) =>
      open === 0 && used === 0 ? [] : [[`${id} of ${named(account, members)} in ${period} from ${start}`, { open, used }]],
    ),
    ...balances.map(({ account, period, start, committed }) => [`${named(account, members)} in ${period} from ${start}`, committed]),
  ]);
  return { facts, line: lineOf(rows) };
}

export function factsOfModel(model: Model): Facts {
  const accounts = new Set(model.allocations.flatMap(({ holds }) => Object.keys(holds)));
  for (const { account } of model.corrections) accounts.add(account);
  const held = model.allocations.flatMap(({ holds }) =>
    Object.values(holds).flatMap(({ period, used }) => [period, ...(Object.keys(used) as Period[])]),
  );
  const periods = new Set([...held, ...model.corrections.map(({ period }) => period)]);
  return Object.fromEntries([
    ...model.allocations.map(({ id, state, version, devices }) => [id, `${state} v${version} ${devices.toSorted().join(' ')}`]),
    ...model.allocations.flatMap(({ id, holds }) =>
      Object.entries(holds).flatMap(([account, hold]) =>
        [...periods].flatMap((period) => {
          const [open, used] = [hold.period === period ? hold.open : 0, hold.used[period] ?? 0];
          return open === 0 && used === 0 ? [] : [[`${id} of ${account} in ${period}`, { open, used }] as const];
        }),
      ),
    ),
    ...[...accounts].flatMap((account) =>
      [...periods].flatMap((period) => {
        const committed = committedIn(model, account, period);
        return committed === 0 ? [] : [[`${account} in ${period}`, committed] as const];
      }),
    ),
  ]);
}

/** No limit is more than any number. */
const orNone = (value: number | null) => value ?? Infinity;

async function standing({ ledger, clock }: App, model: Model, member: MemberRow) {
  const user = member.slackUser;
  const { limits, use, team } = await standingOf(ledger.reads, policyOf(model.rules), member, teamOf(model.rules, user), clock.now());
  const { gpus, gpusPerRequest, maxDuration, gpuHours } = limits;
  return {
    user,
    limits: {
      gpus: orNone(gpus.value),
      gpusPerRequest: orNone(gpusPerRequest.value),
      maxDuration: orNone(maxDuration.value),
      gpuHours: orNone(gpuHours.value),
    },
    use,
    team: team === null ? null : { use: team.use, gpus: orNone(team.limits.gpus), gpuHours: orNone(team.limits.gpuHours) },
  };
}

function standingOfModel(model: Model, user: string): Awaited<ReturnType<typeof standing>> {
  const { rules, overrides, now: at } = model;
  const team = teamOf(rules, user);
  const own = (limit: Parameters<typeof limitOf>[2]['limit']) => limitOf(rules, overrides, { user, limit, at });
  return {
    user,
    limits: { gpus: own('gpus'), gpusPerRequest: own('gpusPerRequest'), maxDuration: own('maxDuration'), gpuHours: own('gpuHours') },
    use: useOf(model, memberAccount(user)),
    team:
      team === null
        ? null
        : { use: useOf(model, teamAccount(team)), gpus: teamLimitOf(rules, 'gpus'), gpuHours: teamLimitOf(rules, 'gpuHours') },
  };
}

/**
 * What has to hold after every step: that the ledger says what the model says, and that nobody whose request was granted in this step
 * (`raised`), nor the team that pays for them, is above a limit.
 */
export async function expectAlike(app: App, model: Model, { members, raised }: Pick<Scene, 'members' | 'raised'>): Promise<void> {
  const { facts, line } = await factsOf(app, members);
  expect(facts).toEqual(factsOfModel(model));
  expect(line).toEqual(lineOf(model.allocations));
  expect(raised.flatMap((user) => overLimits(standingOfModel(model, user)))).toEqual([]);
}

/** What costs more: every standing as a decision would read it, and the whole ledger recomputed from its rows. */
export async function expectSound(app: App, model: Model, members: readonly MemberRow[]): Promise<void> {
  for (const member of members) expect(await standing(app, model, member)).toEqual(standingOfModel(model, member.slackUser));
  expect((await verifyLedger(app.ledger)).discrepancy).toBeNull();
}

function overLimits({ user, use, limits, team }: Awaited<ReturnType<typeof standing>>): string[] {
  const over = (what: string, used: number, limit: number) => (used > limit ? [`${user}: ${what} ${used} of ${limit}`] : []);
  return [
    ...over('GPUs', use.heldMilli, limits.gpus),
    ...over('budget', use.committed, limits.gpuHours),
    ...(team === null ? [] : over("the team's GPUs", team.use.heldMilli, team.gpus)),
    ...(team === null ? [] : over("the team's budget", team.use.committed, team.gpuHours)),
  ];
}
