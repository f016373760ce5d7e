// The tables of what people are asked: the questions to approvers, their votes, and what they have allowed or handed over beforehand.
import { sql } from 'drizzle-orm';
import { bigserial, check, index, integer, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { approvalKinds, approvalStates, voteKinds, type ApprovalKind, type ApprovalState, type VoteKind } from '../domain/approvals.ts';
import { among, count, moment } from './columns.ts';
import { allocations, members } from './schema.ts';

/** One row per question: may this start, or may it be kept for longer? */
export const approvals = pgTable(
  'approvals',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    allocationId: text('allocation_id')
      .notNull()
      .references(() => allocations.id),
    kind: text('kind').$type<ApprovalKind>().notNull(),
    state: text('state').$type<ApprovalState>().notNull().default('open'),
    askedAt: moment('asked_at').notNull(),
    /** By how much an extension would be longer; null for a new request. */
    extendSeconds: integer('extend_seconds'),
    /** How many sets of approvers beyond the first were asked by now. */
    stage: integer('stage').notNull().default(0),
    /** When somebody is reminded, or the next set is asked; null: nothing more comes before the lapse. */
    nextAt: moment('next_at'),
    lapsesAt: moment('lapses_at').notNull(),
    /** Seconds that were left before the lapse when a question went to the requester; null while none is open. */
    pausedSeconds: integer('paused_seconds'),
    closedAt: moment('closed_at'),
  },
  (t) => [
    check('approval_kind_is_known', among(t.kind, approvalKinds)),
    check('approval_state_is_known', among(t.state, approvalStates)),
    check('open_means_not_closed', sql`(${t.state} = 'open') = (${t.closedAt} is null)`),
    check('only_an_extension_has_a_length', sql`(${t.kind} = 'extend') = (${t.extendSeconds} is not null)`),
    check('extension_is_longer', sql`${t.extendSeconds} > 0`),
    uniqueIndex('one_open_approval_per_allocation')
      .on(t.allocationId)
      .where(sql`${t.state} = 'open'`),
    index('approvals_of_allocation').on(t.allocationId),
    index('approvals_due')
      .on(t.nextAt)
      .where(sql`${t.state} = 'open'`),
  ],
);

/** What approvers said. Reasons and questions are kept: the other side is told them. */
export const votes = pgTable(
  'votes',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    approvalId: count('approval_id')
      .notNull()
      .references(() => approvals.id),
    memberId: count('member_id')
      .notNull()
      .references(() => members.id),
    kind: text('kind').$type<VoteKind>().notNull(),
    at: moment('at').notNull(),
    /** The approver (Slack user) who had handed over to this member; null: they voted for themselves. */
    onBehalfOf: text('on_behalf_of'),
    /** Of a denial or a lowering, or the question. */
    words: text('words'),
    /** The requester's answer to a question. */
    answer: text('answer'),
    answeredAt: moment('answered_at'),
  },
  (t) => [
    check('vote_kind_is_known', among(t.kind, voteKinds)),
    check('an_answer_has_its_time', sql`(${t.answer} is null) = (${t.answeredAt} is null)`),
    check('only_a_question_is_answered', sql`${t.kind} = 'ask' or ${t.answer} is null`),
    check('a_question_has_words', sql`${t.kind} <> 'ask' or ${t.words} is not null`),
    uniqueIndex('one_deciding_vote_per_approval')
      .on(t.approvalId)
      .where(sql`${t.kind} <> 'ask'`),
    index('votes_of_approval').on(t.approvalId),
  ],
);

/** "Also for this member": requests up to this size that need no person until it ends. */
export const standingApprovals = pgTable(
  'standing_approvals',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    memberId: count('member_id')
      .notNull()
      .references(() => members.id),
    pool: text('pool').notNull(),
    /** Of one request. */
    capacityMilli: integer('capacity_milli').notNull(),
    durationSeconds: integer('duration_seconds').notNull(),
    /** Slack user; it counts only while they are an approver. */
    grantedBy: text('granted_by').notNull(),
    grantedAt: moment('granted_at').notNull(),
    expiresAt: moment('expires_at').notNull(),
    revokedAt: moment('revoked_at'),
    revokedBy: text('revoked_by'),
  },
  (t) => [
    check('standing_approval_is_bounded', sql`${t.capacityMilli} > 0 and ${t.durationSeconds} > 0 and ${t.expiresAt} > ${t.grantedAt}`),
    index('standing_approvals_of_member')
      .on(t.memberId)
      .where(sql`${t.revokedAt} is null`),
  ],
);

/** An approver is away: somebody else decides for them until then. */
export const handOvers = pgTable(
  'hand_overs',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    /** Slack users, both. */
    fromUser: text('from_user').notNull(),
    toUser: text('to_user').notNull(),
    at: moment('at').notNull(),
    until: moment('until').notNull(),
    endedAt: moment('ended_at'),
  },
  (t) => [
    check('hand_over_has_an_end', sql`${t.until} > ${t.at} and ${t.fromUser} <> ${t.toUser}`),
    uniqueIndex('one_hand_over_per_approver')
      .on(t.fromUser)
      .where(sql`${t.endedAt} is null`),
  ],
);
