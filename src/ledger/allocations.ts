// Allocations, read: by holder, by state, by place in line, with their history.
import { and, asc, count, desc, eq, gt, gte, inArray, isNull, lte, or, sql, type SQL } from 'drizzle-orm';
import { holdingStates, rowOf, type Event, type State } from '../domain/lifecycle.ts';
import type { Queries, Transaction } from './connect.ts';
import { allocations, events, hosts, members } from './schema.ts';

export type AllocationRow = typeof allocations.$inferSelect;
export type NewAllocation = typeof allocations.$inferInsert;

/** An allocation with its holder. */
export interface HeldAllocation {
  readonly allocation: AllocationRow;
  readonly holder: typeof members.$inferSelect;
}

export async function findAllocation(queries: Queries, id: string): Promise<HeldAllocation | null> {
  const [row] = await queries
    .select({ allocation: allocations, holder: members })
    .from(allocations)
    .innerJoin(members, eq(members.id, allocations.memberId))
    .where(eq(allocations.id, id));
  return row ?? null;
}

/** Slack user ids of those who hold these, by allocation. */
export async function holdersOf(queries: Queries, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await queries
    .select({ id: allocations.id, user: members.slackUser })
    .from(allocations)
    .innerJoin(members, eq(members.id, allocations.memberId))
    .where(inArray(allocations.id, [...ids]));
  return new Map(rows.map(({ id, user }) => [id, user]));
}

/** What counts towards a member's limits, oldest first. */
export async function holdingsOf(queries: Queries, memberId: number): Promise<AllocationRow[]> {
  return queries
    .select()
    .from(allocations)
    .where(and(eq(allocations.memberId, memberId), inArray(allocations.state, [...holdingStates])))
    .orderBy(asc(allocations.requestedAt), asc(allocations.id));
}

export async function newestOf(queries: Queries, memberId: number): Promise<AllocationRow | null> {
  const [row] = await queries
    .select()
    .from(allocations)
    .where(eq(allocations.memberId, memberId))
    .orderBy(desc(allocations.requestedAt), desc(allocations.id))
    .limit(1);
  return row ?? null;
}

/** Milli-GPU that a team holds, and how much of it on hosts whose last report is not from between `heard`. */
export async function teamUse(
  queries: Queries,
  team: string,
  heard: { readonly from: Date; readonly to: Date },
): Promise<{ held: number; silent: number }> {
  const last = sql`${hosts.lastReportAt} between ${heard.from.toISOString()}::timestamptz and ${heard.to.toISOString()}::timestamptz`;
  const silent = sql`${allocations.host} is not null and (${last}) is not true`;
  const [row] = await queries
    .select({
      held: sql<string>`coalesce(sum(${allocations.capacityMilli}), 0)`,
      silent: sql<string>`coalesce(sum(${allocations.capacityMilli}) filter (where ${silent}), 0)`,
    })
    .from(allocations)
    .leftJoin(hosts, eq(hosts.name, allocations.host))
    .where(and(eq(allocations.team, team), inArray(allocations.state, [...holdingStates])));
  return { held: Number(row?.held ?? 0), silent: Number(row?.silent ?? 0) };
}

/** How many requests wait, for a person or for a place, by pool. */
export async function waitingByPool(queries: Queries): Promise<Map<string, number>> {
  const rows = await queries
    .select({ pool: allocations.pool, waiting: count() })
    .from(allocations)
    .where(inArray(allocations.state, [...rowOf('cancel').from]))
    .groupBy(allocations.pool);
  return new Map(rows.map(({ pool, waiting }) => [pool, waiting]));
}

export async function allocationsIn(queries: Queries, states: readonly State[]): Promise<HeldAllocation[]> {
  return queries
    .select({ allocation: allocations, holder: members })
    .from(allocations)
    .innerJoin(members, eq(members.id, allocations.memberId))
    .where(inArray(allocations.state, [...states]))
    .orderBy(asc(allocations.queuePlace), asc(allocations.requestedAt), asc(allocations.id));
}

/**
 * The queue of a pool, first come first, without those whose time has run out and those granted another size of device than
 * `deviceMilli`; the first `limit` of it.
 */
