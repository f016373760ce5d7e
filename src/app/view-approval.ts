// Reads a question to the approvers as people are shown it.
import { duesOf, skipsTime } from '../domain/approvals.ts';
import type { ApprovalView } from '../domain/approval-view.ts';
import type { Policy } from '../domain/policy.ts';
import { findAllocation, type HeldAllocation } from '../ledger/allocations.ts';
import { approvalById, votesOf, type ApprovalRow } from '../ledger/approvals.ts';
import { currentPolicy, type App } from './app.ts';
import { consequencesOf } from './consequences.ts';
import { readGroups } from './groups.ts';
import { answerers, panelOf } from './panel.ts';

export async function viewApproval(app: App, policy: Policy, found: HeldAllocation, approval: ApprovalRow): Promise<ApprovalView> {
  const { reads } = app.ledger;
  const at = app.clock.now();
  const { id, kind, state, askedAt, lapsesAt, closedAt, extendSeconds, stage, pausedSeconds } = approval;
  const open = state === 'open';
  const [votes, panel, consequences] = await Promise.all([
    votesOf(reads, [id]),
    open ? panelOf(reads, { now: policy, read: { policy, groups: await readGroups(app, policy) }, stage }, at) : null,
    open ? consequencesOf(reads, policy, { found, approval }, at) : null,
  ]);
  const paused = pausedSeconds !== null;
  const dues = open && !paused ? duesOf(policy, approval, at) : [];
  let next = stage;
  return {
    id,
    kind,
    state,
    askedAt,
    lapsesAt,
    closedAt,
    lapseSkips: skipsTime(policy, askedAt, lapsesAt),
    extendSeconds,
    asked: panel === null ? [] : [...answerers(panel, policy, found.holder.slackUser), ...panel.unreadable],
    dues: dues.map((due) => ({ ...due, names: due.kind === 'escalate' ? (policy.escalation[next++]?.approvers ?? []) : [] })),
    paused,
    votes: votes.map((vote) => {
      const { user, at: votedAt, onBehalfOf, words, answer } = vote;
      return { user, kind: vote.kind, at: votedAt, onBehalfOf, words, answer };
    }),
    consequences,
  };
}

/** Null for an unknown number. */
export async function viewApprovalById(app: App, id: number): Promise<ApprovalView | null> {
  const { reads } = app.ledger;
  const approval = await approvalById(reads, id);
  const found = approval === null ? null : await findAllocation(reads, approval.allocationId);
  return approval === null || found === null ? null : viewApproval(app, await currentPolicy(reads), found, approval);
}
