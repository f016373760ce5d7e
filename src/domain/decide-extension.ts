// The decision on a longer lease: its length, the member's weekly allowance, the budgets, and whom it would delay. Pure.
import { z } from 'zod';
import { overBudgets, type BudgetFacts } from './decide-request.ts';
import type { Delay } from './delays.ts';
import { poolTerms, type Policy } from './policy.ts';
import type { Limits } from './quota.ts';
import type { Refusal } from './refusal.ts';
import { parseMoment, plusSeconds, secondsBetween } from './time.ts';

/** `id` null: the only one of mine that runs. `seconds` and `until` (ISO 8601 UTC) null: the policy's step. `version` only from buttons. */
export const ExtendAsk = z.strictObject({
  id: z.string().max(40).nullable(),
  version: z.int().positive().nullable(),
  seconds: z.int().positive().nullable().default(null),
  until: z.iso.datetime().nullable().default(null),
});
export type ExtendAsk = z.infer<typeof ExtendAsk>;

/** When the lease would end. */
export function extendedEnd({ seconds, until }: Pick<ExtendAsk, 'seconds' | 'until'>, policy: Policy, leaseEndsAt: Date): Date {
  return until === null ? plusSeconds(leaseEndsAt, seconds ?? policy.extension.step) : parseMoment(until);
}

export interface ExtensionFacts extends BudgetFacts {
  readonly id: string;
  readonly pool: string;
  readonly chargeMilli: number;
  readonly leaseEndsAt: Date;
  readonly endsAt: Date;
  readonly policy: Policy;
  readonly limits: Limits;
  /** By which the member's leases were extended already in this week. */
  readonly extendedSeconds: number;
  /** When the allowance is whole again. */
  readonly weekEndsAt: Date;
  readonly delays: readonly Delay[];
  readonly at: Date;
}

/** Null when it may be granted without asking anybody; else why not, what nobody could allow first. */
export function refusalOfExtension(facts: ExtensionFacts): Refusal | null {
  return forbidden(facts) ?? needsAnswer(facts);
}

/** What no approver can allow: no longer than it is, too long, or more than the budgets have left. */
export function forbidden({ id, pool, policy, limits, leaseEndsAt, endsAt, at, ...facts }: ExtensionFacts): Refusal | null {
  const longer = secondsBetween(leaseEndsAt, endsAt);
  if (longer <= 0) return { code: 'not_longer', id, endsAt: leaseEndsAt.toISOString() };
  const ofPool = poolTerms(policy).find(({ name }) => name === pool)?.maxDurationSeconds;
  if (ofPool === undefined) return { code: 'pool_gone', id, pool, endsAt: leaseEndsAt.toISOString() };
  const own = limits.maxDuration.value ?? Number.POSITIVE_INFINITY;
  const maxSeconds = Math.min(ofPool, own);
  const askedSeconds = secondsBetween(at, endsAt);
  if (askedSeconds > maxSeconds) {
    return { code: 'extension_too_long', id, pool, askedSeconds, maxSeconds, source: own < ofPool ? limits.maxDuration.source : null };
  }
  return overBudgets({ ...facts, limits }, facts.chargeMilli * longer);
}

/** What a person may allow all the same: more than the weekly allowance, or that others wait longer. */
export function needsAnswer({ id, policy, leaseEndsAt, endsAt, extendedSeconds, weekEndsAt, delays }: ExtensionFacts): Refusal | null {
  const longer = secondsBetween(leaseEndsAt, endsAt);
  const { perWeek } = policy.extension;
  if (extendedSeconds + longer > perWeek) {
    const refillsAt = weekEndsAt.toISOString();
    return { code: 'over_extension', askedSeconds: longer, usedSeconds: extendedSeconds, perWeek, refillsAt };
  }
  return delays.length === 0 ? null : { code: 'would_delay', id, delays };
}
