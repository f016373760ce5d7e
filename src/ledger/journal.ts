// The journal of budgets: append-only entries, and the balance of each account and period that is kept with them.
import { and, asc, eq, inArray, ne, or, sql } from 'drizzle-orm';
import { ownerOf } from '../domain/accounts.ts';
import {
  closeIn,
  periodAt,
  rollOver,
  samePeriod,
  type Entry,
  type OpenHold,
  type Period,
  type PeriodKind,
  type Spans,
} from '../domain/journal.ts';
import { budgetStates } from '../domain/lifecycle.ts';
import type { Queries, Transaction } from './connect.ts';
import { accounts, balances, entries } from './budget-schema.ts';
import { allocations, observed } from './schema.ts';

export interface Cause {
  readonly allocationId: string | null;
  readonly at: Date;
  readonly actor: string;
  readonly reason?: string;
}

/** Appends them and moves the balances. The caller holds the locks of their accounts. */
export async function record(tx: Transaction, wanted: readonly Entry[], cause: Cause): Promise<void> {
  if (wanted.length === 0) return;
  const journal = tx.insert(entries).values(
    wanted.map(({ account, period, kind, amount }) => ({
      account,
      kind,
      amount,
      periodKind: period.kind,
      periodStart: period.start,
      ...cause,
    })),
  );
  const changes = new Map<string, typeof balances.$inferInsert>();
  for (const { account, period, kind, amount } of wanted) {
    if (kind === 'post') continue;
    const key = `${account} ${period.kind} ${period.start.getTime()}`;
    const committed = (changes.get(key)?.committed ?? 0) + (kind === 'void' ? -amount : amount);
    changes.set(key, { account, periodKind: period.kind, periodStart: period.start, committed });
  }
  await Promise.all([journal, changes.size === 0 ? null : moveBalances(tx, [...changes.values()])]);
}

/** Each row another balance, by how much it changes. */
async function moveBalances(tx: Transaction, changes: (typeof balances.$inferInsert)[]): Promise<void> {
  await tx
    .insert(balances)
    .values(changes)
    .onConflictDoUpdate({
      target: [balances.account, balances.periodKind, balances.periodStart],
      set: { committed: sql`${balances.committed} + excluded.committed` },
    });
}

/** Milli-GPU-seconds that count towards the budgets of these accounts in this period. */
export async function committedIn(queries: Queries, payers: readonly string[], { kind, start }: Period): Promise<Map<string, number>> {
  const rows = await queries
    .select({ account: balances.account, committed: balances.committed })
    .from(balances)
    .where(and(inArray(balances.account, [...payers]), eq(balances.periodKind, kind), eq(balances.periodStart, start)));
  return new Map(rows.map(({ account, committed }) => [account, committed]));
}

/** Everything recorded for one allocation, in order. */
export async function entriesOf(queries: Queries, allocationId: string) {
  return queries.select().from(entries).where(eq(entries.allocationId, allocationId)).orderBy(asc(entries.sequence));
}

interface HeldBudget {
  readonly allocationId: string;
  readonly hold: OpenHold;
  readonly spans: Spans;
}

/** Sets `amount` aside in the current period of each of these accounts, which have reached it. */
export async function hold(tx: Transaction, payers: readonly string[], amount: number, kind: PeriodKind, cause: Cause): Promise<void> {
  const period = periodAt(kind, cause.at);
  const wanted = payers.map((account) => ({ account, period, kind: 'hold' as const, amount }));
  await record(tx, amount > 0 ? wanted : [], cause);
}

/** Gives back so much of what an allocation holds of each of these accounts, which have reached the current period. */
export async function giveBack(tx: Transaction, payers: readonly string[], amount: number, kind: PeriodKind, cause: Cause): Promise<void> {
  const period = periodAt(kind, cause.at);
  const wanted = payers.map((account) => ({ account, period, kind: 'void' as const, amount }));
  await record(tx, amount > 0 ? wanted : [], cause);
}

/** The allocation uses no more: what it used is posted, the rest of what it held is void, in each of its accounts. `free`: all of it is void. */
export async function closeHolds(tx: Transaction, cause: Cause & { readonly allocationId: string }, free: boolean): Promise<void> {
  const held = await heldBudgets(tx, [cause.allocationId]);
  const unused = (spans: Spans): Spans => (free ? { ...spans, activeAt: null } : spans);
  const wanted = held.flatMap(({ hold: open, spans }) => closeIn(open, unused(spans), cause.at));
  await record(tx, wanted, cause);
}

