// The clocks everything else is handed, and the only place that constructs a Date.

/** Wall-clock time in UTC; movable in tests and the demo. Leases, approvals and jobs read it, once per verb. */
export interface Clock {
  now(): Date;
}

/** Monotonic milliseconds from an arbitrary origin, for heartbeats and time-outs; never compared across processes. */
export interface Ticks {
  milliseconds(): number;
}

export const systemClock: Clock = { now: () => new Date() };

export const systemTicks: Ticks = { milliseconds: () => performance.now() };

/** A moment from epoch milliseconds. */
export function moment(epochMilliseconds: number): Date {
  return new Date(epochMilliseconds);
}

/** A moment from an ISO 8601 text with a zone; throws RangeError on anything else. */
export function parseMoment(iso: string): Date {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) throw new RangeError(`not a moment: ${iso}`);
  return at;
}

/** `at` moved by whole seconds (negative: earlier). */
export function plusSeconds(at: Date, seconds: number): Date {
  return new Date(at.getTime() + seconds * 1000);
}

export function earlier(a: Date, b: Date): Date {
  return a <= b ? a : b;
}

/** Whole seconds from `from` to `to`, rounded down; negative when `to` is earlier. */
export function secondsBetween(from: Date, to: Date): number {
  return Math.floor((to.getTime() - from.getTime()) / 1000);
}

/** The last time at or before `at` that it was so many seconds after midnight, UTC. */
export function lastTimeOfDay(secondsAfterMidnight: number, at: Date): Date {
  const [offset, day] = [secondsAfterMidnight * 1000, DAY * 1000];
  return new Date(Math.floor((at.getTime() - offset) / day) * day + offset);
}

export const MINUTE = 60;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
