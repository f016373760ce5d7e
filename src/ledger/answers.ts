// What approvers answered in a span of time, as it was asked: for the weekly digest.
import { and, count, eq, gte, lt, ne, sql } from 'drizzle-orm';
import type { Answered } from '../domain/approvals-digest.ts';
import { secondsBetween } from '../domain/time.ts';
import { approvals, votes } from './approval-schema.ts';
import type { Queries } from './connect.ts';
import { allocations, events } from './schema.ts';

interface Span {
  readonly from: Date;
  readonly to: Date;
}

/** New requests, not extensions. */
export async function answersBetween(queries: Queries, { from, to }: Span): Promise<Answered[]> {
  const asked = sql`${events.detail} -> 'asked'`;
  const rows = await queries
    .select({
      pool: allocations.pool,
      // What was granted may be less than what was asked, which the event of the request has.
      capacityMilli: sql<number>`coalesce((${asked} ->> 'capacityMilli')::int, ${allocations.capacityMilli})`,
      durationSeconds: sql<number>`coalesce((${asked} ->> 'durationSeconds')::int, ${allocations.durationSeconds})`,
      kind: votes.kind,
      at: votes.at,
      askedAt: approvals.askedAt,
    })
    .from(votes)
    .innerJoin(approvals, eq(approvals.id, votes.approvalId))
    .innerJoin(allocations, eq(allocations.id, approvals.allocationId))
    .innerJoin(events, and(eq(events.allocationId, allocations.id), eq(events.version, 1)))
    .where(and(ne(votes.kind, 'ask'), eq(approvals.kind, 'new'), gte(votes.at, from), lt(votes.at, to)));
  return rows.flatMap(({ kind, at, askedAt, ...size }) =>
    kind === 'ask' ? [] : [{ ...size, kind, waitedSeconds: Math.max(0, secondsBetween(askedAt, at)) }],
  );
}

/** Questions of every kind that nobody answered. */
export async function lapsedBetween(queries: Queries, { from, to }: Span): Promise<number> {
  const [row] = await queries
    .select({ lapsed: count() })
    .from(approvals)
    .where(and(eq(approvals.state, 'lapsed'), gte(approvals.closedAt, from), lt(approvals.closedAt, to)));
  return row?.lapsed ?? 0;
}
