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
import { createAllocation } from '../ledger/allocations.ts';
import type { Transaction } from '../ledger/connect.ts';
import { decide } from '../ledger/decide.ts';
import { hold, rollOverAccount } from '../ledger/journal.ts';
import { memberActor, policyNow, type App, type Call } from './app.ts';
import { readNow } from './groups.ts';
import { putQuestion } from './put-question.ts';
import { requestFacts } from './request-facts.ts';
import { settle } from './settle.ts';
import { payerOf } from './standing.ts';
import { tellAdmins } from './tell-admins.ts';
import { poolsThatCount } from './waiting.ts';

/** Returns what happened; a refusal is an outcome too, and nothing is held then. */
export async function request(app: App, call: Call, ask: RequestAsk): Promise<AllocationOutcome> {
  const at = app.clock.now();
  const { actor } = call;
  const read = await readNow(app);
  const { policy: before, groups } = read;
  const team = payerOf(before, actor.slackUser, groups);
  const accounts = accountsOf({ memberId: actor.id, team });
  const pools = poolsThatCount(before, ask.pool);
  return decide(app.ledger, { accounts, pools }, async (tx) => {
    const { policy, version } = await policyNow(tx);
    // Locked was what the policy of a moment ago said; under another one this is tried again.
    const payer = payingTeam(policy, actor.slackUser, groups);
    const counted = poolsThatCount(policy, ask.pool);
    if ('unreadable' in payer || payer.team !== team || counted.some((pool) => !pools.includes(pool))) return refuse({ code: 'busy' });
    await Promise.all(accounts.map((account) => rollOverAccount(tx, account, policy.period, at)));
    const facts = await requestFacts(tx, { policy, actor, team, ask, read, at });
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
    await Promise.all([
      created,
      hold(tx, accounts, grant.chargeMilli * grant.durationSeconds, policy.period, { allocationId: id, at, actor: by }),
      grant.state === 'requested' ? putQuestion(tx, policy, { allocationId: id, pool: grant.pool, extendSeconds: null }, at) : null,
    ]);
    return settle(tx, call, { kind: 'requested', id }, at);
  });
}

/** A pool that needs approval and has nobody to give it is a fault of the policy: its admins hear of it, once per request. */
async function tellOfNoApprover(tx: Transaction, call: Call, policy: Policy, refusal: Refusal, at: Date): Promise<void> {
  if (refusal.code !== 'no_approver' || call.inboxKey === null) return;
  const facts = { requester: call.actor.slackUser, pool: refusal.pool };
  await tellAdmins(tx, policy.admins, { key: `no_approver:${call.inboxKey}`, kind: 'no_approver_for_admin', facts }, at);
}
