// Reads the real ledger and holds it against the model: every state, every amount, every account, and what verification says.
import { sql } from 'drizzle-orm';
import { expect } from 'vitest';
import { standingOf } from '../../src/app/standing.ts';
import { verifyLedger } from '../../src/app/verify-ledger.ts';
import type { App } from '../../src/app/app.ts';
import type { MemberRow } from '../../src/ledger/members.ts';
import { memberAccount, teamAccount, useOf, weekAt, committedIn, type Model } from './model.ts';
import { limitOf, policyOf, teamLimitOf, teamOf } from './model-rules.ts';

interface Row extends Record<string, unknown> {
  readonly id: string;
  readonly state: string;
  readonly version: number;
  readonly host: string | null;
  readonly fence: string | null;
  readonly devices: string[];
}

/** Everything that is in the ledger of an allocation, of a hold or of a balance, by name; what is nothing is left out. */
type Facts = Record<string, unknown>;

export async function rowsOf({ ledger }: App): Promise<Row[]> {
  return ledger.reads.execute<Row>(sql`
    select id, state, version, host, fence,
      (select coalesce(json_agg(device order by device), '[]') from leases where allocation_id = id and released_at is null) as devices
    from allocations order by id`);
}

/** Who waits for a place, in their order; both pools together, as one sequence gives the places. */
export async function lineOf({ ledger }: App): Promise<string[]> {
  const rows = await ledger.reads.execute<{ id: string }>(sql`select id from allocations where state = 'queued' order by queue_place`);
  return rows.map(({ id }) => id);
}

export function lineOfModel({ allocations }: Model): string[] {
  const waiting = allocations.filter(({ state }) => state === 'queued');
  return waiting.toSorted((a, b) => (a.place ?? 0) - (b.place ?? 0)).map(({ id }) => id);
}

/** Accounts by the names of the model: the ledger knows members by number. */
function named(account: string, members: readonly MemberRow[]): string {
  const member = members.find(({ id }) => account === `member:${id}`);
  return member === undefined ? account : memberAccount(member.slackUser);
}

async function factsOf(app: App, members: readonly MemberRow[]): Promise<Facts> {
  const { reads } = app.ledger;
  const [rows, holds, balances] = await Promise.all([
    rowsOf(app),
    reads.execute<{ id: string; account: string; start: number; open: number; used: number }>(sql`
      select allocation_id as id, account, extract(epoch from period_start)::int as start,
        sum(case kind when 'hold' then amount else -amount end)::float8 as open,
        sum(case kind when 'post' then amount else 0 end)::float8 as used
      from entries where allocation_id is not null group by 1, 2, 3`),
    reads.execute<{ account: string; start: number; committed: number }>(
      sql`select account, extract(epoch from period_start)::int as start, committed::float8 from balances where committed <> 0`,
    ),
  ]);
  return Object.fromEntries([
    ...rows.map(({ id, state, version, devices }) => [id, `${state} v${version} ${devices.join(' ')}`]),
    ...holds.flatMap(({ id, account, start, open, used }) =>
      open === 0 && used === 0 ? [] : [[`${id} of ${named(account, members)} in week ${weekAt(start)}`, { open, used }]],
    ),
    ...balances.map(({ account, start, committed }) => [`${named(account, members)} in week ${weekAt(start)}`, committed]),
  ]);
}

function factsOfModel(model: Model): Facts {
  const accounts = new Set(model.allocations.flatMap(({ holds }) => Object.keys(holds)));
  for (const { account } of model.corrections) accounts.add(account);
  const held = model.allocations.flatMap(({ holds }) =>
    Object.values(holds).flatMap(({ week, used }) => [week, ...Object.keys(used).map(Number)]),
  );
  const weeks = new Set([...held, ...model.corrections.map(({ week }) => week)]);
  return Object.fromEntries([
    ...model.allocations.map(({ id, state, version, devices }) => [id, `${state} v${version} ${devices.toSorted().join(' ')}`]),
    ...model.allocations.flatMap(({ id, holds }) =>
      Object.entries(holds).flatMap(([account, hold]) =>
        [...weeks].flatMap((week) => {
          const [open, used] = [hold.week === week ? hold.open : 0, hold.used[week] ?? 0];
          return open === 0 && used === 0 ? [] : [[`${id} of ${account} in week ${week}`, { open, used }] as const];
        }),
      ),
    ),
    ...[...accounts].flatMap((account) =>
      [...weeks].flatMap((week) => {
        const committed = committedIn(model, account, week);
        return committed === 0 ? [] : [[`${account} in week ${week}`, committed] as const];
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
 * `raised`: whose requests were granted in this step; they, and the teams that pay for them, have to be within their limits now.
 * `look`: whose standings are read besides; those of the others have their turn.
 */
export async function expectAlike(
  app: App,
  model: Model,
  { members, raised, look }: { members: readonly MemberRow[]; raised: readonly string[]; look: MemberRow | undefined },
): Promise<void> {
  const asked = members.filter((member) => member === look || raised.includes(member.slackUser));
  const [facts, line, verification, ...standings] = await Promise.all([
    factsOf(app, members),
    lineOf(app),
    verifyLedger(app.ledger),
    ...asked.map((member) => standing(app, model, member)),
  ]);
  expect(facts).toEqual(factsOfModel(model));
  expect(line).toEqual(lineOfModel(model));
  expect(standings).toEqual(asked.map(({ slackUser }) => standingOfModel(model, slackUser)));
  expect(verification.discrepancy).toBeNull();
  expect(standings.filter(({ user }) => raised.includes(user)).flatMap(overLimits)).toEqual([]);
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
