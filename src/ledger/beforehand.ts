// What approvers have allowed a member beforehand, and for whom others decide while they are away.
import { and, asc, eq, gt, isNull, lte } from 'drizzle-orm';
import { handOvers, standingApprovals } from './approval-schema.ts';
import type { Queries, Transaction } from './connect.ts';
import { members } from './schema.ts';

export type StandingApprovalRow = typeof standingApprovals.$inferSelect;
export type HandOverRow = typeof handOvers.$inferSelect;

const inForce = (at: Date) =>
  and(isNull(standingApprovals.revokedAt), lte(standingApprovals.grantedAt, at), gt(standingApprovals.expiresAt, at));

export async function allowBeforehand(tx: Transaction, row: Omit<StandingApprovalRow, 'id' | 'revokedAt' | 'revokedBy'>): Promise<void> {
  await tx.insert(standingApprovals).values(row);
}

/** Those of one member in force now, the one that ends last first. */
export async function allowedBeforehand(queries: Queries, memberId: number, at: Date): Promise<StandingApprovalRow[]> {
  const rows = await queries
    .select()
    .from(standingApprovals)
    .where(and(eq(standingApprovals.memberId, memberId), inForce(at)));
  return rows.toSorted((a, b) => b.expiresAt.getTime() - a.expiresAt.getTime());
}

/** All in force now, each with whose requests it is about. */
export async function allAllowedBeforehand(queries: Queries, at: Date): Promise<(StandingApprovalRow & { readonly user: string })[]> {
  const rows = await queries
    .select({ standing: standingApprovals, user: members.slackUser })
    .from(standingApprovals)
    .innerJoin(members, eq(members.id, standingApprovals.memberId))
    .where(inForce(at))
    .orderBy(asc(standingApprovals.id));
  return rows.map(({ standing, user }) => ({ ...standing, user }));
}

/** Null when there is none of this number in force. */
export async function revokeStanding(
  tx: Transaction,
  id: number,
  { by, at }: { readonly by: string; readonly at: Date },
): Promise<StandingApprovalRow | null> {
  const [row] = await tx
    .update(standingApprovals)
    .set({ revokedAt: at, revokedBy: by })
    .where(and(eq(standingApprovals.id, id), inForce(at)))
    .returning();
  return row ?? null;
}

/** In place of any that the approver has made before. */
export async function handOver(tx: Transaction, row: Pick<HandOverRow, 'fromUser' | 'toUser' | 'at' | 'until'>): Promise<void> {
  await endHandOver(tx, row.fromUser, row.at);
  await tx.insert(handOvers).values(row);
}

/** True when one was in force. */
export async function endHandOver(tx: Transaction, fromUser: string, at: Date): Promise<boolean> {
  const ended = await tx
    .update(handOvers)
    .set({ endedAt: at })
    .where(and(eq(handOvers.fromUser, fromUser), isNull(handOvers.endedAt)))
    .returning({ until: handOvers.until });
  return ended.some(({ until }) => until > at);
}

export async function handOversAt(queries: Queries, at: Date): Promise<HandOverRow[]> {
  return queries
    .select()
    .from(handOvers)
    .where(and(lte(handOvers.at, at), gt(handOvers.until, at), isNull(handOvers.endedAt)))
    .orderBy(asc(handOvers.id));
}
