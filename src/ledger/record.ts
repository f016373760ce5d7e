// What members made of what they were granted before: budget held for whole leases, and what of it was used.
import { and, eq, gte, inArray, sql } from 'drizzle-orm';
import { isFinal, states } from '../domain/lifecycle.ts';
import { memberAccount } from '../domain/accounts.ts';
import { entries } from './budget-schema.ts';
import type { Queries } from './connect.ts';
import { allocations } from './schema.ts';

const over = states.filter(isFinal);

/** Milli-GPU-seconds of the member's containers that ran and ended since then; what only moved into a new period is counted once. */
export async function recordOf(
  queries: Queries,
  memberId: number,
  since: Date,
): Promise<{ granted: number; used: number; containers: number }> {
  const moved = sql`${entries.reason} = 'new_period'`;
  const [row] = await queries
    .select({
      granted: sql<string>`coalesce(sum(case when ${entries.kind} = 'hold' and (${moved}) is not true then ${entries.amount} else 0 end), 0)`,
      used: sql<string>`coalesce(sum(case when ${entries.kind} = 'post' then ${entries.amount} else 0 end), 0)`,
      containers: sql<string>`count(distinct ${allocations.id})`,
    })
    .from(allocations)
    .innerJoin(entries, and(eq(entries.allocationId, allocations.id), eq(entries.account, memberAccount(memberId))))
    .where(and(eq(allocations.memberId, memberId), inArray(allocations.state, over), gte(allocations.activeAt, since)));
  return { granted: Number(row?.granted ?? 0), used: Number(row?.used ?? 0), containers: Number(row?.containers ?? 0) };
}
