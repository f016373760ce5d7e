// Who waits for a pool, where the policy asks a person depending on that: whoever is only on the way to a place does not wait.
import { poolTerms, type Policy } from '../domain/policy.ts';
import { BACKFILL_DEPTH, planQueue } from '../domain/queue-plan.ts';
import { waitingByPool } from '../ledger/allocations.ts';
import type { Queries } from '../ledger/connect.ts';
import { planHosts, poolQueue, toQueuedAsk } from './pool-plan.ts';

/** Pools that a request for `asked` (null: any) may come to, and whose approval depends on who waits; to be locked before they are counted. */
export function poolsThatCount(policy: Policy, asked: string | null): string[] {
  const counting = poolTerms(policy).filter(({ approval }) => typeof approval === 'object' && approval.unless.nobodyWaits);
  return counting.map(({ name }) => name).filter((name) => asked === null || asked === name);
}

/** For each of `pools`, how many wait for a person, or for a place that the scheduler cannot give them now. */
export async function waitingIn(queries: Queries, policy: Policy, pools: readonly string[], at: Date): Promise<Map<string, number>> {
  if (pools.length === 0) return new Map();
  const counts = await waitingByPool(queries);
  const waiting = await Promise.all(
    pools.map(async (pool) => {
      const queue = await poolQueue(queries, policy, pool, { at, limit: BACKFILL_DEPTH });
      const hosts = queue.length === 0 ? [] : await planHosts(queries, policy, { pool, queue }, at);
      const starting = planQueue(pool, queue.map(toQueuedAsk), hosts, at).filter(({ devices }) => devices !== null);
      return [pool, (counts.get(pool) ?? 0) - starting.length] as const;
    }),
  );
  return new Map(waiting);
}
