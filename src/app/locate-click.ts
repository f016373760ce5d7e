// Does a click count? On cards only at the place the ledger knows; elsewhere only the holder's own.
import { refuse } from '../domain/refusal.ts';
import { findAllocation } from '../ledger/allocations.ts';
import type { MemberRow } from '../ledger/members.ts';
import { cardsOf, isOthersCard, redrawCards, type CardRow } from '../ledger/outbox.ts';
import { noSuchAllocation, type App } from './app.ts';

export interface Click {
  /** A button for approvers stands on their cards only. */
  readonly whose: 'approver' | 'holder';
  readonly id: string;
  readonly channel: string;
  readonly ts: string;
}

/** Throws a refusal when the button does not stand on a current card of that allocation and is not its holder's own. */
export async function locateClick(app: App, actor: MemberRow, click: Click): Promise<void> {
  const { reads } = app.ledger;
  const cards = await cardsOf(reads, click.id);
  if (click.whose === 'approver') {
    const asking = cards.filter(({ kind }) => kind === 'approval_card' || kind === 'extension_card');
    if (!asking.some((card) => standsAt(card, click) || isOnItsWay(card, click))) refuse({ code: 'outdated_card', id: click.id });
    return;
  }
  if (cards.some((card) => card.kind === 'member_card' && standsAt(card, click))) return;
  const found = (await findAllocation(reads, click.id)) ?? noSuchAllocation(click.id);
  const elsewhere = await isOthersCard(reads, click.id, click.channel, click.ts);
  if (elsewhere || found.holder.id !== actor.id) refuse({ code: 'outdated_card', id: click.id });
}

function standsAt(card: CardRow, { channel, ts }: Click): boolean {
  return card.channel === channel && card.ts === ts;
}

/** Slack shows a new card a moment before its place is recorded here; whoever clicks that fast is right. */
function isOnItsWay(card: CardRow, { channel }: Click): boolean {
  return card.ts === null && card.shown === 0 && card.recipient === channel;
}

/** Draws the cards of an allocation anew: somebody has just clicked on one that was out of date. */
export async function refreshCards(app: App, id: string): Promise<void> {
  await redrawCards(app.ledger.reads, id, app.clock.now());
}
