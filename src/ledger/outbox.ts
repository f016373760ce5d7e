// The outbox: what Slack should show, claimed by one deliverer at a time and repeated until it is shown.
import { and, eq, inArray, isNotNull, isNull, lt, lte, ne, or, sql } from 'drizzle-orm';
import { approvals } from './approval-schema.ts';
import type { Database, Queries } from './connect.ts';
import { notify } from './notify.ts';
import { outbox } from './mail-schema.ts';
import { allocations } from './schema.ts';

export type OutboxRow = typeof outbox.$inferSelect;

/** A card follows its allocation for life; any other kind is sent once. */
const cardKinds = ['approval_card', 'extension_card', 'member_card', 'request_lowered'] as const;
type CardKind = (typeof cardKinds)[number];
type MessageKind =
  | 'request_denied'
  | 'card_note'
  | 'approval_question'
  | 'extension_answered'
  | 'handed_over'
  | 'channel_closed'
  | 'approvals_digest'
  | 'request_lapsed'
  | 'start_failed'
  | 'container_ended'
  | 'no_approver_for_admin'
  | 'limits_changed'
  | 'ledger_discrepancy'
  | 'host_problem'
  | 'holder_departed'
  | 'policy_broken'
  | 'group_joined'
  | 'inbox_answer';

export interface Letter {
  /** At most one row per key, ever. */
  readonly key: string;
  readonly kind: CardKind | MessageKind;
  readonly allocationId: string | null;
  readonly recipient: string;
  readonly facts?: Record<string, unknown>;
}

export async function post(queries: Queries, letter: Letter, at: Date): Promise<void> {
  await queries
    .insert(outbox)
    .values({ ...letter, facts: letter.facts ?? {}, createdAt: at, nextAt: at })
    .onConflictDoNothing();
  await notify(queries, 'outbox');
}

/** The allocation changed: every card of it has to be drawn again. */
export async function redrawCards(queries: Queries, allocationId: string, at: Date): Promise<void> {
  await queries
    .update(outbox)
    // A time that Slack or a failure has asked for is kept.
    .set({
      wanted: sql`${outbox.wanted} + 1`,
      nextAt: sql`case when ${outbox.attempts} > 0 then ${outbox.nextAt} else ${at.toISOString()}::timestamptz end`,
    })
    .where(and(eq(outbox.allocationId, allocationId), inArray(outbox.kind, [...cardKinds])));
  await notify(queries, 'outbox');
}

export interface WaitingCard {
  readonly id: string;
  readonly pool: string;
  readonly shownLine: string | null;
}

/** Cards of requests that wait for a place, as they were last shown, no later than `shownBefore`; the oldest first. */
export async function waitingCards(queries: Queries, shownBefore: Date): Promise<WaitingCard[]> {
  return queries
    .select({ id: allocations.id, pool: allocations.pool, shownLine: outbox.shownLine })
    .from(outbox)
    .innerJoin(allocations, eq(allocations.id, outbox.allocationId))
    .where(
      and(
        eq(allocations.state, 'queued'),
        inArray(outbox.kind, [...cardKinds]),
        eq(outbox.shown, outbox.wanted),
        isNull(outbox.abandonedAt),
        lte(outbox.sentAt, shownBefore),
      ),
    )
    .orderBy(outbox.sentAt, outbox.id);
}

export interface OpenCard {
  readonly approval: number;
  readonly allocationId: string;
  readonly shownLine: string | null;
}

/** Cards of questions that are open, as they were last shown, no later than `shownBefore`; the oldest first. */
export async function openCards(queries: Queries, shownBefore: Date, limit: number): Promise<OpenCard[]> {
  return queries
    .select({ approval: approvals.id, allocationId: approvals.allocationId, shownLine: outbox.shownLine })
    .from(approvals)
    .innerJoin(
      outbox,
      and(eq(outbox.allocationId, approvals.allocationId), sql`(${outbox.facts} ->> 'approval')::bigint = ${approvals.id}`),
    )
    .where(
      and(
        eq(approvals.state, 'open'),
        inArray(outbox.kind, ['approval_card', 'extension_card']),
        eq(outbox.shown, outbox.wanted),
        isNull(outbox.abandonedAt),
        lte(outbox.sentAt, shownBefore),
      ),
    )
    .orderBy(outbox.sentAt, outbox.id)
    .limit(limit);
}

