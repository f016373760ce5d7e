// Limits that admins have set for single members, with a reason and mostly an end; nothing of it is ever deleted.
import { and, desc, eq, gt, isNull, or } from 'drizzle-orm';
import type { LimitName, Override } from '../domain/quota.ts';
import type { Queries, Transaction } from './connect.ts';
import { overrides } from './budget-schema.ts';

export interface NewOverride {
  readonly memberId: number;
  readonly limit: LimitName;
  readonly value: number;
  readonly reason: string;
  readonly actor: string;
  readonly at: Date;
  readonly expiresAt: Date | null;
}

/** It takes the place of the one that was in force for the same limit. */
export async function setOverride(tx: Transaction, override: NewOverride): Promise<void> {
  const { memberId, limit, actor: revokedBy, at: revokedAt } = override;
  await revokeOverride(tx, { memberId, limit, revokedBy, revokedAt });
  await tx.insert(overrides).values(override);
}

/** True when one was in force. */
export async function revokeOverride(
  tx: Transaction,
  { memberId, limit, revokedBy, revokedAt }: { memberId: number; limit: LimitName; revokedBy: string; revokedAt: Date },
): Promise<boolean> {
  const rows = await tx
    .update(overrides)
    .set({ revokedAt, revokedBy })
    .where(and(eq(overrides.memberId, memberId), eq(overrides.limit, limit), inForce(revokedAt)))
    .returning({ id: overrides.id });
  return rows.length > 0;
}

/** Those in force at `at`, newest first. */
export async function overridesOf(queries: Queries, memberId: number, at: Date): Promise<Override[]> {
  const rows = await queries
    .select()
    .from(overrides)
    .where(and(eq(overrides.memberId, memberId), inForce(at)))
    .orderBy(desc(overrides.id));
  return rows.map(({ limit, value, expiresAt, actor, reason }) => ({
    limit,
    value,
    until: expiresAt?.toISOString() ?? null,
    by: actor,
    reason,
  }));
}

function inForce(at: Date) {
  return and(isNull(overrides.revokedAt), or(isNull(overrides.expiresAt), gt(overrides.expiresAt, at)));
}
