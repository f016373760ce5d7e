// A member asks for GPUs: checked against limits and policy in one decision, then waiting for a person or for a place.
import { accountsOf } from '../domain/accounts.ts';
import { lapseOf } from '../domain/approvals.ts';
import type { RequestAsk } from '../domain/ask.ts';
import { decideRequest } from '../domain/decide-request.ts';
import type { AllocationOutcome } from '../domain/outcome.ts';
import type { Policy } from '../domain/policy.ts';
import { payingTeam } from '../domain/quota.ts';
import { refuse, type Refusal } from '../domain/refusal.ts';
import { basisOf } from '../domain/request-basis.ts';
import { plusSeconds } from '../domain/time.ts';
import { createAllocation } from '../ledger/transition.ts';
import type { Transaction } from '../ledger/connect.ts';
import { decide } from '../ledger/decide.ts';
import { haveReached, hold, rollOverAccount } from '../ledger/journal.ts';
import type { PolicyInForce } from '../ledger/policy.ts';
import { memberActor, policyNow, type App, type Call } from './app.ts';
import { readGroups, toldOf } from './groups.ts';
import { putQuestion } from './put-question.ts';
import { requestFacts } from './request-facts.ts';
import { settle } from './settle.ts';
import { payerOf } from './standing.ts';
import { tellAdmins } from './tell-admins.ts';
import { poolsThatCount } from './waiting.ts';

/** Returns what happened; a refusal is an outcome too, and nothing is held then. */
export async function request(app: App, call: Call, ask: RequestAsk): Promise<AllocationOutcome> {
  const decided = await decideUnder(app, call, ask, await app.remembered.policy());
  if (decided !== null) return decided;
  app.remembered.forget();
  return (await decideUnder(app, call, ask, await policyNow(app.ledger.reads))) ?? refuse({ code: 'busy' });
}

/** `known`: says what to lock. Null, and nothing has changed, when another policy is in force and says something else. */
async function decideUnder(app: App, call: Call, ask: RequestAsk, known: PolicyInForce): Promise<AllocationOutcome | null> {
  const at = app.clock.now();
  const { actor } = call;
  const groups = await readGroups(app, known.policy);
  const read = { policy: known.policy, groups };
  const team = payerOf(known.policy, actor.slackUser, groups);
  const accounts = accountsOf({ memberId: actor.id, team });
  const pools = poolsThatCount(known.policy, ask.pool);
  return decide(app.ledger, { accounts, pools }, async (tx) => {
    const look = async (under: Policy) =>
      Promise.all([haveReached(tx, accounts, under.period, at), requestFacts(tx, { policy: under, actor, team, ask, read, at })]);
    // Sent together: it is the same policy nearly always, and nobody's budget has to be brought into a new period.
    const [inForce, first] = await Promise.all([policyNow(tx, known), look(known.policy)]);
    const { policy, version } = inForce;
    let seen = first;
    if (version !== known.version) {
      const payer = payingTeam(policy, actor.slackUser, groups);
      const others = poolsThatCount(policy, ask.pool).some((pool) => !pools.includes(pool));
      if ('unreadable' in payer || payer.team !== team || others || !toldOf(policy, read)) return null;
      seen = await look(policy);
    }
    if (!seen[0]) {
      await Promise.all(accounts.map((account) => rollOverAccount(tx, account, policy.period, at)));
      seen = await look(policy);
    }
    const [, facts] = seen;
    const decision = decideRequest(facts);
    if (decision.kind === 'refused') {
      await tellOfNoApprover(tx, call, policy, decision.refusal, at);
      return settle(tx, call, decision, at);
    }
    const { grant } = decision;
    const by = memberActor(call);
    const id = app.ids.allocation();
    const created = createAllocation(
      tx,
      {
        id,
        memberId: actor.id,
        team,
        state: grant.state,
        requestedAt: at,
        pool: grant.pool,
        deviceCount: grant.devices,
        capacityMilli: grant.capacityMilli,
        chargeMilli: grant.chargeMilli,
        image: grant.image,
        minDriver: grant.minDriver,
        limits: grant.limits,
        durationSeconds: grant.durationSeconds,
        until: grant.until,
        onHost: ask.host,
        purpose: ask.purpose,
        lapsesAt: grant.state === 'requested' ? lapseOf(policy, at) : plusSeconds(at, policy.queueLapse),
        queuedAt: grant.state === 'queued' ? at : null,
        changedBy: by,
        changedAt: at,
      },
      by,
      basisOf(facts, version, grant),
    );
    // Sent behind it without waiting: the rows that name it come after its own.
    const [outcome] = await Promise.all([
      settle(tx, call, { kind: 'requested', id } as const, at),
      created,
      hold(tx, accounts, grant.chargeMilli * grant.durationSeconds, policy.period, { allocationId: id, at, actor: by }),
      grant.state === 'requested' ? putQuestion(tx, policy, { allocationId: id, pool: grant.pool, extendSeconds: null }, at) : null,
    ]);
    return outcome;
  });
}

/** A pool that needs approval and has nobody to give it is a fault of the policy: its admins hear of it, once per request. */
async function tellOfNoApprover(tx: Transaction, call: Call, policy: Policy, refusal: Refusal, at: Date): Promise<void> {
  if (refusal.code !== 'no_approver' || call.inboxKey === null) return;
  const facts = { requester: call.actor.slackUser, pool: refusal.pool };
  await tellAdmins(tx, policy.admins, { key: `no_approver:${call.inboxKey}`, kind: 'no_approver_for_admin', facts }, at);
}
