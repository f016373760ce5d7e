import { describe, expect, it } from 'vitest';
import { chargeMilli, closeIn, periodAt, periodEnd, rollOver, type OpenHold, type Spans } from '../../src/domain/journal.ts';
import { parseMoment } from '../../src/domain/time.ts';

const on = (iso: string) => parseMoment(`2026-${iso}:00Z`);
const week = periodAt('week', on('03-04T09:00'));
const hold = (change: Partial<OpenHold> = {}): OpenHold => ({
  account: 'member:1',
  period: week,
  open: 4 * 3600 * 1000,
  posted: 0,
  ...change,
});
/** One GPU for four hours, from 10:00 on Wednesday. */
const spans = (change: Partial<Spans> = {}): Spans => ({
  chargeMilli: 1000,
  activeAt: on('03-04T10:00'),
  leaseEndsAt: on('03-04T14:00'),
  runningAt: on('03-04T14:00'),
  ...change,
});
const amounts = (entries: readonly { kind: string; amount: number }[]) => entries.map(({ kind, amount }) => [kind, amount / 3_600_000]);

describe('periods', () => {
  it.each([
    ['week', '2026-03-02T00:00:00Z', '2026-03-02T00:00:00.000Z', '2026-03-09T00:00:00.000Z'],
    ['week', '2026-03-08T23:59:59Z', '2026-03-02T00:00:00.000Z', '2026-03-09T00:00:00.000Z'],
    ['week', '2026-01-01T12:00:00Z', '2025-12-29T00:00:00.000Z', '2026-01-05T00:00:00.000Z'],
    ['month', '2026-12-31T23:59:59Z', '2026-12-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
    ['month', '2028-02-29T00:00:00Z', '2028-02-01T00:00:00.000Z', '2028-03-01T00:00:00.000Z'],
  ] as const)('a %s at %s goes from %s to %s', (kind, at, start, end) => {
    const period = periodAt(kind, parseMoment(at));
    expect(period.start.toISOString()).toBe(start);
    expect(periodEnd(period).toISOString()).toBe(end);
  });
});

describe('the charge', () => {
  it('is capacity at the pool’s rate, rounded up', () => {
    expect([chargeMilli(2000, 1000), chargeMilli(1000, 500), chargeMilli(285, 333), chargeMilli(1000, 0)]).toEqual([2000, 500, 95, 0]);
  });
});

describe('closing', () => {
  it('posts from active to the decision, and gives the rest back', () => {
    expect(amounts(closeIn(hold(), spans(), on('03-04T11:30')))).toEqual([
      ['post', 1.5],
      ['void', 2.5],
    ]);
  });

  it('never posts past the lease’s end, however late it is noticed', () => {
    expect(amounts(closeIn(hold(), spans({ runningAt: on('03-04T20:00') }), on('03-04T20:00')))).toEqual([['post', 4]]);
  });

  it('never posts what nobody saw running: the time after the last report is given back', () => {
    expect(amounts(closeIn(hold(), spans({ runningAt: on('03-04T10:30') }), on('03-04T13:00')))).toEqual([
      ['post', 0.5],
      ['void', 3.5],
    ]);
    expect(amounts(closeIn(hold(), spans({ runningAt: null }), on('03-04T13:00')))).toEqual([['void', 4]]);
  });

  it('posts nothing of what never was active', () => {
    expect(amounts(closeIn(hold(), spans({ activeAt: null, leaseEndsAt: null, runningAt: null }), on('03-04T13:00')))).toEqual([
      ['void', 4],
    ]);
  });

  it('counts what an earlier period has posted already', () => {
    expect(amounts(closeIn(hold({ open: 3_600_000 * 3, posted: 3_600_000 }), spans(), on('03-04T12:00')))).toEqual([
      ['post', 1],
      ['void', 2],
    ]);
  });
});

describe('closing after the boundary', () => {
  it('shares what was used between the two periods, as if the boundary had been noticed', () => {
    const long = spans({ activeAt: on('03-08T22:00'), leaseEndsAt: on('03-09T02:00'), runningAt: on('03-09T01:00') });
    const entries = closeIn(hold(), long, on('03-09T01:00'));
    expect(amounts(entries)).toEqual([
      ['post', 2],
      ['void', 2],
      ['hold', 2],
      ['post', 1],
      ['void', 1],
    ]);
    expect(entries.map(({ period }) => period.start.toISOString().slice(5, 10))).toEqual(['03-02', '03-02', '03-09', '03-09', '03-09']);
  });
});

describe('rolling over', () => {
  const long = spans({ activeAt: on('03-08T22:00'), leaseEndsAt: on('03-09T02:00'), runningAt: on('03-09T00:30') });

  it('posts to the old period what was used before its end, and holds the remainder in the new one', () => {
    const entries = rollOver(hold(), long, periodAt('week', on('03-09T00:30')), on('03-09T00:30'));
    expect(amounts(entries)).toEqual([
      ['post', 2],
      ['void', 2],
      ['hold', 2],
    ]);
    expect(entries.map(({ period }) => period.start.toISOString().slice(5, 10))).toEqual(['03-02', '03-02', '03-09']);
  });

  it('does nothing within the period', () => {
    expect(rollOver(hold(), spans(), week, on('03-04T12:00'))).toEqual([]);
  });

  it('ends a period of another kind at the moment of the change', () => {
    const entries = rollOver(hold(), spans({ runningAt: on('03-04T11:00') }), periodAt('month', on('03-04T11:00')), on('03-04T11:00'));
    expect(amounts(entries)).toEqual([
      ['post', 1],
      ['void', 3],
      ['hold', 3],
    ]);
  });

  it('moves what only waits as a whole', () => {
    const entries = rollOver(
      hold(),
      spans({ activeAt: null, leaseEndsAt: null, runningAt: null }),
      periodAt('week', on('03-09T05:00')),
      on('03-09T05:00'),
    );
    expect(amounts(entries)).toEqual([
      ['void', 4],
      ['hold', 4],
    ]);
  });
});
