// Deliveries whose process died, or was too busy, are performed again; answers that were never given go out by direct message.
import type { Outcome } from '../domain/outcome.ts';
import { RefusalError } from '../domain/refusal.ts';
import { plusSeconds } from '../domain/time.ts';
import { claimDelivery, markAnswered, markDone, type InboxRow } from '../ledger/inbox.ts';
import { post } from '../ledger/outbox.ts';
import { admit } from './admit.ts';
import type { App } from './app.ts';
import { isVerb, perform } from './perform.ts';

/** How long a delivery belongs to the process that took it. */
export const DELIVERY_CLAIM_SECONDS = 30;
const ATTEMPTS_MAX = 10;

/** Returns how many deliveries it settled. */
export async function rerunInbox(app: App): Promise<number> {
  let settled = 0;
  for (;;) {
    const at = app.clock.now();
    const row = await claimDelivery(app.ledger.reads, at, plusSeconds(at, DELIVERY_CLAIM_SECONDS));
    if (row === null) return settled;
    const outcome = row.doneAt === null ? await performAgain(app, row) : (row.outcome as Outcome);
    if (outcome === null) continue;
    await answer(app, row, outcome);
    settled++;
  }
}

async function performAgain(app: App, row: InboxRow): Promise<Outcome | null> {
  if (!isVerb(row.verb)) throw new Error(`the inbox holds an unknown verb: ${row.verb}`);
  try {
    const actor = await admit(app, row.slackUser);
    const performed = await perform(app, { actor, inboxKey: row.key }, row.verb, row.ask);
    return performed.kind === 'performed' ? performed.outcome : null;
  } catch (error) {
    if (error instanceof RefusalError && error.refusal.code !== 'unknown_person') return refused(app, row, error);
    if (row.attempts < ATTEMPTS_MAX) {
      app.log.warn({ err: error, verb: row.verb, attempts: row.attempts }, 'delivery failed again; it stays in the inbox');
      return null;
    }
    app.log.error({ err: error, verb: row.verb }, 'delivery given up');
    return refused(app, row, new RefusalError({ code: 'gave_up', attempts: row.attempts }));
  }
}

async function refused(app: App, row: InboxRow, { refusal }: RefusalError): Promise<Outcome | null> {
  const outcome: Outcome = { kind: 'refused', refusal };
  return (await markDone(app.ledger.reads, row.key, outcome, app.clock.now())) ? outcome : null;
}

/** Recorded and posted together, so that nobody is told twice. */
async function answer(app: App, row: InboxRow, outcome: Outcome): Promise<void> {
  const at = app.clock.now();
  await app.ledger.reads.transaction(async (tx) => {
    if (!(await markAnswered(tx, row.key, at))) return;
    const key = `inbox_answer:${row.key}`;
    await post(tx, { key, kind: 'inbox_answer', allocationId: null, recipient: row.slackUser, facts: { outcome } }, at);
  });
}
