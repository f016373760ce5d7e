// An admin changes what one member may have: a limit of their own for a while, or more (or less) of this period's budget.
import { memberAccount } from '../domain/accounts.ts';
import type { AdminAsk } from '../domain/grammar/admin-ask.ts';
import { refusalOfPerson } from '../domain/membership.ts';
import type { LimitChange, Outcome } from '../domain/outcome.ts';
import { COUNTABLE_MOST, periodAt } from '../domain/journal.ts';
import type { Policy } from '../domain/policy.ts';
import { refuse } from '../domain/refusal.ts';
import { parseMoment } from '../domain/time.ts';
import type { Transaction } from '../ledger/connect.ts';
import { decide } from '../ledger/decide.ts';
import { committedIn, record } from '../ledger/journal.ts';
import { findMember, saveMember, type MemberRow } from '../ledger/members.ts';
import { post } from '../ledger/outbox.ts';
import { revokeOverride, setOverride } from '../ledger/overrides.ts';
import { currentPolicy, memberActor, type App, type Call } from './app.ts';
import { settle } from './settle.ts';

export async function adjust(app: App, call: Call, ask: AdminAsk): Promise<Outcome> {
  const at = app.clock.now();
  // Said before anything about the member is looked up or made.
  requireAdmin(await currentPolicy(app.ledger.reads), call);
  const member = await memberNamed(app, ask.user);
  return decide(app.ledger, { accounts: [memberAccount(member.id)], pools: [] }, async (tx) => {
    const policy = await currentPolicy(tx);
    requireAdmin(policy, call);
    await apply(tx, { policy, member, actor: memberActor(call), at }, ask);
    const outcome: Outcome = { kind: 'adjusted', ...summary(ask) };
    if (member.id !== call.actor.id && call.inboxKey !== null) {
      const facts = { ...summary(ask), by: call.actor.slackUser, reason: 'reason' in ask ? ask.reason : null };
      await post(tx, { key: `adjusted:${call.inboxKey}`, kind: 'limits_changed', allocationId: null, recipient: ask.user, facts }, at);
    }
    return settle(tx, call, outcome, at);
  });
}

interface Adjustment {
  readonly policy: Policy;
  readonly member: MemberRow;
  readonly actor: string;
  readonly at: Date;
}

async function apply(tx: Transaction, { policy, member, actor, at }: Adjustment, ask: AdminAsk): Promise<void> {
  switch (ask.kind) {
    case 'set_override': {
      const { limit, value, reason, expiresAt: until } = ask;
      const expiresAt = until === null ? null : parseMoment(until);
      if (expiresAt !== null && expiresAt <= at) refuse({ code: 'until_past', until: expiresAt.toISOString() });
      return setOverride(tx, { memberId: member.id, limit, value, reason, actor, at, expiresAt });
    }
    case 'revoke_override': {
      const { limit } = ask;
      const revoked = await revokeOverride(tx, { memberId: member.id, limit, revokedBy: actor, revokedAt: at });
      if (!revoked) refuse({ code: 'no_override', user: ask.user, limit });
      return;
    }
    case 'grant': {
      // More budget is less that counts against it.
      const account = memberAccount(member.id);
      const period = periodAt(policy.period, at);
      const committed = (await committedIn(tx, [account], period)).get(account) ?? 0;
      if (Math.abs(committed - ask.milliSeconds) > COUNTABLE_MOST)
        refuse({ code: 'beyond_counting', user: ask.user, most: COUNTABLE_MOST });
      const entry = { account, period, kind: 'adjust' as const, amount: -ask.milliSeconds };
      return record(tx, [entry], { allocationId: null, at, actor, reason: ask.reason });
    }
  }
}

function summary(ask: AdminAsk): LimitChange {
  const { kind: change, user } = ask;
  switch (ask.kind) {
    case 'set_override':
      return { change, user, limit: ask.limit, value: ask.value, until: ask.expiresAt };
    case 'revoke_override':
      return { change, user, limit: ask.limit, value: null, until: null };
    case 'grant':
      return { change, user, limit: null, value: ask.milliSeconds, until: null };
  }
}

function requireAdmin(policy: Policy, { actor }: Call): void {
  if (!policy.admins.includes(actor.slackUser)) refuse({ code: 'not_admin' });
}

/** The row of somebody who may use Berth, made now if they never did. */
async function memberNamed(app: App, user: string): Promise<MemberRow> {
  const { team } = app.directory.home;
  const known = await findMember(app.ledger.reads, team, user);
  if (known !== null) return known;
  const policy = await currentPolicy(app.ledger.reads);
  const person = await app.directory.person(user);
  const named = typeof policy.members === 'object' && 'group' in policy.members ? policy.members.group : null;
  const group = named === null ? null : await app.directory.groupMembers(named);
  if (person === null || refusalOfPerson(person, app.directory.home, policy, group) !== null)
    return refuse({ code: 'no_such_member', user });
  return saveMember(app.ledger.reads, { ...person, team }, app.clock.now());
}