/** Whether all of these accounts have reached the current period, so that there is nothing to roll over. */
export async function haveReached(queries: Queries, payers: readonly string[], kind: PeriodKind, at: Date): Promise<boolean> {
  const { start } = periodAt(kind, at);
  const rows = await queries
    .select({ account: accounts.account })
    .from(accounts)
    .where(and(inArray(accounts.account, [...payers]), eq(accounts.periodKind, kind), eq(accounts.periodStart, start)));
  return rows.length === new Set(payers).size;
}

/** Brings what the account's allocations hold into the current period; every decision on its budget does so first. */
export async function rollOverAccount(tx: Transaction, account: string, kind: PeriodKind, at: Date): Promise<number> {
  const current = periodAt(kind, at);
  const [known] = await tx.select().from(accounts).where(eq(accounts.account, account));
  if (known !== undefined && samePeriod({ kind: known.periodKind, start: known.periodStart }, current)) return 0;
  let moved = 0;
  for (const { allocationId, hold: open, spans } of await heldBudgets(tx, await idsWithHolds(tx, account))) {
    if (open.account !== account) continue;
    const wanted = rollOver(open, spans, current, at);
    await record(tx, wanted, { allocationId, at, actor: 'clock', reason: 'new_period' });
    moved += wanted.length > 0 ? 1 : 0;
  }
  const reached = { periodKind: current.kind, periodStart: current.start };
  await tx
    .insert(accounts)
    .values({ account, ...reached })
    .onConflictDoUpdate({ target: accounts.account, set: reached });
  return moved;
}

/** Accounts that have not reached the current period. */
export async function accountsToRollOver(queries: Queries, kind: PeriodKind, at: Date): Promise<string[]> {
  const { start } = periodAt(kind, at);
  const rows = await queries
    .select({ account: accounts.account })
    .from(accounts)
    .where(or(ne(accounts.periodKind, kind), ne(accounts.periodStart, start)))
    .orderBy(asc(accounts.account));
  return rows.map(({ account }) => account);
}

/** Σ(hold − void − post). */
const openSum = sql<string>`sum(case ${entries.kind} when 'hold' then ${entries.amount} when 'adjust' then 0 else -${entries.amount} end)::bigint`;

async function idsWithHolds(tx: Transaction, account: string): Promise<string[]> {
  const owner = ownerOf(account);
  const owned = 'team' in owner ? eq(allocations.team, owner.team) : eq(allocations.memberId, owner.memberId);
  const rows = await tx
    .select({ id: allocations.id })
    .from(allocations)
    .where(and(owned, inArray(allocations.state, [...budgetStates])));
  return rows.map(({ id }) => id);
}

/** What these allocations hold, with the times that say how much of it is used. */
async function heldBudgets(tx: Transaction, ids: readonly string[]): Promise<HeldBudget[]> {
  if (ids.length === 0) return [];
  const sums = await tx
    .select({
      account: entries.account,
      id: allocations.id,
      kind: entries.periodKind,
      start: entries.periodStart,
      open: openSum,
      posted: sql<string>`sum(case ${entries.kind} when 'post' then ${entries.amount} else 0 end)::bigint`,
      chargeMilli: allocations.chargeMilli,
      activeAt: allocations.activeAt,
      leaseEndsAt: allocations.leaseEndsAt,
      runningAt: observed.runningAt,
    })
    .from(entries)
    .innerJoin(allocations, eq(allocations.id, entries.allocationId))
    .leftJoin(observed, and(eq(observed.allocationId, allocations.id), eq(observed.host, allocations.host)))
    .where(inArray(entries.allocationId, [...ids]))
    .groupBy(entries.account, allocations.id, entries.periodKind, entries.periodStart, observed.runningAt)
    .orderBy(entries.account, allocations.id, entries.periodStart);
  return sums.flatMap(({ account, id, kind, start, open, chargeMilli, activeAt, leaseEndsAt, runningAt }) => {
    const all = sums.filter((other) => other.account === account && other.id === id);
    const posted = all.reduce((sum, other) => sum + Number(other.posted), 0);
    if (Number(open) <= 0) return [];
    const period = { kind, start };
    return [
      {
        allocationId: id,
        hold: { account, period, open: Number(open), posted },
        spans: { chargeMilli, activeAt, leaseEndsAt, runningAt },
      },
    ];
  });
}
