// The requester does not want what was approved with less than they asked for: within ten minutes it goes back, free of charge.
import { accountsOf } from '../domain/accounts.ts';
import { DECLINE_SECONDS } from '../domain/approvals.ts';
import { isLegal } from '../domain/lifecycle.ts';
import type { AllocationOutcome } from '../domain/outcome.ts';
import { refuse } from '../domain/refusal.ts';
import { plusSeconds } from '../domain/time.ts';
import { findAllocation } from '../ledger/allocations.ts';
import { transition } from '../ledger/transition.ts';
import { approvalsOf, votesOf } from '../ledger/approvals.ts';
import { noteOnCard } from '../ledger/card-notes.ts';
import { decide } from '../ledger/decide.ts';
import type { VersionedAsk } from './answering.ts';
import { memberActor, noSuchAllocation, type App, type Call } from './app.ts';
import { retire } from './retire.ts';
import { settle } from './settle.ts';

/** What has happened since the button was drawn does not make it count less: its version is not looked at. */
export async function decline(app: App, call: Call, { id }: VersionedAsk): Promise<AllocationOutcome> {
  const at = app.clock.now();
  const { allocation: before } = (await findAllocation(app.ledger.reads, id)) ?? noSuchAllocation(id);
  return decide(app.ledger, { accounts: accountsOf(before), pools: [before.pool] }, async (tx) => {
    const { allocation } = (await findAllocation(tx, id)) ?? noSuchAllocation(id);
    if (allocation.memberId !== call.actor.id) refuse({ code: 'not_yours', id });
    const approval = (await approvalsOf(tx, id)).find(({ kind }) => kind === 'new');
    const votes = approval === undefined ? [] : await votesOf(tx, [approval.id]);
    if (approval?.closedAt === null || approval === undefined || !votes.some(({ kind }) => kind === 'lower')) {
      return refuse({ code: 'outdated_card', id });
    }
    const until = plusSeconds(approval.closedAt, DECLINE_SECONDS);
    if (at > until) refuse({ code: 'decline_over', id, until: until.toISOString() });
    const change = { id, at, actor: memberActor(call), reason: 'declined', free: true };
    const waits = isLegal('cancel', allocation.state);
    await (waits ? transition(tx, { ...change, event: 'cancel', set: { endedAt: at } }) : retire(tx, change));
    await noteOnCard(tx, { allocationId: id, approval: approval.id }, { kind: 'declined' }, at);
    return settle(tx, call, { kind: waits ? 'cancelled' : 'releasing', id }, at);
  });
}
