// The decision on a new request: limits, budgets, pool, duration and approval, as a pure function of what the transaction has read.
import type { Approvers } from './approvers.ts';
import type { RequestAsk } from './ask.ts';
import { driverSuffices } from './driver.ts';
import type { ContainerLimits } from './host-protocol.ts';
import { chargeMilli, COUNTABLE_MOST } from './journal.ts';
import { isLegal } from './lifecycle.ts';
import { nearest } from './grammar/nearest.ts';
import { containerLimits, CPU_POOL, examplePool, poolTerms, type Policy, type PoolTerms } from './policy.ts';
import type { Limits, TeamLimits } from './quota.ts';
import type { Holding, Refusal } from './refusal.ts';
import { parseMoment, secondsBetween } from './time.ts';

/** An enabled host, with how many devices of each pool it has (free or not). */
export interface HostSize {
  readonly name: string;
  /** Version of the NVIDIA driver, null: unknown. */
  readonly driver: string | null;
  readonly devices: ReadonlyMap<string, number>;
}

/** What an account uses before the decision. */
export interface AccountUse {
  /** Milli-GPU at the same time. */
  readonly heldMilli: number;
  /** Of allocations on silent hosts: still held, but not counted. */
  readonly silentMilli: number;
  /** Milli-GPU-seconds of the current period: held, used and adjusted. */
  readonly committed: number;
}

export interface RequestFacts {
  readonly ask: RequestAsk;
  readonly policy: Policy;
  /** Slack user id of the requester. */
  readonly requester: string;
  readonly approvers: Approvers;
  readonly limits: Limits;
  readonly use: AccountUse;
  /** The team that pays. */
  readonly team: { readonly name: string; readonly limits: TeamLimits; readonly use: AccountUse } | null;
  /** The requester's allocations that count towards the limits. */
  readonly holding: readonly Holding[];
  /** When the requester's and the team's budgets are filled again. */
  readonly refillsAt: Date;
  readonly hosts: readonly HostSize[];
  /** Requests that wait, for a person or for a place, by pool. */
  readonly waiting: ReadonlyMap<string, number>;
  /** What approvers have allowed the requester beforehand. */
  readonly beforehand: readonly AllowedBeforehand[];
  readonly at: Date;
}

/** Requests of a pool up to this size need no person. */
export interface AllowedBeforehand {
  readonly id: number;
  readonly pool: string;
  readonly capacityMilli: number;
  readonly durationSeconds: number;
  /** Slack user. */
  readonly grantedBy: string;
}

export interface Grant {
  readonly state: 'requested' | 'queued';
  readonly pool: string;
  readonly devices: number;
  readonly capacityMilli: number;
  /** Milli-GPU-seconds per second. */
  readonly chargeMilli: number;
  readonly image: string;
  readonly minDriver: string | null;
  readonly limits: ContainerLimits;
  readonly durationSeconds: number;
  readonly until: Date | null;
}

export type RequestDecision = { readonly kind: 'granted'; readonly grant: Grant } | { readonly kind: 'refused'; readonly refusal: Refusal };

