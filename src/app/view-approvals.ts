// `/gpu approvals`: what waits for the reader's answer, what they and others have allowed beforehand, and who stands in for whom.
import type { ApprovalsView } from '../domain/approvals-list.ts';
import { refuse } from '../domain/refusal.ts';
import { allAllowedBeforehand, handOversAt } from '../ledger/beforehand.ts';
import { openApprovals } from '../ledger/approvals.ts';
import { cardOfApproval } from '../ledger/card-notes.ts';
import type { MemberRow } from '../ledger/members.ts';
import type { App } from './app.ts';
import { readNow } from './groups.ts';
import { panelOf } from './panel.ts';

/** For approvers, whoever stands in for one, and admins. */
export async function viewApprovals(app: App, reader: MemberRow): Promise<ApprovalsView> {
  const { reads } = app.ledger;
  const at = app.clock.now();
  const read = await readNow(app);
  const { policy } = read;
  const all = await panelOf(reads, { now: policy, read }, at);
  const { slackUser: user } = reader;
  const mayAnswer = all.users.has(user) || all.deputies.has(user);
  if (!mayAnswer && !policy.admins.includes(user)) {
    refuse(all.unreadable.length > 0 ? { code: 'approvers_unreadable', groups: all.unreadable } : { code: 'not_approver' });
  }
  const [open, allowed, handed] = await Promise.all([openApprovals(reads), allAllowedBeforehand(reads, at), handOversAt(reads, at)]);
  const waiting = await Promise.all(
    open.map(async ({ approval, allocation, holder }) => {
      const panel = await panelOf(reads, { now: policy, read, stage: approval.stage }, at);
      const mine = (panel.users.has(user) || panel.deputies.has(user)) && (policy.selfApproval || holder.slackUser !== user);
      const card = await cardOfApproval(reads, { allocationId: allocation.id, approval: approval.id });
      return {
        id: allocation.id,
        kind: approval.kind,
        holder: holder.slackUser,
        pool: allocation.pool,
        devices: allocation.deviceCount,
        seconds: approval.extendSeconds ?? allocation.durationSeconds,
        askedAt: approval.askedAt,
        lapsesAt: approval.lapsesAt,
        paused: approval.pausedSeconds !== null,
        channel: card?.recipient ?? null,
        mine,
      };
    }),
  );
  return {
    waiting: waiting.filter(({ mine }) => mine || !mayAnswer),
    allowed: allowed.map(({ id, user: member, pool, capacityMilli, durationSeconds, grantedBy, expiresAt }) => ({
      number: id,
      user: member,
      pool,
      capacityMilli,
      durationSeconds,
      grantedBy,
      expiresAt,
    })),
    handOvers: handed
      .filter(({ fromUser }) => all.users.has(fromUser))
      .map(({ fromUser, toUser, until }) => ({ from: fromUser, to: toUser, until })),
  };
}
