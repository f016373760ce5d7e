// An approver answers: approve, approve with less, or deny, a new request or an extension. Whoever is first wins; the other is told so.
import { z } from 'zod';
import { accountsOf } from '../domain/accounts.ts';
import { DECLINE_SECONDS } from '../domain/approvals.ts';
import { forbidden } from '../domain/decide-extension.ts';
import { lowered, type Lowered } from '../domain/lowering.ts';
import type { AllocationOutcome } from '../domain/outcome.ts';
import { refuse } from '../domain/refusal.ts';
import { plusSeconds } from '../domain/time.ts';
import { transition } from '../ledger/transition.ts';
import { closeApprovalOf } from '../ledger/approvals.ts';
import { allowBeforehand } from '../ledger/beforehand.ts';
import { giveBack, rollOverAccount } from '../ledger/journal.ts';
import { notify } from '../ledger/notify.ts';
import { post, redrawCards } from '../ledger/outbox.ts';
import { answering, VersionedAsk, type Answering } from './answering.ts';
import type { App, Call } from './app.ts';
import { factsOfExtension, grantExtension } from './extension.ts';
import { settle } from './settle.ts';

/** What an approver writes to the requester. */
export const Words = z.string().trim().min(1).max(1000);

/** What may be less than asked; left out: as asked. Seconds of the whole lease, or of the extension. */
export const ApproveAsk = VersionedAsk.extend({
  devices: z.int().positive().optional(),
  seconds: z.int().positive().optional(),
  words: Words.optional(),
  /** "Also for this member": requests of the same pool up to this many devices need no person for so many days. */
  also: z.strictObject({ devices: z.int().positive().max(10_000), days: z.int().positive().max(90) }).optional(),
});
export type ApproveAsk = z.infer<typeof ApproveAsk>;

export const DenyAsk = VersionedAsk.extend({ words: Words.optional() });
export type DenyAsk = z.infer<typeof DenyAsk>;

export async function approve(app: App, call: Call, ask: ApproveAsk): Promise<AllocationOutcome> {
  return answering(app, call, { ask, event: 'approve' }, async (question) => {
    const less = lowered(question.found.allocation, question.approval.extendSeconds, ask, question.at);
    if ('code' in less) return refuse(less);
    await question.vote(less.changed ? 'lower' : 'approve', ask.words);
    if (question.approval.kind === 'new') await approveNew(question, less);
    else await approveExtension(question, less);
    if (ask.also !== undefined) await allowAlso(question, ask.also, call.actor.slackUser);
    return settle(question.tx, call, { kind: 'approved', id: ask.id }, question.at);
  });
}

async function approveNew({ tx, policy, found, at, actor, approval }: Answering, less: Lowered): Promise<void> {
  const { id, version } = found.allocation;
  const lapsesAt = plusSeconds(at, policy.queueLapse);
  const set = { queuedAt: at, lapsesAt, ...less.set };
  await transition(tx, { event: 'approve', id, version, at, actor, set, detail: less.changed ? { asked: less.asked } : {} });
  if (less.changed) {
    const accounts = accountsOf(found.allocation);
    await Promise.all(accounts.map((account) => rollOverAccount(tx, account, policy.period, at)));
    await giveBack(tx, accounts, less.giveBack, policy.period, { allocationId: id, at, actor, reason: 'lowered' });
    const facts = { approval: approval.id, declineBy: plusSeconds(at, DECLINE_SECONDS).toISOString() };
    await post(tx, { key: `lowered:${id}`, kind: 'request_lowered', allocationId: id, recipient: found.holder.slackUser, facts }, at);
  }
  await notify(tx, 'queue');
}

async function approveExtension({ tx, policy, policyVersion, found, at, actor, approval }: Answering, { seconds }: Lowered): Promise<void> {
  const { allocation } = found;
  const { id, version, leaseEndsAt } = allocation;
  const accounts = accountsOf(allocation);
  if (leaseEndsAt === null || seconds === null) throw new Error(`${id} has no lease that could be extended`);
  await Promise.all(accounts.map((account) => rollOverAccount(tx, account, policy.period, at)));
  const facts = await factsOfExtension(tx, policy, found, { leaseEndsAt, endsAt: plusSeconds(leaseEndsAt, seconds) }, at);
  const never = forbidden(facts);
  if (never !== null) refuse({ code: 'not_approvable', refusal: never });
  await grantExtension(tx, found, { ...facts, policyVersion, allowed: true }, { version, actor });
  await closeApprovalOf(tx, id, { state: 'approved', at });
  await tellOfExtension(found, { tx, approval, at });
}

async function allowAlso({ tx, found, at }: Answering, { devices, days }: NonNullable<ApproveAsk['also']>, grantedBy: string) {
  const { pool, capacityMilli, deviceCount, durationSeconds, memberId } = found.allocation;
  if (deviceCount === 0) return;
  const row = { memberId, pool, capacityMilli: devices * Math.floor(capacityMilli / deviceCount), durationSeconds };
  await allowBeforehand(tx, { ...row, grantedBy, grantedAt: at, expiresAt: plusSeconds(at, days * 86_400) });
}

export async function deny(app: App, call: Call, ask: DenyAsk): Promise<AllocationOutcome> {
  return answering(app, call, { ask, event: 'deny' }, async (question) => {
    const { tx, found, approval, at, actor } = question;
    const { id, version } = found.allocation;
    await question.vote('deny', ask.words);
    if (approval.kind === 'new') {
      await transition(tx, { event: 'deny', id, version, at, actor, set: { endedAt: at } });
      const facts = { approval: approval.id };
      await post(tx, { key: `denied:${id}`, kind: 'request_denied', allocationId: id, recipient: found.holder.slackUser, facts }, at);
    } else {
      await closeApprovalOf(tx, id, { state: 'denied', at });
      await redrawCards(tx, id, at);
      await tellOfExtension(found, question);
    }
    return settle(tx, call, { kind: 'denied', id }, at);
  });
}

async function tellOfExtension(
  { allocation, holder }: Answering['found'],
  { tx, approval, at }: Pick<Answering, 'tx' | 'approval' | 'at'>,
) {
  const facts = { approval: approval.id };
  const letter = { key: `extension_answered:${approval.id}`, kind: 'extension_answered', allocationId: allocation.id } as const;
  await post(tx, { ...letter, recipient: holder.slackUser, facts }, at);
}
