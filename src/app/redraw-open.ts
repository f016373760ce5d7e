// Cards that wait for an answer are drawn again when what Approve would do is not what they say any more, a few at a time.
import type { ApprovalView, Consequences } from '../domain/approval-view.ts';
import { plusSeconds } from '../domain/time.ts';
import { findAllocation } from '../ledger/allocations.ts';
import { approvalById } from '../ledger/approvals.ts';
import { openCards, redrawCards } from '../ledger/outbox.ts';
import { currentPolicy, type App } from './app.ts';
import { consequencesOf } from './consequences.ts';

/** No card is drawn again for this before so long. */
const EVERY_SECONDS = 60;
/** In one tick, of all cards together: Slack takes only so many edits a minute, and answers come first. */
const CARDS_MAX = 5;
/** In one tick: each is weighed anew. */
const LOOKED_AT_MAX = 20;

/** What an open card says of Approve, as one line to compare by; null: it says nothing. */
export function saidOf({ consequences }: Pick<ApprovalView, 'consequences'>): string | null {
  return consequences === null ? null : sayOf(consequences);
}

function sayOf({ start, ahead, end, delays, gpus, budget, free, cheaper }: Consequences): string {
  // To the minute, as it is shown.
  const minute = (at: Date | null | undefined) => at?.toISOString().slice(0, 16) ?? null;
  const begins = start?.now === true ? [start.host, start.gpus] : minute(start?.at);
  const later = delays.map(({ id, seconds }) => [id, seconds === null ? null : Math.round(seconds / 60)]);
  return JSON.stringify([begins, ahead, minute(end?.after), later, gpus, budget, free, cheaper]);
}

/** Returns how many cards it had drawn again; those that have been as they are for longest come first. */
export async function redrawOpen(app: App): Promise<number> {
  const { reads } = app.ledger;
  const at = app.clock.now();
  const policy = await currentPolicy(reads);
  let redrawn = 0;
  for (const { approval: number, allocationId, shownLine } of await openCards(reads, plusSeconds(at, -EVERY_SECONDS), LOOKED_AT_MAX)) {
    const [approval, found] = await Promise.all([approvalById(reads, number), findAllocation(reads, allocationId)]);
    if (approval?.state !== 'open' || found === null) continue;
    if (saidOf({ consequences: await consequencesOf(reads, policy, { found, approval }, at) }) === shownLine) continue;
    await redrawCards(reads, allocationId, at);
    if (++redrawn === CARDS_MAX) break;
  }
  return redrawn;
}
