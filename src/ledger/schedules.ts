// What is due at fixed times is done once for each, by one process, also when no bot ran at that time.
import { eq, sql } from 'drizzle-orm';
import type { Queries } from './connect.ts';
import { schedules } from './schedule-schema.ts';

/** True when what was due at `due` is not done and nobody is at it: it is the caller's until `until` then. */
export async function claimDue(
  queries: Queries,
  name: string,
  { due, at, until }: { readonly due: Date; readonly at: Date; readonly until: Date },
): Promise<boolean> {
  const rows = await queries
    .insert(schedules)
    .values({ name, claimedUntil: until })
    .onConflictDoUpdate({
      target: schedules.name,
      set: { claimedUntil: until },
      setWhere: sql`(${schedules.doneDueAt} is null or ${schedules.doneDueAt} < ${due.toISOString()}) and ${schedules.claimedUntil} <= ${at.toISOString()}`,
    })
    .returning({ name: schedules.name });
  return rows.length === 1;
}

/** The next claim is for a later time, and need not wait. */
export async function settleDue(queries: Queries, name: string, { due, at }: { readonly due: Date; readonly at: Date }): Promise<void> {
  await queries.update(schedules).set({ doneDueAt: due, claimedUntil: at }).where(eq(schedules.name, name));
}