export async function queueOf(
  queries: Queries,
  { name: pool, deviceMilli }: { readonly name: string; readonly deviceMilli: number },
  { at, limit = 1_000_000 }: { readonly at: Date; readonly limit?: number },
): Promise<AllocationRow[]> {
  const stillWanted = and(gt(allocations.lapsesAt, at), or(isNull(allocations.until), gt(allocations.until, at)));
  return queries
    .select()
    .from(allocations)
    .where(and(eq(allocations.state, 'queued'), eq(allocations.pool, pool), isOfSize(deviceMilli), stillWanted))
    .orderBy(asc(allocations.queuePlace))
    .limit(limit);
}

/** What was granted is so many milli-GPU a device: under another policy its pool's devices may be of another size. */
function isOfSize(deviceMilli: number): SQL {
  return sql`${allocations.capacityMilli} = ${allocations.deviceCount} * ${deviceMilli}::int`;
}

/** The host each of these members was placed on last, for those who ever were. */
export async function workedOn(queries: Queries, memberIds: readonly number[]): Promise<{ memberId: number; host: string }[]> {
  if (memberIds.length === 0) return [];
  // One look into the index per member, however much they have had before.
  const rows = await queries.execute<{ member_id: string; host: string }>(sql`
    select wanted.member_id, last.host
    from unnest(${sql.param(`{${memberIds.join(',')}}`)}::bigint[]) as wanted(member_id)
    cross join lateral (
      select host from allocations where member_id = wanted.member_id and placed_at is not null order by placed_at desc limit 1
    ) last`);
  return rows.map(({ member_id, host }) => ({ memberId: Number(member_id), host }));
}

export async function poolsWaiting(queries: Queries): Promise<string[]> {
  const rows = await queries.selectDistinct({ pool: allocations.pool }).from(allocations).where(eq(allocations.state, 'queued'));
  return rows.map(({ pool }) => pool);
}

/** Waiting too long (nobody answered, or not placed by its deadline or fixed end), or for what is none of `pools`, by name and size. */
export async function lapsedBy(
  queries: Queries,
  at: Date,
  pools: readonly { readonly name: string; readonly deviceMilli: number }[],
): Promise<AllocationRow[]> {
  const offered = pools.map(({ name, deviceMilli }) => sql`(${allocations.pool} = ${name} and ${isOfSize(deviceMilli)})`);
  return queries
    .select()
    .from(allocations)
    .where(
      and(
        inArray(allocations.state, [...rowOf('lapse').from]),
        or(lte(allocations.lapsesAt, at), lte(allocations.until, at), sql`not (${sql.join(offered, sql` or `)})`),
      ),
    )
    .orderBy(asc(allocations.lapsesAt));
}

/** Leases over at `at`, and containers not up since `placedBefore`. */
export async function overdue(queries: Queries, at: Date, placedBefore: Date): Promise<AllocationRow[]> {
  return queries
    .select()
    .from(allocations)
    .where(
      or(
        and(eq(allocations.state, 'active'), lte(allocations.leaseEndsAt, at)),
        and(eq(allocations.state, 'placed'), lte(allocations.placedAt, placedBefore)),
      ),
    )
    .orderBy(asc(allocations.id));
}

/** When a request that waits for a person lapses. */
export async function setLapse(tx: Transaction, id: string, lapsesAt: Date): Promise<void> {
  await tx.update(allocations).set({ lapsesAt }).where(eq(allocations.id, id));
}

/** By how many seconds the member's leases were extended since then, all together. */
export async function extendedSince(queries: Queries, memberId: number, since: Date): Promise<number> {
  const [row] = await queries
    .select({ seconds: sql<string>`coalesce(sum((${events.detail} ->> 'seconds')::bigint), 0)::bigint` })
    .from(events)
    .innerJoin(allocations, eq(allocations.id, events.allocationId))
    .where(
      and(
        eq(allocations.memberId, memberId),
        or(isNull(allocations.endedAt), gte(allocations.endedAt, since)),
        eq(events.event, 'extend' satisfies Event),
        gte(events.at, since),
      ),
    );
  return Number(row?.seconds ?? 0);
}

/** Everything that happened to an allocation, in order. */
export async function historyOf(queries: Queries, id: string) {
  return queries
    .select({ event: events.event, at: events.at, actor: events.actor, detail: events.detail })
    .from(events)
    .where(eq(events.allocationId, id))
    .orderBy(asc(events.sequence));
}
