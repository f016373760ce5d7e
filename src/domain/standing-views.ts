// What `/gpu quota`, `/gpu why` and `/gpu queue` show, as data: numbers and sources, worded elsewhere.
import type { VoteView } from './approval-view.ts';
import type { EntryKind, PeriodKind } from './journal.ts';
import type { Event } from './lifecycle.ts';
import type { HostChoice } from './queue-plan.ts';
import type { Limits, TeamLimits } from './quota.ts';
import type { Holding } from './refusal.ts';
import type { RequestBasis } from './request-basis.ts';
import type { AccountUse } from './decide-request.ts';

export interface TeamStanding {
  readonly name: string;
  readonly limits: TeamLimits;
  readonly use: AccountUse;
}

export interface QuotaView {
  /** Null when a team alone was asked for. */
  readonly member: {
    readonly user: string;
    readonly limits: Limits;
    readonly use: AccountUse;
    readonly cpuContainers: number;
    readonly holding: readonly Holding[];
  } | null;
  /** The team that pays for the member, or the team asked for. */
  readonly team: TeamStanding | null;
  readonly period: PeriodKind;
  readonly refillsAt: Date;
  readonly policyVersion: number;
}

export interface WhyView {
  readonly id: string;
  readonly holder: string;
  readonly pool: string;
  readonly devices: number;
  readonly capacityMilli: number;
  readonly chargeMilli: number;
  readonly durationSeconds: number;
  readonly team: string | null;
  /** Null for a request from before the basis was kept. */
  readonly basis: RequestBasis | null;
  readonly history: readonly {
    readonly event: Event;
    readonly at: Date;
    readonly actor: string;
    readonly reason: string | null;
    /** Only of `place`. */
    readonly place: { readonly host: string; readonly devices: readonly string[]; readonly because: HostChoice | null } | null;
  }[];
  /** Oldest first; amounts in milli-GPU-seconds. */
  readonly entries: readonly {
    readonly account: string;
    readonly kind: EntryKind;
    readonly amount: number;
    readonly at: Date;
    readonly reason: string | null;
  }[];
  /** What approvers answered, of the request and of its extensions, the oldest first. */
  readonly votes: readonly VoteView[];
  /** What was granted, where that is less than what was asked; else null. */
  readonly less: { readonly devices: number; readonly durationSeconds: number } | null;
  /** Only while it is queued. */
  readonly waiting: QueuedView | null;
}

export interface QueuedView {
  readonly id: string;
  readonly holder: string;
  readonly devices: number;
  readonly durationSeconds: number;
  /** 1 is next. */
  readonly position: number;
  /** Null: cannot be told from the lease ends that are known. */
  readonly startsAt: Date | null;
  readonly host: string | null;
  /** Allocations whose end or start it waits for, nearest first. */
  readonly waitsFor: readonly string[];
}

export interface PoolQueueView {
  readonly pool: string;
  readonly waiting: readonly QueuedView[];
  /** Who holds devices of the pool, by lease end; `endsAt` null: not known. */
  readonly held: readonly {
    readonly id: string;
    readonly holder: string;
    readonly host: string;
    readonly devices: number;
    readonly endsAt: Date | null;
  }[];
}

/**
 * - `free`: can be leased; `leased`: to somebody, also as the whole of it or in part;
 * - `occupied`: in use by somebody outside Berth; `suspect`: not known to be clear, or only just seen so;
 * - `draining`: its host takes nothing new; `observed`: its host is only watched, and starts nothing yet;
 * - `unreachable`: its host is silent, or reports a problem that blocks new containers.
 */
export const deviceConditions = ['free', 'leased', 'occupied', 'suspect', 'draining', 'observed', 'unreachable'] as const;
export type DeviceCondition = (typeof deviceConditions)[number];

/** One device in the grid of `/gpu status`. */
export interface DeviceView {
  readonly host: string;
  readonly index: number;
  readonly condition: DeviceCondition;
  /** Only of a leased one. */
  readonly holder: string | null;
  readonly leaseEndsAt: Date | null;
}
