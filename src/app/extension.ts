// An extension weighed and granted: by the holder within what they may take at once, or by an approver.
import { accountsOf } from '../domain/accounts.ts';
import type { ExtensionFacts } from '../domain/decide-extension.ts';
import { delaysOfLaterEnd } from '../domain/delays.ts';
import { periodAt, periodEnd } from '../domain/journal.ts';
import type { Policy } from '../domain/policy.ts';
import { extensionBasisOf } from '../domain/request-basis.ts';
import { secondsBetween } from '../domain/time.ts';
import { extendedSince, type HeldAllocation } from '../ledger/allocations.ts';
import { transition } from '../ledger/transition.ts';
import type { Queries, Transaction } from '../ledger/connect.ts';
import { raiseRevision } from '../ledger/hosts.ts';
import { hold } from '../ledger/journal.ts';
import { planHosts, poolQueue, toQueuedAsk } from './pool-plan.ts';
import { standingOf } from './standing.ts';

/** Of a container that runs. Inside a decision its accounts have reached the current period. */
export async function factsOfExtension(
  queries: Queries,
  policy: Policy,
  { allocation, holder }: HeldAllocation,
  { leaseEndsAt, endsAt }: { readonly leaseEndsAt: Date; readonly endsAt: Date },
  at: Date,
): Promise<ExtensionFacts> {
  const { id, pool, team, chargeMilli } = allocation;
  const week = periodAt('week', at);
  const queue = await poolQueue(queries, policy, pool, { at });
  const [standing, extendedSeconds, hosts] = await Promise.all([
    standingOf(queries, policy, holder, team, at),
    extendedSince(queries, holder.id, week.start),
    planHosts(queries, policy, { pool, queue }, at),
  ]);
  return {
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
  };
}

/** Makes the lease longer and holds what that costs. `allowed`: by an approver, past the weekly allowance. `change`: who does it, and the version it counts for, if any. */
export async function grantExtension(
  tx: Transaction,
  { allocation }: HeldAllocation,
  granted: ExtensionFacts & { readonly policyVersion: number; readonly allowed: boolean },
  change: { readonly version?: number; readonly actor: string },
): Promise<void> {
  const { id, host, until, chargeMilli } = allocation;
  const { leaseEndsAt, endsAt, policy, at } = granted;
  const seconds = secondsBetween(leaseEndsAt, endsAt);
  if (host !== null) await raiseRevision(tx, host);
  const set = { leaseEndsAt: endsAt, ...(until === null ? {} : { until: endsAt }) };
  const detail = { seconds, endsAt: endsAt.toISOString(), ...extensionBasisOf(granted) };
  await transition(tx, { event: 'extend', id, at, ...change, set, detail });
  await hold(tx, accountsOf(allocation), chargeMilli * seconds, policy.period, { allocationId: id, at, actor: change.actor });
}
