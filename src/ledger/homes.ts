// App Homes: opened, drawn anew when the rows that one shows are not those it was drawn from, forgotten. Nothing that changes those rows
// has to know of Homes, so no decision waits for the row of a Home that many requests would mark.
import { and, eq, gt, isNull, lt, or, sql, type SQL } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import { holdingStates } from '../domain/lifecycle.ts';
import type { Period } from '../domain/journal.ts';
import { approvals, handOvers } from './approval-schema.ts';
import { balances, overrides } from './budget-schema.ts';
import { among } from './columns.ts';
import type { Database, Queries } from './connect.ts';
import { homes } from './home-schema.ts';
import { notify } from './notify.ts';
import { allocations, members } from './schema.ts';

export interface ClaimedHome {
  readonly memberId: number;
  readonly user: string;
  readonly attempts: number;
  /** Digest of the rows as they are now. */
  readonly drawnFrom: string;
}

/** It is drawn as soon as it may be. */
export async function openedHome(queries: Queries, memberId: number, at: Date): Promise<void> {
  await queries
    .insert(homes)
    .values({ memberId, openedAt: at, nextAt: at })
    .onConflictDoUpdate({ target: homes.memberId, set: { openedAt: at, drawnFrom: null } });
  await notify(queries, 'homes');
}

export async function forgetHomes(queries: Queries, openedBefore: Date): Promise<void> {
  await queries.delete(homes).where(lt(homes.openedAt, openedBefore));
}

export async function forgetHome(queries: Queries, memberId: number): Promise<void> {
  await queries.delete(homes).where(eq(homes.memberId, memberId));
}

interface Moment {
  readonly at: Date;
  /** Budgets are shown of it. */
  readonly period: Period;
  readonly policyVersion: number;
}

/** Claims until `until` one Home that may be drawn and is not as it was drawn; null when there is none. */
export async function claimHome(database: Database, now: Moment, until: Date): Promise<ClaimedHome | null> {
  const { at } = now;
  const seen = sql<string>`${digest(now)}`;
  return database.transaction(async (tx) => {
    const [due] = await tx
      .select({ memberId: homes.memberId, user: members.slackUser, attempts: homes.attempts, drawnFrom: seen })
      .from(homes)
      .innerJoin(members, eq(members.id, homes.memberId))
      .where(
        and(
          sql`${homes.nextAt} <= ${at.toISOString()}::timestamptz`,
          or(isNull(homes.claimedUntil), sql`${homes.claimedUntil} <= ${at.toISOString()}::timestamptz`),
          sql`${homes.drawnFrom} is distinct from ${seen}`,
        ),
      )
      .orderBy(homes.nextAt)
      .limit(1)
      .for('update', { of: homes, skipLocked: true });
    if (due === undefined) return null;
    await tx.update(homes).set({ claimedUntil: until }).where(eq(homes.memberId, due.memberId));
    return due;
  });
}

/** The claimed Home is on the screen. */
export async function settleHome(
  queries: Queries,
  { memberId, drawnFrom }: ClaimedHome,
  { asApprover, nextAt }: { readonly asApprover: boolean; readonly nextAt: Date },
): Promise<void> {
  await queries.update(homes).set({ drawnFrom, asApprover, nextAt, claimedUntil: null, attempts: 0 }).where(eq(homes.memberId, memberId));
}

/** Slack did not take the claimed Home, or it could not be drawn. */
export async function putBackHome(queries: Queries, { memberId }: ClaimedHome, nextAt: Date): Promise<void> {
  await queries
    .update(homes)
    .set({ nextAt, claimedUntil: null, attempts: sql`${homes.attempts} + 1` })
    .where(eq(homes.memberId, memberId));
}

/** Slack takes no Home of anybody before that. */
export async function postponeHomes(queries: Queries, nextAt: Date): Promise<void> {
  await queries.update(homes).set({ nextAt }).where(lt(homes.nextAt, nextAt));
}

/** Of everything that a Home shows of its member and of what waits for them; not of how full the pools are, which changes all the time. */
function digest({ at, period, policyVersion }: Moment): SQL {
  const own = eq(allocations.memberId, homes.memberId);
  const sooner = alias(allocations, 'sooner');
  const ahead = sql`(select count(*) from ${allocations} sooner where ${allocations.state} = 'queued' and ${sooner.state} = 'queued'
    and ${sooner.pool} = ${allocations.pool} and ${sooner.queuePlace} < ${allocations.queuePlace})`;
  const parts = [
    sql`${`${policyVersion} ${period.kind} ${period.start.toISOString()}`}::text`,
    sql`(select string_agg(concat_ws(':', ${allocations.id}, ${allocations.version}, ${ahead}), ',' order by ${allocations.id})
      from ${allocations} where ${and(own, among(allocations.state, holdingStates))})`,
    sql`(select string_agg(concat_ws(':', ${approvals.id}, ${approvals.stage}, coalesce(${approvals.pausedSeconds}, -1), ${approvals.lapsesAt}), ',' order by ${approvals.id})
      from ${approvals} join ${allocations} on ${eq(allocations.id, approvals.allocationId)}
      where ${approvals.state} = 'open' and (${homes.asApprover} or ${own}))`,
    sql`(select string_agg(${handOvers.id}::text, ',' order by ${handOvers.id}) from ${handOvers}
      where ${and(isNull(handOvers.endedAt), gt(handOvers.until, at))} and ${members.slackUser} in (${handOvers.fromUser}, ${handOvers.toUser}))`,
    sql`(select string_agg(${overrides.id}::text, ',' order by ${overrides.id}) from ${overrides}
      where ${and(eq(overrides.memberId, homes.memberId), isNull(overrides.revokedAt), or(isNull(overrides.expiresAt), gt(overrides.expiresAt, at)))})`,
    sql`(select ${balances.committed}::text from ${balances} where ${balances.account} = 'member:' || ${homes.memberId} and ${and(
      eq(balances.periodKind, period.kind),
      eq(balances.periodStart, period.start),
    )})`,
  ];
  return sql`md5(concat_ws('|', ${sql.join(
    parts.map((part) => sql`coalesce(${part}, '')`),
    sql`, `,
  )}))`;
}
