// `/gpu approvals`: what waits for the reader's answer, what they and others have allowed beforehand, and who stands in for whom.
import type { ApprovalsView, WaitingApproval } from '../domain/approvals-list.ts';
import { refuse } from '../domain/refusal.ts';
import { allAllowedBeforehand, handOversAt, type HandOverRow } from '../ledger/beforehand.ts';
import { openApprovals } from '../ledger/approvals.ts';
import { channelsOfOpen } from '../ledger/card-notes.ts';
import type { MemberRow } from '../ledger/members.ts';
import type { App } from './app.ts';
import { readNow, type ReadGroups } from './groups.ts';
import { mayAnswer, panelWith, type Panel } from './panel.ts';

/** For approvers, whoever stands in for one, and admins. */
export async function viewApprovals(app: App, reader: MemberRow): Promise<ApprovalsView> {
  const { reads } = app.ledger;
  const at = app.clock.now();
  const asked = await panels(app, reader, at);
  if (!asked.mayAnswer && !asked.read.policy.admins.includes(reader.slackUser)) {
    refuse(asked.all.unreadable.length > 0 ? { code: 'approvers_unreadable', groups: asked.all.unreadable } : { code: 'not_approver' });
  }
  const [waiting, allowed] = await Promise.all([waitingIn(app, reader, asked), allAllowedBeforehand(reads, at)]);
  return {
    waiting,
    allowed: allowed.map(({ id, user: member, pool, capacityMilli, durationSeconds, grantedBy, expiresAt }) => ({
      number: id,
      user: member,
      pool,
      capacityMilli,
      durationSeconds,
      grantedBy,
      expiresAt,
    })),
    handOvers: asked.handed
      .filter(({ fromUser }) => asked.all.users.has(fromUser))
      .map(({ fromUser, toUser, until }) => ({ from: fromUser, to: toUser, until })),
  };
}

/** What waits for the reader's own answer; null when they are neither an approver nor stand in for one. */
export async function waitingFor(app: App, reader: MemberRow): Promise<WaitingApproval[] | null> {
  const at = app.clock.now();
  const asked = await panels(app, reader, at);
  if (asked.mayAnswer) return waitingIn(app, reader, asked);
  return asked.all.unreadable.length > 0 ? refuse({ code: 'approvers_unreadable', groups: asked.all.unreadable }) : null;
}

interface Asked {
  readonly read: ReadGroups;
  /** In force now. */
  readonly handed: readonly HandOverRow[];
  /** Of every set of approvers. */
  readonly all: Panel;
  readonly mayAnswer: boolean;
}

async function panels(app: App, { slackUser: user }: MemberRow, at: Date): Promise<Asked> {
  const [read, handed] = await Promise.all([readNow(app), handOversAt(app.ledger.reads, at)]);
  const all = panelWith(handed, { now: read.policy, read });
  return { read, handed, all, mayAnswer: all.users.has(user) || all.deputies.has(user) };
}

/** Those that the reader may answer; whoever is no approver sees all. */
async function waitingIn(app: App, { slackUser: user }: MemberRow, asked: Asked): Promise<WaitingApproval[]> {
  const { reads } = app.ledger;
  const { read, handed } = asked;
  const [open, channels] = await Promise.all([openApprovals(reads), channelsOfOpen(reads)]);
  return open
    .filter(({ approval: { stage }, holder }) => {
      if (!asked.mayAnswer) return true;
      return mayAnswer(panelWith(handed, { now: read.policy, read, stage }), read.policy, user, holder.slackUser);
    })
    .map(({ approval, allocation, holder }) => ({
      id: allocation.id,
      kind: approval.kind,
      holder: holder.slackUser,
      pool: allocation.pool,
      devices: allocation.deviceCount,
      seconds: approval.extendSeconds ?? allocation.durationSeconds,
      askedAt: approval.askedAt,
      lapsesAt: approval.lapsesAt,
      paused: approval.pausedSeconds !== null,
      channel: channels.get(approval.id) ?? null,
    }));
}
