// What a request would come to if it were sent now: the same decision, with the start and the people that it would wait for. Pure.
import { lapseOf } from './approvals.ts';
import { decideRequest, type AccountUse, type RequestDecision, type RequestFacts } from './decide-request.ts';
import type { PeriodKind } from './journal.ts';
import type { Policy } from './policy.ts';
import { planQueue, type PlanHost, type QueuedAsk } from './queue-plan.ts';
import type { Limit } from './quota.ts';
import type { TeamStanding } from './standing-views.ts';
import { afterWorking } from './working-time.ts';

/** A pool that may be asked for, and what of it is free. */
export interface PoolChoice {
  readonly name: string;
  readonly free: number;
  readonly total: number;
}

/** The decision on a request, and what it would wait for. */
export type Foreseen =
  | { readonly kind: 'refused'; readonly refusal: Extract<RequestDecision, { kind: 'refused' }>['refusal'] }
  | {
      readonly kind: 'granted';
      readonly pool: string;
      readonly devices: number;
      readonly capacityMilli: number;
      /** Milli-GPU-seconds that it sets aside. */
      readonly cost: number;
      readonly durationSeconds: number;
      readonly until: Date | null;
      readonly place: ForeseenPlace;
      /** Null: nobody is asked. */
      readonly approval: ForeseenApproval | null;
      /** How many of the GPUs could start now without asking anybody; null: none, or all. */
      readonly part: number | null;
    };

/** In the queue of its pool, as it is now. */
export interface ForeseenPlace {
  readonly ahead: number;
  /** Null: cannot be told. */
  readonly startsAt: Date | null;
}

interface ForeseenApproval {
  readonly approvers: readonly string[];
  /** When people work again; null: now, or always. */
  readonly opensAt: Date | null;
  readonly hours: Policy['hours'];
  readonly lapsesAt: Date;
}

/** What stands in the fields before anything is chosen. */
interface UsualAsk {
  readonly pool: string;
  readonly seconds: number;
}

export interface RequestPreview {
  readonly at: Date;
  readonly pools: readonly PoolChoice[];
  /** Most devices of one pool on one host, at least 1. */
  readonly devicesMax: number;
  /** Names of those that can be entered, the usual one first. */
  readonly images: readonly string[];
  readonly usual: UsualAsk;
  readonly gpus: Limit;
  readonly gpuHours: Limit;
  readonly use: AccountUse;
  readonly team: TeamStanding | null;
  readonly period: PeriodKind;
  readonly refillsAt: Date;
  /** Null: what was filled in is not understood, so that nothing can be decided. */
  readonly foreseen: Foreseen | null;
}

/** The line of a pool, and the hosts that serve it. */
export interface PoolLine {
  readonly queue: readonly QueuedAsk[];
  readonly hosts: readonly PlanHost[];
  /** There are more in the line than were read: nothing is told of when. */
  readonly cut: boolean;
}

/** `member`: whose workspace placement prefers. */
export function foresee(
  facts: RequestFacts,
  decision: RequestDecision,
  line: { readonly of: PoolLine | null; readonly member: number },
): Foreseen {
  if (decision.kind === 'refused') return decision;
  const { grant } = decision;
  const { at } = facts;
  const { pool, devices, capacityMilli, chargeMilli, durationSeconds, until, minDriver } = grant;
  const placeOf = (count: number): ForeseenPlace => {
    if (line.of === null) return { ahead: 0, startsAt: null };
    const { queue, hosts, cut } = line.of;
    const mine: QueuedAsk = { id: '', devices: count, host: facts.ask.host, minDriver, durationSeconds, until, member: line.member };
    return { ahead: queue.length, startsAt: cut ? null : (planQueue(pool, [...queue, mine], hosts, at).at(-1)?.startsAt ?? null) };
  };
  const byPerson = grant.state === 'requested';
  return {
    kind: 'granted',
    pool,
    devices,
    capacityMilli,
    cost: chargeMilli * durationSeconds,
    durationSeconds,
    until,
    place: placeOf(devices),
    approval: byPerson ? approvalOf(facts) : null,
    part: byPerson ? partOf(facts, devices, (count) => startsNow(placeOf(count), at)) : null,
  };
}

export function startsNow({ startsAt }: ForeseenPlace, at: Date): boolean {
  return startsAt !== null && startsAt <= at;
}

/** The most of the devices that need no person and start at once. */
function partOf(facts: RequestFacts, devices: number, starts: (devices: number) => boolean): number | null {
  for (let part = devices - 1; part > 0; part--) {
    const decision = decideRequest({ ...facts, ask: { ...facts.ask, devices: part } });
    if (decision.kind === 'granted' && decision.grant.state === 'queued') return starts(part) ? part : null;
  }
  return null;
}

function approvalOf({ policy, requester, approvers: { users, unreadable }, at }: RequestFacts): ForeseenApproval {
  const { hours, daysOff } = policy;
  const opensAt = hours === undefined ? at : afterWorking(hours, daysOff, at, 0);
  return {
    approvers: [...[...users].filter((user) => policy.selfApproval || user !== requester), ...unreadable],
    opensAt: opensAt > at ? opensAt : null,
    hours,
    lapsesAt: lapseOf(policy, at),
  };
}
