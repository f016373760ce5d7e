// Allocations created and moved along the lifecycle, each change guarded by state and version and recorded as an event.
import { and, eq, inArray, sql, type SQL } from 'drizzle-orm';
import type { ApprovalState } from '../domain/approvals.ts';
import { budgetStates, isLegal, rowOf, type Event, type State } from '../domain/lifecycle.ts';
import { refuse } from '../domain/refusal.ts';
import type { AllocationRow, NewAllocation } from './allocations.ts';
import { closeApprovalOf } from './approvals.ts';
import type { Transaction } from './connect.ts';
import { closeHolds } from './journal.ts';
import { notifying } from './notify.ts';
import { redrawCards } from './outbox.ts';
import { allocations, events } from './schema.ts';

/** Creates it with its first event. */
export async function createAllocation(tx: Transaction, row: NewAllocation, actor: string, detail: object): Promise<void> {
  const { id: allocationId, state: toState, requestedAt: at } = row;
  const requested = tx.insert(events).values({ allocationId, event: 'request' satisfies Event, toState, version: 1, at, actor, detail });
  await Promise.all([
    tx.insert(allocations).values({ ...row, version: 1, ...placeInLine(toState) }),
    toState === 'queued' ? requested.returning(notifying('queue')) : requested,
  ]);
}

function placeInLine(state: State): { queuePlace?: SQL } {
  return state === 'queued' ? { queuePlace: sql`nextval('queue_places')` } : {};
}

export interface Change {
  readonly event: Event;
  readonly id: string;
  /** When given, the change counts only on exactly this version. */
  readonly version?: number;
  readonly at: Date;
  /** `member:U…`, `clock`, `scheduler` or `host:NAME`. */
  readonly actor: string;
  readonly reason?: string;
  /** Nothing of what it used is charged. */
  readonly free?: boolean;
  readonly set?: Partial<AllocationRow>;
  readonly detail?: object;
}

/**
 * Moves an allocation along the lifecycle: `UPDATE … WHERE id AND state = ANY(from)`, its event, and its cards to be redrawn.
 * Throws the refusal `too_late`, naming what happened instead, when the state or the version is not the expected one any more.
 */
export async function transition(tx: Transaction, change: Change): Promise<AllocationRow> {
  const { event, id, at, actor } = change;
  const row = rowOf(event);
  const [before] = await tx.select().from(allocations).where(eq(allocations.id, id)).for('update');
  const [after] = await tx
    .update(allocations)
    .set({
      ...change.set,
      ...placeInLine(row.to[0]),
      state: row.to[0],
      version: sql`${allocations.version} + 1`,
      changedBy: actor,
      changedAt: at,
      reason: change.reason ?? null,
    })
    .where(
      and(
        eq(allocations.id, id),
        inArray(allocations.state, [...row.from]),
        ...(change.version === undefined ? [] : [eq(allocations.version, change.version)]),
      ),
    )
    .returning();
  if (before === undefined) return refuse({ code: 'no_such_allocation', id, nearest: null });
  if (after === undefined) {
    return refuse({ code: 'too_late', event, id, state: before.state, by: before.changedBy, at: before.changedAt.toISOString() });
  }
  await tx.insert(events).values({
    allocationId: id,
    event,
    fromState: before.state,
    toState: after.state,
    version: after.version,
    at,
    actor,
    detail: { ...change.detail, ...(change.reason === undefined ? {} : { reason: change.reason }) },
  });
  if (budgetStates.includes(before.state) && !budgetStates.includes(after.state)) {
    await closeHolds(
      tx,
      { allocationId: id, at, actor, ...(change.reason === undefined ? {} : { reason: change.reason }) },
      change.free ?? false,
    );
  }
  const answered = answerIn(event, before.state);
  if (answered !== null) await closeApprovalOf(tx, id, { state: answered, at });
  await redrawCards(tx, id, at);
  return after;
}

/** What becomes of an open question to the approvers by this step; null: it stays open, or none can be. */
function answerIn(event: Event, before: State): Exclude<ApprovalState, 'open'> | null {
  if (isLegal('approve', before)) return answers[event] ?? 'withdrawn';
  return isLegal('extend', before) && event !== 'extend' ? 'withdrawn' : null;
}

const answers: Partial<Record<Event, Exclude<ApprovalState, 'open'>>> = { approve: 'approved', deny: 'denied', lapse: 'lapsed' };
