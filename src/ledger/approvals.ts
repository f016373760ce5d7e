// Questions to approvers and their votes: asked, chased, paused, closed. At most one of an allocation is open.
import { and, asc, desc, eq, inArray, isNotNull, isNull, lte } from 'drizzle-orm';
import type { ApprovalState, VoteKind } from '../domain/approvals.ts';
import { approvals, votes } from './approval-schema.ts';
import { isCardOf, noteOnCard } from './card-notes.ts';
import type { Queries, Transaction } from './connect.ts';
import { outbox } from './mail-schema.ts';
import { allocations, members } from './schema.ts';

export type ApprovalRow = typeof approvals.$inferSelect;
export type VoteRow = typeof votes.$inferSelect & { readonly user: string };

export async function openApproval(
  tx: Queries,
  row: Pick<ApprovalRow, 'allocationId' | 'kind' | 'askedAt' | 'extendSeconds' | 'nextAt' | 'lapsesAt'>,
) {
  const [{ id } = { id: 0 }] = await tx.insert(approvals).values(row).returning({ id: approvals.id });
  return id;
}

/** The open one of an allocation, or null. Inside a decision that holds the allocation's locks nobody else closes it. */
export async function approvalOpenOf(queries: Queries, allocationId: string): Promise<ApprovalRow | null> {
  const [row] = await queries
    .select()
    .from(approvals)
    .where(and(eq(approvals.allocationId, allocationId), eq(approvals.state, 'open')));
  return row ?? null;
}

export async function approvalById(queries: Queries, id: number): Promise<ApprovalRow | null> {
  const [row] = await queries.select().from(approvals).where(eq(approvals.id, id));
  return row ?? null;
}

/** All of an allocation, the newest first. */
export async function approvalsOf(queries: Queries, allocationId: string): Promise<ApprovalRow[]> {
  return queries.select().from(approvals).where(eq(approvals.allocationId, allocationId)).orderBy(desc(approvals.id));
}

/** Open ones with their allocation and holder, the oldest first. */
export async function openApprovals(queries: Queries) {
  return queries
    .select({ approval: approvals, allocation: allocations, holder: members })
    .from(approvals)
    .innerJoin(allocations, eq(allocations.id, approvals.allocationId))
    .innerJoin(members, eq(members.id, allocations.memberId))
    .where(eq(approvals.state, 'open'))
    .orderBy(asc(approvals.askedAt), asc(approvals.id));
}

/** Open ones whose card is not even on its way. */
export async function approvalsWithoutCard(queries: Queries) {
  return queries
    .select({ approval: approvals, pool: allocations.pool })
    .from(approvals)
    .innerJoin(allocations, eq(allocations.id, approvals.allocationId))
    .leftJoin(outbox, isCardOf(approvals.allocationId, approvals.id))
    .where(and(eq(approvals.state, 'open'), isNull(outbox.id)))
    .orderBy(asc(approvals.id));
}

/** Open ones in which somebody is to be reminded or asked by now. */
export async function approvalsToChase(queries: Queries, at: Date): Promise<ApprovalRow[]> {
  return queries
    .select()
    .from(approvals)
    .where(and(eq(approvals.state, 'open'), isNotNull(approvals.nextAt), lte(approvals.nextAt, at)))
    .orderBy(asc(approvals.id));
}

/** Extensions that nobody has answered in time: a new request lapses with its allocation. */
export async function extensionsToLapse(queries: Queries, at: Date): Promise<ApprovalRow[]> {
  return queries
    .select()
    .from(approvals)
    .where(and(eq(approvals.state, 'open'), eq(approvals.kind, 'extend'), lte(approvals.lapsesAt, at)))
    .orderBy(asc(approvals.id));
}

export async function changeApproval(
  tx: Transaction,
  id: number,
  set: Partial<Pick<ApprovalRow, 'stage' | 'nextAt' | 'lapsesAt' | 'pausedSeconds'>>,
): Promise<void> {
  await tx.update(approvals).set(set).where(eq(approvals.id, id));
}

/** Closes what is open of an allocation, if anything is. */
export async function closeApprovalOf(
  tx: Queries,
  allocationId: string,
  { state, at }: { readonly state: Exclude<ApprovalState, 'open'>; readonly at: Date },
): Promise<void> {
  const closed = await tx
    .update(approvals)
    .set({ state, closedAt: at, nextAt: null })
    .where(and(eq(approvals.allocationId, allocationId), eq(approvals.state, 'open')))
    .returning({ id: approvals.id });
  for (const { id: approval } of closed) await noteOnCard(tx, { allocationId, approval }, { kind: state }, at);
}

export interface Vote {
  readonly approvalId: number;
  readonly memberId: number;
  readonly kind: VoteKind;
  readonly at: Date;
  readonly onBehalfOf: string | null;
  readonly words: string | null;
}

/** Returns its number. */
export async function castVote(tx: Transaction, vote: Vote): Promise<number> {
  const [{ id } = { id: 0 }] = await tx.insert(votes).values(vote).returning({ id: votes.id });
  return id;
}

/** The requester's answer to the newest question. */
export async function answerQuestion(tx: Transaction, voteId: number, answer: string, answeredAt: Date): Promise<void> {
  await tx.update(votes).set({ answer, answeredAt }).where(eq(votes.id, voteId));
}

/** In the order they were cast. */
export async function votesOf(queries: Queries, approvalIds: readonly number[]): Promise<VoteRow[]> {
  if (approvalIds.length === 0) return [];
  const rows = await queries
    .select({ vote: votes, user: members.slackUser })
    .from(votes)
    .innerJoin(members, eq(members.id, votes.memberId))
    .where(inArray(votes.approvalId, [...approvalIds]))
    .orderBy(asc(votes.id));
  return rows.map(({ vote, user }) => ({ ...vote, user }));
}
