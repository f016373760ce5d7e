// The arithmetic of budgets: what an allocation holds of an account's period, what of it is used up, and what is given back. Pure.
import { DateTime } from 'luxon';
import { secondsBetween } from './time.ts';

/** hold: set aside; post: used; void: given back; adjust: an admin's correction, negative for more budget. */
export const entryKinds = ['hold', 'post', 'void', 'adjust'] as const;
export type EntryKind = (typeof entryKinds)[number];

/** Milli-GPU-seconds that an amount or a balance may have, either way: beyond 2^53 − 1 a reader would round. */
export const COUNTABLE_MOST = Number.MAX_SAFE_INTEGER;

export type PeriodKind = 'week' | 'month';

export interface Period {
  readonly kind: PeriodKind;
  readonly start: Date;
}

/** The period that contains `at`: a week from Monday, or a month, 00:00 UTC. */
export function periodAt(kind: PeriodKind, at: Date): Period {
  return { kind, start: DateTime.fromJSDate(at, { zone: 'utc' }).startOf(kind).toJSDate() };
}

export function periodEnd({ kind, start }: Period): Date {
  return DateTime.fromJSDate(start, { zone: 'utc' })
    .plus({ [kind]: 1 })
    .toJSDate();
}

export function samePeriod(a: Period, b: Period): boolean {
  return a.kind === b.kind && a.start.getTime() === b.start.getTime();
}

/** What a second of an allocation costs, milli-GPU: its capacity at its pool's rate, rounded up so that nothing is free by rounding. */
export function chargeMilli(capacityMilli: number, rateMilli: number): number {
  return Math.ceil((capacityMilli * rateMilli) / 1000);
}

/** The times of an allocation that decide what is posted; null: has not happened. */
export interface Spans {
  readonly chargeMilli: number;
  readonly activeAt: Date | null;
  readonly leaseEndsAt: Date | null;
  /** When its host last reported it running. */
  readonly runningAt: Date | null;
}

/** Milli-GPU-seconds used from *active* to the earliest of `to`, the lease's end, and the last report of it running. */
function usedBy(to: Date, { chargeMilli: charge, activeAt, leaseEndsAt, runningAt }: Spans): number {
  if (activeAt === null || leaseEndsAt === null) return 0;
  // Active is itself a report of it running.
  const ends = [to, leaseEndsAt, runningAt === null || runningAt < activeAt ? activeAt : runningAt];
  const end = ends.reduce((earliest, one) => (one < earliest ? one : earliest));
  return charge * Math.max(0, secondsBetween(activeAt, end));
}

/** What one allocation still holds of one account, all in one period. */
export interface OpenHold {
  readonly account: string;
  readonly period: Period;
  /** Σ(hold − void − post), above 0. */
  readonly open: number;
  /** Σ post so far, over all periods. */
  readonly posted: number;
}

export interface Entry {
  readonly account: string;
  readonly period: Period;
  readonly kind: EntryKind;
  readonly amount: number;
}

/** The allocation's use of this hold is over at `at`: post what was used, void the rest. */
function close({ account, period, open, posted }: OpenHold, spans: Spans, at: Date): Entry[] {
  const post = Math.min(open, Math.max(0, usedBy(at, spans) - posted));
  return entries(account, [
    ['post', period, post],
    ['void', period, open - post],
  ]);
}

/**
 * Moves what is open into `current`: what was used before the old period ended is posted there, the remainder is void there and
 * held anew, whatever the limit. An old period that is not over yet (the policy changed its kind) ends at `at`.
 */
export function rollOver(hold: OpenHold, spans: Spans, current: Period, at: Date): Entry[] {
  if (samePeriod(hold.period, current)) return [];
  const end = periodEnd(hold.period);
  const closed = close(hold, spans, end < at ? end : at);
  const rest = closed.find(({ kind }) => kind === 'void')?.amount ?? 0;
  return [...closed, ...entries(hold.account, [['hold', current, rest]])];
}

/** Closes it in the period of `at`, with what the hold's own period was used for posted there. */
export function closeIn(hold: OpenHold, spans: Spans, at: Date): Entry[] {
  const current = periodAt(hold.period.kind, at);
  const moved = rollOver(hold, spans, current, at);
  if (moved.length === 0) return close(hold, spans, at);
  const amountOf = (kind: EntryKind, period: Period) =>
    moved.find((entry) => entry.kind === kind && samePeriod(entry.period, period))?.amount ?? 0;
  const rest = { ...hold, period: current, open: amountOf('hold', current), posted: hold.posted + amountOf('post', hold.period) };
  return [...moved, ...close(rest, spans, at)];
}

function entries(account: string, wanted: readonly (readonly [EntryKind, Period, number])[]): Entry[] {
  return wanted.flatMap(([kind, period, amount]) => (amount > 0 ? [{ account, period, kind, amount }] : []));
}