export function decideRequest(facts: RequestFacts): RequestDecision {
  const { ask, policy, at } = facts;
  if (ask.command !== null) return refused({ code: 'batch_not_yet', pool: ask.pool ?? examplePool(poolTerms(policy)) });
  const image =
    ask.image === null
      ? policy.images.find((one) => one.class === 'interactive')
      : policy.images.find(({ name }) => name === ask.image?.toLowerCase());
  if (image === undefined) return refused(unknownImage(ask.image ?? '', policy));
  if (image.class === 'batch') return refused({ code: 'image_for_batch', name: image.name });
  // Without GPUs no driver is needed.
  const minDriver = ask.devices === 0 ? null : (image.minDriver ?? null);
  const able: RequestFacts = { ...facts, hosts: facts.hosts.filter(({ driver }) => driverSuffices(driver, minDriver)) };
  const chosen = choosePool(able, facts);
  if ('code' in chosen) return refused(chosen);

  const open = facts.holding.filter(({ state }) => isLegal('cancel', state));
  if (open.length >= policy.openRequests) return refused({ code: 'too_many_open', limit: policy.openRequests, holding: open });

  const capacityMilli = ask.devices * chosen.deviceMilli;
  const over = overLimit(facts, chosen, capacityMilli);
  if (over !== null) return refused(over);

  const until = ask.until === null ? null : parseMoment(ask.until);
  if (until !== null && secondsBetween(at, until) < 1) return refused({ code: 'until_past', until: until.toISOString() });
  const ownMax = facts.limits.maxDuration.value ?? Number.POSITIVE_INFINITY;
  const maxSeconds = Math.min(chosen.maxDurationSeconds, ownMax);
  const durationSeconds =
    until === null ? (ask.durationSeconds ?? Math.min(policy.defaultDuration, maxSeconds)) : secondsBetween(at, until);
  if (durationSeconds > maxSeconds) {
    const source = ownMax < chosen.maxDurationSeconds ? facts.limits.maxDuration.source : null;
    return refused({ code: 'duration_too_long', pool: chosen.name, askedSeconds: durationSeconds, maxSeconds, source });
  }
  const charge = chargeMilli(capacityMilli, chosen.rateMilli);
  const overBudget = overBudgets(facts, charge * durationSeconds);
  if (overBudget !== null) return refused(overBudget);
  const tooBig = neverFits(facts, chosen.name);
  if (tooBig !== null) return refused(tooBig);
  if (minDriver !== null && neverFits(able, chosen.name) !== null) {
    return refused({ code: 'driver_too_old', pool: chosen.name, image: image.name, minDriver, drivers: driversOf(facts, chosen.name) });
  }
  const asked = { pool: chosen.name, capacityMilli, durationSeconds };
  const byPerson =
    ask.person === true ||
    (needsPerson(chosen, capacityMilli, durationSeconds, facts.waiting.get(chosen.name) ?? 0) &&
      allowing(facts.beforehand, asked) === null);
  if (byPerson && !hasApprover(facts)) return refused({ code: 'no_approver', pool: chosen.name });

  return {
    kind: 'granted',
    grant: {
      state: byPerson ? 'requested' : 'queued',
      pool: chosen.name,
      devices: ask.devices,
      capacityMilli,
      chargeMilli: charge,
      image: image.reference,
      minDriver,
      limits: containerLimits(policy, chosen.name, ask.devices),
      durationSeconds,
      until,
    },
  };
}

function refused(refusal: Refusal): RequestDecision {
  return { kind: 'refused', refusal };
}

function unknownImage(name: string, policy: Policy): Refusal {
  const images = policy.images.map((image) => image.name);
  return { code: 'unknown_image', name, nearest: nearest(name, images), images };
}

/** The first pool that fits on a host with a driver that suffices, else on any. */
function choosePool(able: RequestFacts, facts: RequestFacts): PoolTerms | Refusal {
  const { ask, policy } = facts;
  const terms = poolTerms(policy);
  const pools = terms.map(({ name }) => name);
  if (ask.pool !== null) {
    return (
      terms.find(({ name }) => name === ask.pool) ?? { code: 'unknown_pool', name: ask.pool, nearest: nearest(ask.pool, pools), pools }
    );
  }
  const gpuPools = terms.filter(({ name, memoryMib }) => name !== CPU_POOL && (memoryMib ?? 0) >= (ask.memoryMibMin ?? 0));
  const fits = (given: RequestFacts) => gpuPools.find(({ name }) => neverFits(given, name) === null);
  const fitting = fits(able) ?? fits(facts) ?? (ask.memoryMibMin === null ? gpuPools[0] : undefined);
  return fitting ?? { code: 'no_pool_fits', devices: ask.devices, memoryMibMin: ask.memoryMibMin, pools };
}

