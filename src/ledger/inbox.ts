// The inbox: deliveries that change something, each performed once and answered, whatever dies in between.
import { and, eq, isNotNull, isNull, lte, or, sql } from 'drizzle-orm';
import type { Database, Queries } from './connect.ts';
import { inbox } from './mail-schema.ts';

export type InboxRow = typeof inbox.$inferSelect;

export interface Delivery {
  /** From Slack's ids: the same delivery always has the same key. */
  readonly key: string;
  readonly verb: string;
  readonly team: string;
  readonly user: string;
  /** The *parsed* ask; never a token, a response URL or a raw body. */
  readonly ask: unknown;
}

/** For each delivery: false when it has been received before, also when it stands twice in `deliveries`. */
export async function receive(queries: Queries, deliveries: readonly Delivery[], at: Date, claimedUntil: Date): Promise<boolean[]> {
  const rows = await queries
    .insert(inbox)
    .values(
      deliveries.map(({ key, verb, team, user, ask }) => ({
        key,
        verb,
        slackTeam: team,
        slackUser: user,
        ask,
        receivedAt: at,
        claimedUntil,
      })),
    )
    .onConflictDoNothing()
    .returning({ key: inbox.key });
  const fresh = new Set(rows.map(({ key }) => key));
  return deliveries.map(({ key }) => fresh.delete(key));
}

/** Marks it done with its outcome, in the effect's own transaction. False when somebody else has done it: roll back then. */
export async function markDone(queries: Queries, key: string, outcome: unknown, at: Date): Promise<boolean> {
  const rows = await queries
    .update(inbox)
    .set({ doneAt: at, outcome, ask: null })
    .where(and(eq(inbox.key, key), isNull(inbox.doneAt)))
    .returning({ key: inbox.key });
  return rows.length === 1;
}

/** The asker has been told. False when that had been recorded before. */
export async function markAnswered(queries: Queries, key: string, at: Date): Promise<boolean> {
  const rows = await queries
    .update(inbox)
    .set({ answeredAt: at })
    .where(and(eq(inbox.key, key), isNull(inbox.answeredAt), isNotNull(inbox.doneAt)))
    .returning({ key: inbox.key });
  return rows.length === 1;
}

/** Claims one row that nobody works on any more and that is not answered, or null. */
export async function claimDelivery(database: Database, at: Date, claimedUntil: Date): Promise<InboxRow | null> {
  return database.transaction(async (tx) => {
    const [open] = await tx
      .select({ key: inbox.key })
      .from(inbox)
      .where(and(isNull(inbox.answeredAt), or(isNull(inbox.doneAt), isNotNull(inbox.outcome)), lte(inbox.claimedUntil, at)))
      .orderBy(inbox.receivedAt)
      .limit(1)
      .for('update', { skipLocked: true });
    if (open === undefined) return null;
    const [row] = await tx
      .update(inbox)
      .set({ claimedUntil, attempts: sql`${inbox.attempts} + 1` })
      .where(eq(inbox.key, open.key))
      .returning();
    return row ?? null;
  });
}
