// The question that an approver is about to answer in a dialog: whether they may, and what was asked.
import { findAllocation, type AllocationRow } from '../ledger/allocations.ts';
import { approvalOpenOf, type ApprovalRow } from '../ledger/approvals.ts';
import type { MemberRow } from '../ledger/members.ts';
import { noSuchAllocation, type App } from './app.ts';
import { answeredAlready } from './answering.ts';
import { authoriseAnswer } from './authorise.ts';
import { readNow } from './groups.ts';
import { panelOf } from './panel.ts';

/** Throws the refusal that fits. The verb asks all of it again: who answers later may not be allowed to any more. */
export async function questionFor(
  app: App,
  actor: MemberRow,
  id: string,
): Promise<{ readonly allocation: AllocationRow; readonly approval: ApprovalRow; readonly holder: string }> {
  const { reads } = app.ledger;
  const [found, approval, read] = await Promise.all([findAllocation(reads, id), approvalOpenOf(reads, id), readNow(app)]);
  if (found === null) return noSuchAllocation(id);
  const panel = await panelOf(reads, { now: read.policy, read, stage: approval?.stage }, app.clock.now());
  authoriseAnswer(read.policy, panel, actor, found);
  if (approval === null) return answeredAlready(reads, found, 'approve');
  return { allocation: found.allocation, approval, holder: found.holder.slackUser };
}
