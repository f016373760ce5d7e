// What happens to a question is also said in the thread of its card, so that the card itself can stay short.
import { and, eq, inArray, sql, type SQL } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import type { CardNote } from '../domain/card-note.ts';
import { approvals } from './approval-schema.ts';
import type { Queries } from './connect.ts';
import { outbox } from './mail-schema.ts';
import { post } from './outbox.ts';

interface About {
  readonly allocationId: string;
  /** Its number. */
  readonly approval: number;
}

/** Nothing where the question has no card: one from before questions were kept. */
export async function noteOnCard(queries: Queries, about: About, note: CardNote, at: Date): Promise<void> {
  const card = await cardOfApproval(queries, about);
  if (card === null) return;
  const { allocationId, approval } = about;
  const key = `note:${approval}:${note.kind}:${'question' in note ? note.question : 'stage' in note ? note.stage : 0}`;
  await post(queries, { key, kind: 'card_note', allocationId, recipient: card.recipient, facts: { approval, note } }, at);
}

/** Where its card stands; `ts` null: it is not shown yet. */
export async function cardOfApproval(queries: Queries, { allocationId, approval }: About) {
  const [card] = await queries
    .select({ recipient: outbox.recipient, channel: outbox.channel, ts: outbox.ts })
    .from(outbox)
    .where(isCardOf(allocationId, approval));
  return card ?? null;
}

/** Where the cards of open questions are, or will be, by their number. */
export async function channelsOfOpen(queries: Queries): Promise<Map<number, string>> {
  const rows = await queries
    .select({ approval: approvals.id, recipient: outbox.recipient })
    .from(approvals)
    .innerJoin(outbox, isCardOf(approvals.allocationId, approvals.id))
    .where(eq(approvals.state, 'open'));
  return new Map(rows.map(({ approval, recipient }) => [approval, recipient]));
}

/** Whether a row of the outbox is the card of a question. */
export function isCardOf(allocationId: string | PgColumn, approval: number | PgColumn): SQL | undefined {
  return and(
    eq(outbox.allocationId, allocationId),
    inArray(outbox.kind, ['approval_card', 'extension_card']),
    sql`(${outbox.facts} ->> 'approval')::bigint = ${approval}`,
  );
}
