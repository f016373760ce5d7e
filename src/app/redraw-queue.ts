// Cards of requests that wait for a place are drawn again when their place or their start has changed, a few at a time: Slack takes only so many
// edits a minute, and answers come first.
import type { AllocationView } from '../domain/allocation-view.ts';
import { plusSeconds } from '../domain/time.ts';
import { redrawCards, waitingCards } from '../ledger/outbox.ts';
import type { App } from './app.ts';
import { startsLater } from './view-allocation.ts';
import { queuePlaces } from './view-queue.ts';

/** No card is drawn again for this before so long. */
const EVERY_SECONDS = 60;
/** In one tick, of all cards together. */
const CARDS_MAX = 5;

/** What a card says about a place in line; null: it says nothing. */
export function lineOf({ state, ahead, startsAt }: Pick<AllocationView, 'state' | 'ahead' | 'startsAt'>): string | null {
  // To the minute, as it is shown.
  return state === 'queued' ? `${ahead} ahead, ${startsAt?.toISOString().slice(0, 16) ?? 'start unknown'}` : null;
}

/** Returns how many cards it had drawn again; those that have been as they are for longest come first. */
export async function redrawQueue(app: App): Promise<number> {
  const at = app.clock.now();
  const placeOf = queuePlaces(app);
  let redrawn = 0;
  for (const { id, pool, shownLine } of await waitingCards(app.ledger.reads, plusSeconds(at, -EVERY_SECONDS))) {
    const place = await placeOf(pool, id);
    if (place === null) continue;
    const startsAt = startsLater(place.startsAt, at);
    if (lineOf({ state: 'queued', ahead: place.position - 1, startsAt }) === shownLine) continue;
    await redrawCards(app.ledger.reads, id, at);
    if (++redrawn === CARDS_MAX) break;
  }
  return redrawn;
}