function overLimit(facts: RequestFacts, { name: pool, deviceMilli }: PoolTerms, askedMilli: number): Refusal | null {
  const { ask, limits, holding, use, team } = facts;
  if (ask.devices === 0) {
    const cpu = holding.filter((held) => held.pool === CPU_POOL);
    const limit = limits.cpuContainers.value ?? Number.POSITIVE_INFINITY;
    return cpu.length + 1 > limit ? { code: 'over_cpu_limit', held: cpu.length, limit, holding: cpu } : null;
  }
  const cap = limits.gpusPerRequest;
  if (cap.value !== null && askedMilli > cap.value) {
    return { code: 'over_request_cap', pool, asked: ask.devices, askedMilli, capMilli: cap.value, deviceMilli, source: cap.source };
  }
  const limit = limits.gpus;
  if (limit.value !== null && use.heldMilli + askedMilli > limit.value) {
    const gpus = holding.filter(({ devices }) => devices > 0);
    const { heldMilli } = use;
    return { code: 'over_member_limit', askedMilli, heldMilli, limitMilli: limit.value, source: limit.source, holding: gpus };
  }
  if (team !== null && team.limits.gpus !== null && team.use.heldMilli + askedMilli > team.limits.gpus) {
    return { code: 'over_team_limit', team: team.name, askedMilli, heldMilli: team.use.heldMilli, limitMilli: team.limits.gpus };
  }
  return null;
}

/** What a budget is weighed by. */
export type BudgetFacts = Pick<RequestFacts, 'limits' | 'use' | 'team' | 'refillsAt'>;

/** `asked`: milli-GPU-seconds. Null when the member's and the team's budget have as much left. */
export function overBudgets({ limits, use, team, refillsAt }: BudgetFacts, asked: number): Refusal | null {
  if (asked === 0) return null;
  const budgets = [
    { team: null, committed: use.committed, limit: limits.gpuHours.value },
    ...(team === null ? [] : [{ team: team.name, committed: team.use.committed, limit: team.limits.gpuHours }]),
  ];
  for (const { team: whose, committed, limit } of budgets) {
    const most = limit ?? COUNTABLE_MOST;
    if (committed + asked > most) {
      return { code: 'over_budget', team: whose, asked, committed, limit: most, refillsAt: refillsAt.toISOString() };
    }
  }
  return null;
}

/** What was allowed beforehand that covers it, or null. */
export function allowing(
  beforehand: readonly AllowedBeforehand[],
  { pool, capacityMilli, durationSeconds }: { readonly pool: string; readonly capacityMilli: number; readonly durationSeconds: number },
): AllowedBeforehand | null {
  const covers = (one: AllowedBeforehand) =>
    one.pool === pool && capacityMilli <= one.capacityMilli && durationSeconds <= one.durationSeconds;
  return beforehand.find(covers) ?? null;
}

function needsPerson({ approval }: PoolTerms, capacityMilli: number, durationSeconds: number, waiting: number): boolean {
  if (typeof approval === 'string') return approval === 'required';
  const { gpus, duration, nobodyWaits } = approval.unless;
  const small = capacityMilli <= Math.round(gpus * 1000) && durationSeconds <= duration;
  return !small || (nobodyWaits && waiting > 0);
}

function neverFits({ ask, hosts }: RequestFacts, pool: string): Refusal | null {
  const eligible = ask.host === null ? hosts : hosts.filter(({ name }) => name === ask.host);
  const sizes = eligible.map(({ devices }) => devices.get(pool) ?? 0);
  const biggestHost = Math.max(0, ...sizes);
  const fits = pool === CPU_POOL ? eligible.length > 0 : biggestHost >= ask.devices;
  return fits ? null : { code: 'never_fits', pool, asked: ask.devices, biggestHost, host: ask.host };
}

/** What the hosts with devices of the pool say, null for those that cannot tell. */
function driversOf({ ask, hosts }: RequestFacts, pool: string): (string | null)[] {
  const offering = hosts.filter(({ name, devices }) => (devices.get(pool) ?? 0) > 0 && (ask.host === null || ask.host === name));
  return [...new Set(offering.map(({ driver }) => driver))];
}

/** There may be one in a group that cannot be read now: the request waits, and whoever decides it has to be seen there then. */
function hasApprover({ policy, requester, approvers: { users, unreadable } }: RequestFacts): boolean {
  return unreadable.length > 0 || [...users].some((user) => policy.selfApproval || user !== requester);
}
