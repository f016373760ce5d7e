import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { moment } from '../../src/domain/time.ts';
import { afterWork, afterWorking, workBetween } from '../../src/domain/working-time.ts';
import { testPolicy } from '../support/policy.ts';

const HOUR = 3600;
const berlin = { zone: 'Europe/Berlin', from: '09:00', to: '18:00', weekdays: ['mon', 'tue', 'wed', 'thu', 'fri'] as const };
type Hours = Parameters<typeof afterWorking>[0];
const hours = (change: Partial<Hours> = {}): Hours => ({ ...berlin, weekdays: [...berlin.weekdays], ...change });
/** Local in the zone of the hours. */
const at = (text: string, zone = berlin.zone) => DateTime.fromISO(text, { zone }).toJSDate();
const local = (date: Date, zone = berlin.zone) => DateTime.fromJSDate(date, { zone }).toFormat('ccc dd LLL HH:mm');

describe('working time', () => {
  it.each<[string, number, string]>([
    ['2026-03-06T10:00', 2, 'Fri 06 Mar 12:00'],
    ['2026-03-06T17:00', 2, 'Mon 09 Mar 10:00'],
    ['2026-03-06T22:00', 9, 'Mon 09 Mar 18:00'],
    ['2026-03-07T12:00', 10, 'Tue 10 Mar 10:00'],
    ['2026-03-09T06:00', 1, 'Mon 09 Mar 10:00'],
    ['2026-03-09T18:00', 0, 'Tue 10 Mar 09:00'],
    ['2026-03-09T12:00', 0, 'Mon 09 Mar 12:00'],
    // Over the night on which summer time begins: two hours are two hours.
    ['2026-03-27T17:00', 2, 'Mon 30 Mar 10:00'],
  ])('from %s, %s hours of it are over at %s', (from, worked, until) => {
    expect(local(afterWorking(hours(), [], at(from), worked * HOUR))).toBe(until);
  });

  it('leaves days off out', () => {
    const daysOff = ['2026-12-24', '2026-12-25', '2026-12-31'];
    expect(local(afterWorking(hours(), daysOff, at('2026-12-23T17:00'), 2 * HOUR))).toBe('Mon 28 Dec 10:00');
  });

  it('has the days of the clock’s change as long as they are', () => {
    const whole = hours({ from: '00:00', to: '24:00', weekdays: ['sun'] });
    const sunday = (date: string, worked: number) => local(afterWorking(whole, [], at(`${date}T00:00`), worked * HOUR));
    expect(sunday('2026-03-29', 23)).toBe('Mon 30 Mar 00:00');
    expect(sunday('2026-03-29', 24)).toBe('Sun 05 Apr 01:00');
    expect(sunday('2026-10-25', 25)).toBe('Mon 26 Oct 00:00');
  });

  it('ends where hardly anything is worked', () => {
    const none = Array.from({ length: 130 }, (_, week) => at('2026-03-02').getTime() + week * 7 * 86_400_000);
    const daysOff = none.map((day) => DateTime.fromMillis(day + 43_200_000, { zone: berlin.zone }).toFormat('yyyy-MM-dd'));
    expect(local(afterWorking(hours({ weekdays: ['mon'] }), daysOff, at('2026-03-01T12:00'), HOUR))).toMatch(/May 00:00$/);
  });

  it('is counted as somebody with a watch would, in any zone and at any time of the year', () => {
    const zones = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Pacific/Chatham', 'UTC');
    const quarter = 15 * 60_000;
    const start = Date.parse('2026-03-01T00:00:00Z');
    const day = { from: fc.constantFrom('00:00', '09:00', '13:30'), to: fc.constantFrom('14:00', '18:45', '24:00') };
    const weekdays = fc.uniqueArray(fc.constantFrom(...berlin.weekdays, 'sat' as const, 'sun' as const), { minLength: 1 });
    fc.assert(
      fc.property(
        fc.record({ zone: zones, ...day, weekdays, days: fc.integer({ min: 0, max: 300 }), quarters: fc.integer({ min: 1, max: 60 }) }),
        ({ days, quarters, ...plan }) => {
          const from = start + days * 86_400_000;
          let left = quarters;
          let now = from;
          while (left > 0) {
            const time = DateTime.fromMillis(now, { zone: plan.zone });
            const clock = time.toFormat('HH:mm');
            const worked = plan.weekdays.some((name) => time.toFormat('ccc').toLowerCase() === name);
            if (worked && clock >= plan.from && clock < plan.to) left--;
            now += quarter;
          }
          expect(afterWorking(plan, [], moment(from), quarters * 900).getTime()).toBe(now);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('counts for the lapse of a request where the policy has hours, and else every hour does', () => {
    const friday = at('2026-03-06T17:00');
    expect(local(afterWork(testPolicy(), friday, 24 * HOUR))).toBe('Sat 07 Mar 17:00');
    const own = { hours: { zone: berlin.zone, from: '09:00', to: '18:00' }, daysOff: ['2026-03-09'] };
    expect(local(afterWork(testPolicy(own), friday, 24 * HOUR))).toBe('Thu 12 Mar 14:00');
  });

  it('is counted between two moments as it is added to one', () => {
    const own = testPolicy({ hours: { zone: berlin.zone, from: '09:00', to: '18:00' }, daysOff: ['2026-03-09'] });
    const friday = at('2026-03-06T17:00');
    // The clock is turned on 29 March.
    for (const worked of [0, 1, HOUR, 24 * HOUR, 200 * HOUR]) expect(workBetween(own, friday, afterWork(own, friday, worked))).toBe(worked);
    expect(workBetween(own, at('2026-03-07T08:00'), at('2026-03-09T22:00'))).toBe(0);
    expect(workBetween(testPolicy(), friday, at('2026-03-07T17:00'))).toBe(24 * HOUR);
  });
});
