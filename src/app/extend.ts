// The holder keeps a container for longer: granted at once within budget and allowance, as long as nobody has to wait for it.
import { accountsOf } from '../domain/accounts.ts';
import { extendedEnd, refusalOfExtension, type ExtendAsk } from '../domain/decide-extension.ts';
import { delaysOfLaterEnd } from '../domain/delays.ts';
import { periodAt, periodEnd } from '../domain/journal.ts';
import { isLegal } from '../domain/lifecycle.ts';
import type { AllocationOutcome } from '../domain/outcome.ts';
import { secondsBetween } from '../domain/time.ts';
import { extendedSince, findAllocation, transition } from '../ledger/allocations.ts';
import { decide } from '../ledger/decide.ts';
import { raiseRevision } from '../ledger/hosts.ts';
import { hold, rollOverAccount } from '../ledger/journal.ts';
import { memberActor, noSuchAllocation, policyNow, type App, type Call } from './app.ts';
import { authorise } from './authorise.ts';
import { planHosts, poolQueue, toQueuedAsk } from './pool-plan.ts';
import { settle } from './settle.ts';
import { standingOf } from './standing.ts';
import { target, versionOf } from './withdraw.ts';

export async function extend(app: App, call: Call, ask: ExtendAsk): Promise<AllocationOutcome> {
  const at = app.clock.now();
  const found = await target(app, call, ask, 'extend');
  const { id, pool, team } = found.allocation;
  const accounts = accountsOf(found.allocation);
  return decide(app.ledger, { accounts, pools: [pool] }, async (tx) => {
    const { policy } = await policyNow(tx);
    authorise('extend', policy, call.actor, found);
    await Promise.all(accounts.map((account) => rollOverAccount(tx, account, policy.period, at)));
    const { allocation, holder } = (await findAllocation(tx, id)) ?? noSuchAllocation(id);
    const change = { event: 'extend', id, ...versionOf(ask), at, actor: memberActor(call) } as const;
    const { leaseEndsAt, host, chargeMilli } = allocation;
    // Whoever has no lease that runs is told so by the guard of the transition.
    if (!isLegal('extend', allocation.state) || leaseEndsAt === null || host === null) {
      await transition(tx, change);
      throw new Error(`${id} was extended in the state ${allocation.state}`);
    }
    const endsAt = extendedEnd(ask, policy, leaseEndsAt);
    const week = periodAt('week', at);
    const queue = await poolQueue(tx, policy, pool, { at });
    const [standing, extendedSeconds, hosts] = await Promise.all([
      standingOf(tx, policy, holder, team, at),
      extendedSince(tx, holder.id, week.start),
      planHosts(tx, policy, { pool, queue }, at),
    ]);
    const refusal = refusalOfExtension({
      ...standing,
      id,
      pool,
      chargeMilli,
      leaseEndsAt,
      endsAt,
      policy,
      extendedSeconds,
      weekEndsAt: periodEnd(week),
      delays: delaysOfLaterEnd({ pool, queue: queue.map(toQueuedAsk), hosts }, id, endsAt, at),
      at,
    });
    if (refusal !== null) return settle(tx, call, { kind: 'refused', refusal }, at);
    const seconds = secondsBetween(leaseEndsAt, endsAt);
    const longer = { leaseEndsAt: endsAt, ...(allocation.until === null ? {} : { until: endsAt }) };
    await raiseRevision(tx, host);
    await transition(tx, { ...change, set: longer, detail: { seconds, endsAt: endsAt.toISOString() } });
    await hold(tx, accounts, chargeMilli * seconds, policy.period, { allocationId: id, at, actor: change.actor });
    return settle(tx, call, { kind: 'extended', id }, at);
  });
}
