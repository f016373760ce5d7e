// The holder keeps a container for longer: granted at once within budget and allowance, as long as nobody has to wait for it; else an
// approver is asked.
import { accountsOf } from '../domain/accounts.ts';
import { extendedEnd, forbidden, needsAnswer, type ExtendAsk } from '../domain/decide-extension.ts';
import { isLegal } from '../domain/lifecycle.ts';
import type { AllocationOutcome } from '../domain/outcome.ts';
import { secondsBetween } from '../domain/time.ts';
import { findAllocation } from '../ledger/allocations.ts';
import { transition } from '../ledger/transition.ts';
import { approvalOpenOf, closeApprovalOf } from '../ledger/approvals.ts';
import { decide } from '../ledger/decide.ts';
import { rollOverAccount } from '../ledger/journal.ts';
import { memberActor, noSuchAllocation, policyNow, type App, type Call } from './app.ts';
import { authorise } from './authorise.ts';
import { factsOfExtension, grantExtension } from './extension.ts';
import { readNow } from './groups.ts';
import { answerers, panelOf } from './panel.ts';
import { putQuestion } from './put-question.ts';
import { settle } from './settle.ts';
import { target, versionOf } from './withdraw.ts';

export async function extend(app: App, call: Call, ask: ExtendAsk): Promise<AllocationOutcome> {
  const at = app.clock.now();
  const found = await target(app, call, ask, 'extend');
  const read = await readNow(app);
  const { id, pool } = found.allocation;
  const accounts = accountsOf(found.allocation);
  return decide(app.ledger, { accounts, pools: [pool] }, async (tx) => {
    const { policy, version: policyVersion } = await policyNow(tx);
    authorise('extend', policy, call.actor, found);
    await Promise.all(accounts.map((account) => rollOverAccount(tx, account, policy.period, at)));
    const held = (await findAllocation(tx, id)) ?? noSuchAllocation(id);
    const { leaseEndsAt, host, state, version } = held.allocation;
    const change = { ...versionOf(ask), actor: memberActor(call) };
    // Whoever has no lease that runs, or clicked on an older version, is told so by the guard of the transition.
    if (!isLegal('extend', state) || leaseEndsAt === null || host === null || (ask.version ?? version) !== version) {
      await transition(tx, { event: 'extend', id, at, ...change });
      throw new Error(`${id} was extended in the state ${state}`);
    }
    const endsAt = extendedEnd(ask, policy, leaseEndsAt);
    const facts = await factsOfExtension(tx, policy, held, { leaseEndsAt, endsAt }, at);
    const never = forbidden(facts);
    if (never !== null) return settle(tx, call, { kind: 'refused', refusal: never }, at);
    const doubt = needsAnswer(facts);
    if (doubt === null) {
      await closeApprovalOf(tx, id, { state: 'withdrawn', at });
      await grantExtension(tx, held, { ...facts, policyVersion, allowed: false }, change);
      return settle(tx, call, { kind: 'extended', id }, at);
    }
    const open = await approvalOpenOf(tx, id);
    if (open !== null) {
      const refusal = { code: 'asked_already', id, lapsesAt: open.lapsesAt.toISOString() } as const;
      return settle(tx, call, { kind: 'refused', refusal }, at);
    }
    const panel = await panelOf(tx, { now: policy, read }, at);
    if (answerers(panel, policy, held.holder.slackUser).length === 0 && panel.unreadable.length === 0) {
      return settle(tx, call, { kind: 'refused', refusal: doubt }, at);
    }
    await putQuestion(tx, policy, { allocationId: id, pool, extendSeconds: secondsBetween(leaseEndsAt, endsAt) }, at);
    return settle(tx, call, { kind: 'extension_asked', id }, at);
  });
}
