// The inbox: deliveries that change something, each performed once and answered, whatever dies in between.
import { and, eq, isNotNull, isNull, lte, or, sql } from 'drizzle-orm';
import type { Database, Queries } from './connect.ts';
import { inbox } from './mail-schema.ts';
import { spend } from './paces.ts';

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

/** `too_fast`: its sender has acted too often within a minute; nothing was noted down. */
export type Receipt = 'new' | 'known' | 'too_fast';

/**
 * Notes each down that is new and whose sender may act now, `perMinute` times a minute; `known` also for the second of two in `deliveries`.
 * One statement of one text, however many there are: PostgreSQL has read it before, and it is flushed to disk once.
 */
export async function receive(
  queries: Queries,
  deliveries: readonly Delivery[],
  { at, claimedUntil, perMinute }: { readonly at: Date; readonly claimedUntil: Date; readonly perMinute: number },
): Promise<Receipt[]> {
  const wanted = JSON.stringify(deliveries.map(({ key, verb, team, user, ask }, place) => ({ place, key, verb, team, user, ask })));
  const rows = await queries.execute<{ place: number; admitted: boolean; stored: boolean }>(sql`
    with wanted as (
      select *, row_number() over (partition by team, "user" order by place) as nth
      from jsonb_to_recordset(${wanted}::text::jsonb) as d(place int, key text, verb text, team text, "user" text, ask jsonb)
    ), spent as (
      ${spend(sql`select team, "user", count(*)::int from wanted group by 1, 2 order by 1, 2`, perMinute, at)}
    ), admitted as (
      select wanted.*, nth <= spent.admitted as admitted from wanted join spent on spent.slack_team = team and spent.slack_user = "user"
    ), stored as (
      insert into ${inbox} (key, verb, slack_team, slack_user, ask, received_at, claimed_until)
      select key, verb, team, "user", ask, ${at.toISOString()}::timestamptz, ${claimedUntil.toISOString()}::timestamptz from admitted where admitted
      on conflict do nothing returning key
    )
    select place, admitted, exists (select 1 from stored where stored.key = admitted.key) as stored from admitted order by place`);
  const seen = new Set<string>();
  return deliveries.map(({ key }, index) => {
    const row = rows[index];
    if (row?.admitted !== true) return 'too_fast';
    if (!row.stored || seen.has(key)) return 'known';
    seen.add(key);
    return 'new';
  });
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

/** Whoever took it could not perform it: whichever bot ticks next may. */
export async function releaseDelivery(queries: Queries, key: string, at: Date): Promise<void> {
  await queries
    .update(inbox)
    .set({ claimedUntil: at })
    .where(and(eq(inbox.key, key), isNull(inbox.doneAt)));
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
