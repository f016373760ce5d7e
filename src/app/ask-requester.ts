// An approver asks the requester something, and the requester answers; in between the request does not lapse.
import { z } from 'zod';
import { nextDueAt } from '../domain/approvals.ts';
import type { AllocationOutcome } from '../domain/outcome.ts';
import { refuse } from '../domain/refusal.ts';
import { earlier } from '../domain/time.ts';
import { afterWork, workBetween } from '../domain/working-time.ts';
import { accountsOf } from '../domain/accounts.ts';
import { findAllocation, setLapse } from '../ledger/allocations.ts';
import { answerQuestion as recordAnswer, approvalOpenOf, changeApproval, votesOf, type ApprovalRow } from '../ledger/approvals.ts';
import type { Transaction } from '../ledger/connect.ts';
import { noteOnCard } from '../ledger/card-notes.ts';
import { decide } from '../ledger/decide.ts';
import { post, redrawCards } from '../ledger/outbox.ts';
import { Words } from './answer-request.ts';
import { answering, VersionedAsk } from './answering.ts';
import { currentPolicy, noSuchAllocation, type App, type Call } from './app.ts';
import { settle } from './settle.ts';

export const QuestionAsk = VersionedAsk.extend({ words: Words });
export type QuestionAsk = z.infer<typeof QuestionAsk>;

/** `id`: the allocation the question was about. */
export const ReplyAsk = z.strictObject({ id: z.string().max(40), words: Words });
export type ReplyAsk = z.infer<typeof ReplyAsk>;

export async function askRequester(app: App, call: Call, ask: QuestionAsk): Promise<AllocationOutcome> {
  return answering(app, call, { ask, event: 'approve' }, async ({ tx, policy, found, approval, at, vote }) => {
    const { id } = found.allocation;
    if (approval.pausedSeconds !== null) refuse({ code: 'question_open', id });
    const question = await vote('ask', ask.words);
    const pausedSeconds = workBetween(policy, at, approval.lapsesAt);
    // Not for ever: who never answers holds quota that others could use.
    const lapsesAt = afterWork(policy, at, policy.approvalLapse + pausedSeconds);
    await postpone(tx, approval, { pausedSeconds, nextAt: null, lapsesAt });
    const recipient = found.holder.slackUser;
    const facts = { approval: approval.id, question };
    await post(tx, { key: `question:${question}`, kind: 'approval_question', allocationId: id, recipient, facts }, at);
    await noteOnCard(tx, { allocationId: id, approval: approval.id }, { kind: 'asked', question }, at);
    await redrawCards(tx, id, at);
    return settle(tx, call, { kind: 'question_sent', id }, at);
  });
}

/** Answers the question that waits. */
export async function reply(app: App, call: Call, ask: ReplyAsk): Promise<AllocationOutcome> {
  const at = app.clock.now();
  const { allocation } = (await findAllocation(app.ledger.reads, ask.id)) ?? noSuchAllocation(ask.id);
  const { id, pool } = allocation;
  return decide(app.ledger, { accounts: accountsOf(allocation), pools: [pool] }, async (tx) => {
    const policy = await currentPolicy(tx);
    if (allocation.memberId !== call.actor.id) refuse({ code: 'not_yours', id });
    const approval = await approvalOpenOf(tx, id);
    const question = approval === null ? undefined : (await votesOf(tx, [approval.id])).findLast(({ kind }) => kind === 'ask');
    if (approval?.pausedSeconds === null || approval === null || question === undefined) return refuse({ code: 'no_question', id });
    await recordAnswer(tx, question.id, ask.words, at);
    // Never later than if they had not answered.
    const lapsesAt = earlier(afterWork(policy, at, approval.pausedSeconds), approval.lapsesAt);
    await postpone(tx, approval, { pausedSeconds: null, nextAt: nextDueAt(policy, { ...approval, lapsesAt }, at), lapsesAt });
    await noteOnCard(tx, { allocationId: id, approval: approval.id }, { kind: 'answered', question: question.id }, at);
    await redrawCards(tx, id, at);
    return settle(tx, call, { kind: 'question_answered', id }, at);
  });
}

async function postpone(
  tx: Transaction,
  { id, kind, allocationId }: ApprovalRow,
  set: Parameters<typeof changeApproval>[2] & { lapsesAt: Date },
) {
  await changeApproval(tx, id, set);
  // A new request lapses by its own row.
  if (kind === 'new') await setLapse(tx, allocationId, set.lapsesAt);
}
