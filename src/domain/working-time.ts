// Time that counts only while people work: so many seconds of it after a moment, in the zone of the policy.
import { DateTime } from 'luxon';
import type { Policy } from './policy.ts';
import { moment, plusSeconds, secondsBetween } from './time.ts';

type Hours = NonNullable<Policy['hours']>;

/** As luxon counts them. */
const WEEKDAYS: readonly Hours['weekdays'][number][] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** Nobody waits longer than that, however little is worked. */
const DAYS_MAX = 800;

/** So many seconds after `at`, of working time where the policy has hours. */
export function afterWork({ hours, daysOff }: Pick<Policy, 'hours' | 'daysOff'>, at: Date, seconds: number): Date {
  return hours === undefined ? plusSeconds(at, seconds) : afterWorking(hours, daysOff, at, seconds);
}

/**
 * The moment until which so many seconds are worked after `at`; with 0 the next moment at which somebody works. Days on which the clock is
 * turned have the length they have.
 */
export function afterWorking(hours: Hours, daysOff: readonly string[], at: Date, seconds: number): Date {
  const start = at.getTime();
  let left = seconds * 1000;
  let day = DateTime.fromJSDate(at, { zone: hours.zone }).startOf('day');
  const last = day.plus({ days: DAYS_MAX });
  for (; day < last; day = day.plus({ days: 1 })) {
    if (!isWorked(day, hours, daysOff)) continue;
    const open = Math.max(start, atTime(day, hours.from));
    const room = atTime(day, hours.to) - open;
    if (room <= 0) continue;
    if (left <= room) return moment(open + left);
    left -= room;
  }
  return last.toJSDate();
}

/** The last time at or before `at` that it was this hour of a Monday in a zone. */
export function lastMonday(zone: string, hour: number, at: Date): Date {
  const now = DateTime.fromJSDate(at, { zone });
  const monday = now.startOf('week').set({ hour });
  return (monday <= now ? monday : monday.minus({ weeks: 1 })).toJSDate();
}

/** Seconds of working time from one moment to a later one; where the policy has no hours, all of them. */
export function workBetween({ hours, daysOff }: Pick<Policy, 'hours' | 'daysOff'>, from: Date, to: Date): number {
  if (hours === undefined) return Math.max(0, secondsBetween(from, to));
  const [start, end] = [from.getTime(), to.getTime()];
  let worked = 0;
  for (let day = DateTime.fromJSDate(from, { zone: hours.zone }).startOf('day'); day.toMillis() < end; day = day.plus({ days: 1 })) {
    if (isWorked(day, hours, daysOff))
      worked += Math.max(0, Math.min(end, atTime(day, hours.to)) - Math.max(start, atTime(day, hours.from)));
  }
  return Math.floor(worked / 1000);
}

function isWorked(day: DateTime, { weekdays }: Hours, daysOff: readonly string[]): boolean {
  return weekdays.some((name) => WEEKDAYS.indexOf(name) + 1 === day.weekday) && !daysOff.includes(day.toFormat('yyyy-MM-dd'));
}

/** "24:00" is the beginning of the next day. */
function atTime(day: DateTime, text: string): number {
  const [hour = 0, minute = 0] = text.split(':').map(Number);
  return (hour === 24 ? day.plus({ days: 1 }) : day.set({ hour, minute })).toMillis();
}
