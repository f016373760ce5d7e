// A delivery that changes the ledger: noted down, acknowledged, performed once, answered.
import type { App } from '../app/app.ts';
import { refreshCards } from '../app/locate-click.ts';
import { perform, type VerbName } from '../app/perform.ts';
import { answered, takeDelivery } from '../app/take-delivery.ts';
import { viewAllocation } from '../app/view-allocation.ts';
import { allocationOf, type Outcome } from '../domain/outcome.ts';
import type { GuardedTurn } from './guard.ts';
import { answer, plain } from './views/answer.ts';
import { POSTPONED } from './words/help.ts';

export interface Wish {
  readonly key: string;
  readonly verb: VerbName;
  readonly ask: unknown;
}

export async function change(app: App, turn: GuardedTurn, { key, verb, ask }: Wish): Promise<void> {
  const { member } = turn;
  const fresh = await turn.inTime(takeDelivery(app, { key, verb, team: member.slackTeam, user: member.slackUser, ask }));
  await turn.ack();
  if (!fresh) return;
  await turn.afterAcks();
  const performed = await perform(app, { actor: member, inboxKey: key }, verb, ask);
  switch (performed.kind) {
    case 'elsewhere':
      return;
    case 'postponed':
      return turn.reply(plain(POSTPONED));
    case 'performed':
      if (!shownByItsCard(performed.outcome)) await tell(app, turn, performed.outcome);
      await answered(app, key);
  }
}

async function tell(app: App, turn: GuardedTurn, outcome: Outcome): Promise<void> {
  const id = allocationOf(outcome);
  const allocation = id === null ? null : await viewAllocation(app, id);
  await turn.reply(answer(outcome, allocation, turn.member.zone, app.clock.now()));
  if (outcome.kind === 'refused' && outcome.refusal.code === 'too_late') await refreshCards(app, outcome.refusal.id);
}

/** An approver sees the card change under their finger; a message of its own would say it twice. */
function shownByItsCard({ kind }: Outcome): boolean {
  return kind === 'approved' || kind === 'denied';
}
