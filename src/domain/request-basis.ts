// What a request or an extension was decided by, kept in its event: "why" is answered, and the limits are checked again, from these numbers.
import type { ExtensionFacts } from './decide-extension.ts';
import { allowing, type AccountUse, type Grant, type RequestFacts } from './decide-request.ts';
import type { AskedFirst } from './lowering.ts';
import { CPU_POOL, poolTerms, type PoolTerms } from './policy.ts';
import type { Limits, TeamLimits } from './quota.ts';

export interface RequestBasis {
  readonly policyVersion: number;
  readonly limits: Limits;
  /** Before this request. */
  readonly use: AccountUse;
  readonly team: { readonly name: string; readonly limits: TeamLimits; readonly use: AccountUse } | null;
  /** Of one that waits for a person, who may grant less. */
  readonly asked?: AskedFirst;
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
  /** What an approver had allowed beforehand, where it was asked for and covers it. */
  readonly beforehand?: { readonly id: number; readonly by: string } | null;
  /** They wanted somebody to be asked, whatever the pool asks for. */
  readonly person?: true;
}

/** Of a request that was granted so. */
export function basisOf(facts: RequestFacts, policyVersion: number, grant: Grant): RequestBasis {
  const { state, pool, devices, capacityMilli, chargeMilli, durationSeconds } = grant;
  const allowed = allowing(facts.beforehand, grant);
  const { ask, policy, limits, use, team, holding, waiting } = facts;
  const terms = poolTerms(policy).find(({ name }) => name === pool);
  if (terms === undefined) throw new Error(`granted in a pool that the policy does not have: ${pool}`);
  const { approval, maxDurationSeconds, rateMilli } = terms;
  const counted = typeof approval === 'object' && approval.unless.nobodyWaits;
  return {
    policyVersion,
    limits,
    use,
    team,
    ...(state === 'requested' ? { asked: { devices, capacityMilli, chargeMilli, durationSeconds } } : {}),
    terms: {
      approval,
      maxDurationSeconds,
      rateMilli,
      waiting: counted ? (waiting.get(pool) ?? 0) : null,
      cpuContainers: holding.filter((held) => held.pool === CPU_POOL).length,
      ...(allowed === null ? {} : { beforehand: { id: allowed.id, by: allowed.grantedBy } }),
      ...(ask.person === true ? { person: true } : {}),
    },
  };
}

/** What an extension was decided by, beside its `seconds` and new end. Not in events from before it was kept. */
export interface ExtensionBasis extends Omit<RequestBasis, 'terms'> {
  /** The pool's own. */
  readonly maxDurationSeconds: number;
  /** By which the member's leases were extended before in this week, and may be in all. */
  readonly extendedSeconds: number;
  readonly perWeek: number | null;
}

/** Of an extension that was granted, by a person where it is `allowed`. */
export function extensionBasisOf(facts: ExtensionFacts & { readonly policyVersion: number; readonly allowed: boolean }): ExtensionBasis {
  const { policy, pool, limits, use, team, extendedSeconds, policyVersion, allowed } = facts;
  const terms = poolTerms(policy).find(({ name }) => name === pool);
  if (terms === undefined) throw new Error(`extended in a pool that the policy does not have: ${pool}`);
  const { maxDurationSeconds } = terms;
  const perWeek = allowed ? null : policy.extension.perWeek;
  return { policyVersion, limits, use, team, maxDurationSeconds, extendedSeconds, perWeek };
}
