// Questions are looked after: one whose card is lost gets it again. Nobody has answered: those who were asked are reminded once, and further approvers are asked in the policy's order.
import { accountsOf } from '../domain/accounts.ts';
import { duesOf, nextDueAt } from '../domain/approvals.ts';
import { findAllocation } from '../ledger/allocations.ts';
import { approvalOpenOf, approvalsToChase, approvalsWithoutCard, changeApproval, type ApprovalRow } from '../ledger/approvals.ts';
import { noteOnCard } from '../ledger/card-notes.ts';
import { decide } from '../ledger/decide.ts';
import { redrawCards } from '../ledger/outbox.ts';
import { currentPolicy, noSuchAllocation, type App } from './app.ts';
import { postCard } from './put-question.ts';
import { unlessTooLate } from './unless-too-late.ts';

/** Returns how many questions it has chased. */
export async function chase(app: App): Promise<number> {
  const at = app.clock.now();
  const { reads } = app.ledger;
  const policy = await currentPolicy(reads);
  for (const { approval, pool } of await approvalsWithoutCard(reads)) await postCard(reads, policy, { ...approval, pool }, at);
  let chased = 0;
  for (const due of await approvalsToChase(reads, at)) if (await unlessTooLate(() => chaseOne(app, due, at))) chased++;
  return chased;
}

async function chaseOne(app: App, { id, allocationId, nextAt }: ApprovalRow, at: Date): Promise<void> {
  const { allocation } = (await findAllocation(app.ledger.reads, allocationId)) ?? noSuchAllocation(allocationId);
  await decide(app.ledger, { accounts: accountsOf(allocation), pools: [] }, async (tx) => {
    const policy = await currentPolicy(tx);
    const approval = await approvalOpenOf(tx, allocationId);
    // Answered, or chased by another bot, since it was looked for.
    if (approval?.id !== id || approval.nextAt === null || nextAt === null || approval.nextAt > at) return;
    const before = new Date(nextAt.getTime() - 1);
    const due = duesOf(policy, approval, before).filter((one) => one.at <= at);
    const stage = approval.stage + due.filter(({ kind }) => kind === 'escalate').length;
    await changeApproval(tx, id, { stage, nextAt: nextDueAt(policy, { ...approval, stage }, at) });
    const note = stage > approval.stage ? ({ kind: 'escalated', stage } as const) : ({ kind: 'reminded' } as const);
    if (due.length > 0) await noteOnCard(tx, { allocationId, approval: id }, note, at);
    await redrawCards(tx, allocationId, at);
  });
}
