// What approvers settle beforehand: who decides for them while they are away, and taking back what they allowed a member.
import { z } from 'zod';
import { refusalOfPerson } from '../domain/membership.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Approvers } from '../domain/approvers.ts';
import { SlackUser } from '../domain/policy-parts.ts';
import type { Policy } from '../domain/policy.ts';
import { refuse } from '../domain/refusal.ts';
import { parseMoment, plusSeconds } from '../domain/time.ts';
import { endHandOver, handOver as recordHandOver, revokeStanding } from '../ledger/beforehand.ts';
import type { Transaction } from '../ledger/connect.ts';
import { decide } from '../ledger/decide.ts';
import { post } from '../ledger/outbox.ts';
import { currentPolicy, type App, type Call } from './app.ts';
import { approversNow, readNow } from './groups.ts';
import { settle } from './settle.ts';

/** Nobody hands over for longer: they would be no approver any more. */
const HAND_OVER_MAX_DAYS = 90;

/** `until`: ISO 8601 UTC. */
export const HandOverAsk = z.strictObject({ to: SlackUser, until: z.iso.datetime() });
export type HandOverAsk = z.infer<typeof HandOverAsk>;
export const TakeBackAsk = z.strictObject({});
/** Number of a standing approval. */
export const RevokeAsk = z.strictObject({ number: z.int().positive() });
export type RevokeAsk = z.infer<typeof RevokeAsk>;

interface Settling {
  readonly tx: Transaction;
  readonly policy: Policy;
  readonly at: Date;
}

export async function handOver(app: App, call: Call, { to, until: untilText }: HandOverAsk): Promise<Outcome> {
  const until = parseMoment(untilText);
  await mayUse(app, to);
  return settling(app, call, async ({ tx, at }) => {
    const fromUser = call.actor.slackUser;
    if (to === fromUser) refuse({ code: 'no_such_member', user: to });
    if (until <= at) refuse({ code: 'until_past', until: untilText });
    const latest = plusSeconds(at, HAND_OVER_MAX_DAYS * 86_400);
    if (until > latest) refuse({ code: 'hand_over_too_long', days: HAND_OVER_MAX_DAYS });
    await recordHandOver(tx, { fromUser, toUser: to, at, until });
    const facts = { by: fromUser, until: untilText };
    const key = `handed_over:${fromUser}:${to}:${at.getTime()}`;
    await post(tx, { key, kind: 'handed_over', allocationId: null, recipient: to, facts }, at);
    return settle(tx, call, { kind: 'handed_over', to, until: untilText }, at);
  });
}

export async function takeBack(app: App, call: Call): Promise<Outcome> {
  return settling(app, call, async ({ tx, at }) => {
    const ended = await endHandOver(tx, call.actor.slackUser, at);
    if (!ended) refuse({ code: 'nothing_handed_over' });
    return settle(tx, call, { kind: 'taken_back' }, at);
  });
}

/** Any approver may: what one has allowed, each of them answers for. */
export async function revoke(app: App, call: Call, { number }: RevokeAsk): Promise<Outcome> {
  return settling(app, call, async ({ tx, at }) => {
    const row = await revokeStanding(tx, number, { by: call.actor.slackUser, at });
    if (row === null) return refuse({ code: 'no_standing_approval', number });
    return settle(tx, call, { kind: 'revoked', number }, at);
  });
}

async function settling<T>(app: App, call: Call, work: (settling: Settling) => Promise<T>): Promise<T> {
  const at = app.clock.now();
  const read = await readNow(app);
  return decide(app.ledger, { accounts: [`approver:${call.actor.slackUser}`], pools: [] }, async (tx) => {
    const policy = await currentPolicy(tx);
    requireApprover(policy, approversNow(policy, read), call);
    return work({ tx, policy, at });
  });
}

/** Only who is an approver by the policy: whoever one handed over to cannot hand that on. */
function requireApprover({ admins }: Policy, { users, unreadable }: Approvers, { actor }: Call): void {
  if (users.has(actor.slackUser) || admins.includes(actor.slackUser)) return;
  refuse(unreadable.length > 0 ? { code: 'approvers_unreadable', groups: unreadable } : { code: 'not_approver' });
}

async function mayUse(app: App, user: string): Promise<void> {
  const policy = await currentPolicy(app.ledger.reads);
  const person = await app.directory.person(user);
  const named = typeof policy.members === 'object' && 'group' in policy.members ? policy.members.group : null;
  const group = named === null ? null : await app.directory.groupMembers(named);
  if (person === null || refusalOfPerson(person, app.directory.home, policy, group) !== null) refuse({ code: 'no_such_member', user });
}
