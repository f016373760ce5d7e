// What a request was decided by, kept in its event: "why" is answered, and the limits are checked again, from these numbers.
import type { AccountUse, RequestFacts } from './decide-request.ts';
import { CPU_POOL, poolTerms, type PoolTerms } from './policy.ts';
import type { Limits, TeamLimits } from './quota.ts';

export interface RequestBasis {
  readonly policyVersion: number;
  readonly limits: Limits;
  /** Before this request. */
  readonly use: AccountUse;
  readonly team: { readonly name: string; readonly limits: TeamLimits; readonly use: AccountUse } | null;
  /** Not in events from before it was kept. */
  readonly terms?: RequestTerms;
}

/** What the pool asked for, and what stood against it. */
export interface RequestTerms {
  readonly approval: PoolTerms['approval'];
  /** The pool's own. */
  readonly maxDurationSeconds: number;
  readonly rateMilli: number;
  /** Requests that waited for the pool; null: not counted, since the approval did not depend on it. */
  readonly waiting: number | null;
  /** The requester's, before this request. */
  readonly cpuContainers: number;
}

/** Of a request that was granted in `pool`. */
export function basisOf(facts: RequestFacts, policyVersion: number, pool: string): RequestBasis {
  const { policy, limits, use, team, holding, waiting } = facts;
  const terms = poolTerms(policy).find(({ name }) => name === pool);
  if (terms === undefined) throw new Error(`granted in a pool that the policy does not have: ${pool}`);
  const { approval, maxDurationSeconds, rateMilli } = terms;
  const counted = typeof approval === 'object' && approval.unless.nobodyWaits;
  return {
    policyVersion,
    limits,
    use,
    team,
    terms: {
      approval,
      maxDurationSeconds,
      rateMilli,
      waiting: counted ? (waiting.get(pool) ?? 0) : null,
      cpuContainers: holding.filter((held) => held.pool === CPU_POOL).length,
    },
  };
}
