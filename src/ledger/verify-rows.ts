// What verification recomputes, read in one snapshot and in batches: the ledger may be larger than the bot's memory.
import { and, asc, eq, gt, lte, sql } from 'drizzle-orm';
import type { State } from '../domain/lifecycle.ts';
import type { AccountPeriod, BudgetChange, GaugeChange, MadeByDelivery, VerifiedAllocation } from '../domain/verify.ts';
import { accounts, balances, entries } from './budget-schema.ts';
import type { Database, Transaction } from './connect.ts';
import { inbox } from './mail-schema.ts';
import { allocations, devices, events, leases, members, policies } from './schema.ts';

/** Everything that `read` asks of the transaction is as of one moment. */
export async function snapshot<T>(database: Database, read: (tx: Transaction) => Promise<T>): Promise<T> {
  return database.transaction(
    async (tx) => {
      // A plan for batches of any size expects a tenth of the table in each, and reads whole tables for it.
      await tx.execute(sql`set local plan_cache_mode = force_custom_plan`);
      return read(tx);
    },
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  );
}

/** By id, so many at a time, each with its events, leases and entries. */
export async function* allocationsInBatches(tx: Transaction, size: number): AsyncGenerator<VerifiedAllocation[]> {
  for (let after = ''; ;) {
    const rows = await tx.select().from(allocations).where(gt(allocations.id, after)).orderBy(asc(allocations.id)).limit(size);
    const last = rows.at(-1)?.id;
    if (last === undefined) return;
    const [history, leased, journal] = await Promise.all([
      tx
        .select()
        .from(events)
        .where(between(events.allocationId, after, last))
        .orderBy(asc(events.sequence)),
      tx
        .select({ lease: leases, host: devices.host, model: devices.model, parent: devices.parent })
        .from(leases)
        .innerJoin(devices, eq(devices.uuid, leases.device))
        .where(between(leases.allocationId, after, last)),
      tx
        .select()
        .from(entries)
        .where(between(entries.allocationId, after, last))
        .orderBy(asc(entries.sequence)),
    ]);
    const eventsOf = grouped(history, ({ allocationId }) => allocationId);
    const leasesOf = grouped(leased, ({ lease }) => lease.allocationId);
    const entriesOf = grouped(journal, ({ allocationId }) => allocationId);
    yield rows.map((row) => ({
      ...row,
      devices: row.deviceCount,
      events: (eventsOf.get(row.id) ?? []).map(({ fromState, toState, ...event }) => ({
        ...event,
        from: fromState as State | null,
        to: toState as State,
      })),
      leases: (leasesOf.get(row.id) ?? []).map(({ lease: { device, fence, releasedAt }, ...about }) => ({
        ...about,
        device,
        fence,
        live: releasedAt === null,
      })),
      entries: (entriesOf.get(row.id) ?? []).map((entry) => ({
        ...entry,
        period: periodName(entry),
        rolledOver: entry.reason === 'new_period',
      })),
    }));
    if (rows.length < size) return;
    after = last;
  }
}

/** Every event, by sequence. */
export async function* gaugeChangesInBatches(tx: Transaction, size: number): AsyncGenerator<GaugeChange[]> {
  for (let after = 0; ;) {
    const rows = await tx
      .select({
        sequence: events.sequence,
        allocationId: events.allocationId,
        event: events.event,
        from: events.fromState,
        to: events.toState,
        at: events.at,
        detail: sql<unknown>`case when ${events.fromState} is null or ${events.event} in ('approve', 'extend') then ${events.detail} end`,
        allocation: {
          memberId: allocations.memberId,
          team: allocations.team,
          pool: allocations.pool,
          devices: allocations.deviceCount,
          capacityMilli: allocations.capacityMilli,
          chargeMilli: allocations.chargeMilli,
          durationSeconds: allocations.durationSeconds,
        },
      })
      .from(events)
      .leftJoin(allocations, eq(allocations.id, events.allocationId))
      .where(gt(events.sequence, after))
      .orderBy(asc(events.sequence))
      .limit(size);
    yield rows.map((row) => ({ ...row, from: row.from as State | null, to: row.to as State }));
    const last = rows.at(-1);
    if (last === undefined || rows.length < size) return;
    after = last.sequence;
  }
}

/**
 * Every entry, by sequence. A request's own is the first of its account, of its moment and of its whole cost (or more, where less was approved), an extension's of its moment and of its seconds (the first
 * such entry for the first such event); all others of an allocation move or close what is held.
 */
