// A delivery that changes the ledger: noted down, acknowledged, performed once, answered.
import type { App } from '../app/app.ts';
import { refreshCards } from '../app/locate-click.ts';
import { perform, type VerbName } from '../app/perform.ts';
import { answered, leaveToTheNext, takeDelivery } from '../app/take-delivery.ts';
import { viewAllocation } from '../app/view-allocation.ts';
import { allocationOf, type Outcome } from '../domain/outcome.ts';
import type { GuardedTurn } from './guard.ts';
import { answer, plain } from './views/answer.ts';
import type { Message } from './views/blocks.ts';
import { POSTPONED } from './words/help.ts';

export interface Wish {
  readonly key: string;
  readonly verb: VerbName;
  readonly ask: unknown;
}

type Member = GuardedTurn['member'];

/** What came of a wish. */
export interface Carried {
  /** Null: it is done elsewhere or later. */
  readonly outcome: Outcome | null;
  /** Null: there is nothing to say, or a card says it. */
  readonly message: Message | null;
}

export async function change(app: App, turn: GuardedTurn, wish: Wish): Promise<void> {
  const { member } = turn;
  const fresh = await turn.inTime(noteDown(app, member, wish));
  await turn.ack();
  if (!fresh) return;
  await turn.afterAcks();
  const carried = await carryOut(app, member, wish);
  if (carried.message !== null) await turn.reply(carried.message);
  await markTold(app, wish, carried);
}

/** False when it has been noted down before. */
export async function noteDown(app: App, { slackTeam: team, slackUser: user }: Member, { key, verb, ask }: Wish): Promise<boolean> {
  return takeDelivery(app, { key, verb, team, user, ask });
}

export async function carryOut(app: App, member: Member, { key, verb, ask }: Wish): Promise<Carried> {
  const performed = await perform(app, { actor: member, inboxKey: key }, verb, ask);
  switch (performed.kind) {
    case 'elsewhere':
      return { outcome: null, message: null };
    case 'postponed':
      await leaveToTheNext(app, key);
      return { outcome: null, message: plain(POSTPONED) };
    case 'performed': {
      const { outcome } = performed;
      return { outcome, message: shownByItsCard(outcome) ? null : await answerTo(app, member, outcome) };
    }
  }
}

/** The asker has been told of it: nobody tells them again. */
export async function markTold(app: App, { key }: Wish, { outcome }: Carried): Promise<void> {
  if (outcome === null) return;
  if (outcome.kind === 'refused' && outcome.refusal.code === 'too_late') await refreshCards(app, outcome.refusal.id);
  await answered(app, key);
}

async function answerTo(app: App, { zone }: Member, outcome: Outcome): Promise<Message> {
  const id = allocationOf(outcome);
  const allocation = id === null ? null : await viewAllocation(app, id);
  return answer(outcome, allocation, zone, app.clock.now());
}

/** An approver sees the card change under their finger; a message of its own would say it twice. */
function shownByItsCard({ kind }: Outcome): boolean {
  return kind === 'approved' || kind === 'denied';
}