/** Claims one due row until `until`, or null. Rows of a claim that ran out are due again: their sending is in doubt. */
export async function claimLetter(database: Database, at: Date, until: Date): Promise<OutboxRow | null> {
  return database.transaction(async (tx) => {
    const [due] = await tx
      .select({ id: outbox.id })
      .from(outbox)
      .where(
        and(
          lt(outbox.shown, outbox.wanted),
          isNull(outbox.abandonedAt),
          lte(outbox.nextAt, at),
          or(isNull(outbox.claimedUntil), lte(outbox.claimedUntil, at)),
        ),
      )
      // Cards first: what is said in their threads is on them already, and many are answered in one moment at times.
      .orderBy(sql`${outbox.kind} = 'card_note'`, outbox.nextAt, outbox.id)
      .limit(1)
      .for('update', { skipLocked: true });
    if (due === undefined) return null;
    const [row] = await tx.update(outbox).set({ claimedUntil: until }).where(eq(outbox.id, due.id)).returning();
    return row ?? null;
  });
}

/** The claimed row was drawn as of `wanted`, and as of `line`. */
export async function settleLetter(
  queries: Queries,
  row: Pick<OutboxRow, 'id' | 'wanted'>,
  sent: { readonly channel: string; readonly ts: string; readonly at: Date; readonly line: string | null },
): Promise<void> {
  const { channel, ts, at: sentAt, line: shownLine } = sent;
  await queries
    .update(outbox)
    .set({ shown: row.wanted, channel, ts, sentAt, shownLine, claimedUntil: null, attempts: 0, lastError: null })
    .where(eq(outbox.id, row.id));
}

/** The claimed row could not be sent: try again at `nextAt`, or never when it is null. */
export async function putBackLetter(
  queries: Queries,
  id: number,
  failure: { readonly error: string; readonly nextAt: Date | null; readonly at: Date },
): Promise<void> {
  await queries
    .update(outbox)
    .set({
      claimedUntil: null,
      attempts: sql`${outbox.attempts} + 1`,
      lastError: failure.error,
      ...(failure.nextAt === null ? { abandonedAt: failure.at } : { nextAt: failure.nextAt }),
    })
    .where(eq(outbox.id, id));
}

/**
 * Slack takes nothing more before then: no post to that channel, or no edit at all. Whatever waits for the same is not tried one by one.
 * `recipient` null: edits.
 */
export async function holdBackLetters(queries: Queries, recipient: string | null, until: Date): Promise<void> {
  const same = recipient === null ? isNotNull(outbox.ts) : and(isNull(outbox.ts), eq(outbox.recipient, recipient));
  await queries
    .update(outbox)
    .set({ nextAt: until })
    .where(and(lt(outbox.shown, outbox.wanted), isNull(outbox.abandonedAt), lt(outbox.nextAt, until), same));
}

/** The claimed row was not even tried. */
export async function releaseClaim(queries: Queries, id: number): Promise<void> {
  await queries.update(outbox).set({ claimedUntil: null }).where(eq(outbox.id, id));
}

/** The message a card was posted again as (the old one was deleted): forget where it was. */
export async function forgetMessage(queries: Queries, id: number): Promise<void> {
  await queries.update(outbox).set({ channel: null, ts: null }).where(eq(outbox.id, id));
}

export type CardRow = Pick<OutboxRow, 'recipient' | 'channel' | 'ts' | 'shown'> & { readonly kind: CardKind };

/** The cards of an allocation, read at once: where each stands, or that its place is not recorded yet. */
export async function cardsOf(queries: Queries, allocationId: string): Promise<CardRow[]> {
  const rows = await queries
    .select({ kind: outbox.kind, recipient: outbox.recipient, channel: outbox.channel, ts: outbox.ts, shown: outbox.shown })
    .from(outbox)
    .where(and(eq(outbox.allocationId, allocationId), inArray(outbox.kind, [...cardKinds])));
  return rows.map((row) => ({ ...row, kind: row.kind as CardKind }));
}

/** True when a card of another allocation stands at this place. */
export async function isOthersCard(queries: Queries, allocationId: string, channel: string, ts: string): Promise<boolean> {
  const rows = await queries
    .select({ id: outbox.id })
    .from(outbox)
    .where(and(ne(outbox.allocationId, allocationId), eq(outbox.channel, channel), eq(outbox.ts, ts), inArray(outbox.kind, [...cardKinds])))
    .limit(1);
  return rows.length > 0;
}