export async function* budgetChangesInBatches(tx: Transaction, size: number): AsyncGenerator<BudgetChange[]> {
  const sameBefore = sql`(select count(*) from entries same where same.allocation_id = ${entries.allocationId} and same.account = ${entries.account}
    and same.kind = 'hold' and same.at = ${entries.at} and same.amount = ${entries.amount} and same.reason is distinct from 'new_period'
    and same.sequence < ${entries.sequence})`;
  const extension = sql`(select extend.detail from events extend where extend.allocation_id = ${entries.allocationId} and extend.event = 'extend'
    and extend.at = ${entries.at} and (extend.detail->>'seconds')::bigint * ${allocations.chargeMilli} = ${entries.amount}
    order by extend.sequence offset ${sameBefore} limit 1)`;
  const detail = sql<unknown>`case when ${entries.kind} <> 'hold' or ${entries.reason} = 'new_period' then null
    when ${entries.at} = ${events.at} and ${entries.amount} >= ${allocations.chargeMilli}::bigint * ${allocations.durationSeconds}
      and not exists (select from entries earlier where earlier.allocation_id = ${entries.allocationId} and earlier.account = ${entries.account}
        and earlier.sequence < ${entries.sequence}) then ${events.detail}
    else ${extension} end`;
  for (let after = 0; ;) {
    const rows = await tx
      .select({ entry: entries, detail })
      .from(entries)
      .leftJoin(allocations, eq(allocations.id, entries.allocationId))
      .leftJoin(events, and(eq(events.allocationId, entries.allocationId), eq(events.version, 1), eq(entries.kind, 'hold')))
      .where(gt(entries.sequence, after))
      .orderBy(asc(entries.sequence))
      .limit(size);
    yield rows.map(({ entry, detail: decidedBy }) => ({ ...entry, detail: decidedBy, period: periodName(entry) }));
    const last = rows.at(-1);
    if (last === undefined || rows.length < size) return;
    after = last.entry.sequence;
  }
}

/** Thousandths that a GPU of a pool costs, by policy version and pool. */
export async function ratesByPolicy(tx: Transaction): Promise<Map<string, number>> {
  const rows = await tx.execute<{ version: number; pool: string; rate: number }>(sql`
    select version, pool->>'name' as pool, coalesce((pool->>'rate')::float8, 1) as rate
    from ${policies}, jsonb_array_elements(document->'pools') as pool`);
  return new Map(rows.map(({ version, pool, rate }) => [`${version} ${pool}`, Math.round(rate * 1000)]));
}

export async function keptBalances(tx: Transaction): Promise<(AccountPeriod & { committed: number })[]> {
  const rows = await tx.select().from(balances).orderBy(asc(balances.account), asc(balances.periodStart));
  return rows.map((row) => ({ ...row, period: periodName(row) }));
}

export async function reachedPeriods(tx: Transaction): Promise<AccountPeriod[]> {
  const rows = await tx.select().from(accounts).orderBy(asc(accounts.account));
  return rows.map((row) => ({ account: row.account, period: periodName(row) }));
}

/** Deliveries that made an allocation which is not there, is somebody else's, or was made by another one as well. */
export async function doubtfulDeliveries(tx: Transaction): Promise<MadeByDelivery[]> {
  return tx.execute<MadeByDelivery & Record<string, unknown>>(sql`
    select * from (
      select ${inbox.key} as "key", ${inbox.slackUser} as "user", ${inbox.outcome}->>'id' as "allocationId", ${members.slackUser} as "holder",
        (count(*) over (partition by ${inbox.outcome}->>'id'))::int as "times"
      from ${inbox} left join ${allocations} on ${allocations.id} = ${inbox.outcome}->>'id' left join ${members} on ${members.id} = ${allocations.memberId}
      where ${inbox.doneAt} is not null and ${inbox.outcome}->>'kind' = 'requested'
    ) made where "times" > 1 or "holder" is distinct from "user" order by "key" limit 1`);
}

function grouped<R>(rows: readonly R[], keyOf: (row: R) => string | null): ReadonlyMap<string | null, readonly R[]> {
  const groups = new Map<string | null, R[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}

function between(
  column: typeof events.allocationId | typeof leases.allocationId | typeof entries.allocationId,
  after: string,
  last: string,
) {
  return and(gt(column, after), lte(column, last));
}

function periodName({ periodKind, periodStart }: { readonly periodKind: string; readonly periodStart: Date }): string {
  return `${periodKind} of ${periodStart.toISOString().slice(0, 10)}`;
}
