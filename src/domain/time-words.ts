// Moments and durations as people say them, in the zone of the one who reads.
import { DateTime } from 'luxon';
import { DAY, HOUR, MINUTE } from './time.ts';

/** "Fri 21 Nov, 18:00 (Europe/Berlin)". */
export function sayMoment(at: Date, zone: string): string {
  const local = DateTime.fromJSDate(at, { zone });
  const known = local.isValid ? local : DateTime.fromJSDate(at, { zone: 'UTC' });
  return `${known.setLocale('en').toFormat('ccc d LLL, HH:mm')} (${known.zoneName})`;
}

/** The end of a day like "2026-03-06" in a zone; null for what is no day. */
export function endOfDay(day: string, zone: string): Date | null {
  const start = /^\d{4}-\d\d-\d\d$/.test(day) ? DateTime.fromISO(day, { zone }) : null;
  return start === null || !start.isValid ? null : start.plus({ days: 1 }).startOf('day').toJSDate();
}

/** "2 days 3 h", "1 h 30 min", "45 min", "20 s": the two largest units. */
export function sayDuration(seconds: number): string {
  const units: readonly [number, (count: number) => string][] = [
    [DAY, (count) => (count === 1 ? '1 day' : `${count} days`)],
    [HOUR, (count) => `${count} h`],
    [MINUTE, (count) => `${count} min`],
    [1, (count) => `${count} s`],
  ];
  const parts: string[] = [];
  let rest = Math.max(0, Math.round(seconds));
  for (const [size, say] of units) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(say(count));
    else if (parts.length > 0) break;
  }
  return parts.slice(0, 2).join(' ') || '0 s';
}
