// Does a click count? On cards only at the place the ledger knows; elsewhere only the holder's own.
import { refuse } from '../domain/refusal.ts';
import { findAllocation } from '../ledger/allocations.ts';
import type { MemberRow } from '../ledger/members.ts';
import { cardsOf, isOthersCard, redrawCards, type CardRow } from '../ledger/outbox.ts';
import { noSuchAllocation, type App, type Place } from './app.ts';

export interface Click {
  /** A button for approvers stands on their cards only. */
  readonly whose: 'approver' | 'holder';
  readonly id: string;
  /** The message that it stands on; null: its presser's own Home. */
  readonly place: Place | null;
}

/** Throws a refusal when the button does not stand on a current card of that allocation and is not its holder's own. */
export async function locateClick(app: App, actor: MemberRow, click: Click): Promise<void> {
  const { reads } = app.ledger;
  const { place } = click;
  const cards = await cardsOf(reads, click.id);
  if (click.whose === 'approver') {
    const asking = cards.filter(({ kind }) => kind === 'approval_card' || kind === 'extension_card');
    if (!asking.some((card) => standsAt(card, place) || isOnItsWay(card, place))) refuse({ code: 'outdated_card', id: click.id });
    return;
  }
  if (cards.some((card) => card.kind === 'member_card' && standsAt(card, place))) return;
  const found = (await findAllocation(reads, click.id)) ?? noSuchAllocation(click.id);
  const onOthers = place !== null && (await isOthersCard(reads, click.id, place.channel, place.ts));
  if (onOthers || found.holder.id !== actor.id) refuse({ code: 'outdated_card', id: click.id });
}

function standsAt(card: CardRow, place: Place | null): boolean {
  return place !== null && card.channel === place.channel && card.ts === place.ts;
}

/** Slack shows a new card a moment before its place is recorded here; whoever clicks that fast is right. */
function isOnItsWay(card: CardRow, place: Place | null): boolean {
  return card.ts === null && card.shown === 0 && card.recipient === place?.channel;
}

/** Draws the cards of an allocation anew: somebody has just clicked on one that was out of date. */
export async function refreshCards(app: App, id: string): Promise<void> {
  await redrawCards(app.ledger.reads, id, app.clock.now());
}
