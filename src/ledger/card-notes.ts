// What happens to a question is also said in the thread of its card, so that the card itself can stay short.
import { and, eq, inArray, sql } from 'drizzle-orm';
import type { CardNote } from '../domain/card-note.ts';
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
    .where(
      and(
        eq(outbox.allocationId, allocationId),
        inArray(outbox.kind, ['approval_card', 'extension_card']),
        sql`(${outbox.facts} ->> 'approval')::bigint = ${approval}`,
      ),
    );
  return card ?? null;
}
