// What approvers are asked, whom, and when: sets of approvers in their order, reminders, and the lapse, as moments that a card can show.
import type { Policy } from './policy.ts';
import { secondsBetween } from './time.ts';
import { afterWork } from './working-time.ts';

export const approvalKinds = ['new', 'extend'] as const;
export type ApprovalKind = (typeof approvalKinds)[number];

/** Withdrawn: nobody needs an answer any more, since it was cancelled or has ended. */
export const approvalStates = ['open', 'approved', 'denied', 'lapsed', 'withdrawn'] as const;
export type ApprovalState = (typeof approvalStates)[number];

/** `lower`: approved with fewer GPUs or a shorter time than asked. `ask`: a question to the requester; decides nothing. */
export const voteKinds = ['approve', 'lower', 'deny', 'ask'] as const;
export type VoteKind = (typeof voteKinds)[number];

/** For so long the requester may give back what was approved with less than they asked for, free of charge. */
export const DECLINE_SECONDS = 600;

/** Users and Slack groups that may answer once so many further sets were asked: nobody who was asked loses the right to answer. */
export function askedSets({ approvers, escalation }: Policy, stage: number): readonly string[] {
  return [...new Set([...approvers, ...escalation.slice(0, stage).flatMap((set) => set.approvers)])];
}

export interface Due {
  readonly kind: 'remind' | 'escalate';
  readonly at: Date;
}

/** A question as it stands: how many further sets were asked, and when it lapses. */
export interface Asked {
  readonly askedAt: Date;
  readonly lapsesAt: Date;
  readonly stage: number;
}

/** What still comes while nobody answers, in order: a further set is asked even when its time has passed, a reminder after `after` only. */
export function duesOf(policy: Policy, { askedAt, lapsesAt, stage }: Asked, after: Date): Due[] {
  const { escalation, approvalReminder } = policy;
  const later = (seconds: number) => afterWork(policy, askedAt, seconds);
  const sets = escalation.slice(stage).map(({ after: seconds }): Due => ({ kind: 'escalate', at: later(seconds) }));
  const reminder: Due[] = approvalReminder === 0 ? [] : [{ kind: 'remind', at: later(approvalReminder) }];
  return [...sets, ...reminder.filter(({ at }) => at > after)]
    .filter(({ at }) => at < lapsesAt)
    .toSorted((a, b) => a.at.getTime() - b.at.getTime());
}

/** When somebody has to look at it again, at the earliest `at`; null: nothing comes before the lapse. */
export function nextDueAt(policy: Policy, asked: Asked, at: Date): Date | null {
  const [next] = duesOf(policy, asked, at);
  if (next === undefined) return null;
  return next.at < at ? at : next.at;
}

/** When it lapses; a policy with working hours counts only them. */
export function lapseOf(policy: Policy, askedAt: Date): Date {
  return afterWork(policy, askedAt, policy.approvalLapse);
}

/** Only working time counted, so the clock on the wall has moved further. */
export function skipsTime(policy: Policy, askedAt: Date, lapsesAt: Date): boolean {
  return policy.hours !== undefined && secondsBetween(askedAt, lapsesAt) > policy.approvalLapse;
}
