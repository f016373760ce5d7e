import { describe, expect, it } from 'vitest';
import { moment } from '../../src/domain/time.ts';
import { sayDuration, sayMoment } from '../../src/domain/time-words.ts';

describe('words for time', () => {
  it.each([
    [0, '0 s'],
    [20, '20 s'],
    [3600, '1 h'],
    [5400, '1 h 30 min'],
    [86_400, '1 day'],
    [2 * 86_400 + 3 * 3600 + 59, '2 days 3 h'],
    [3601, '1 h'],
    [86_460, '1 day'],
  ])('%s seconds are "%s"', (seconds, words) => {
    expect(sayDuration(seconds)).toBe(words);
  });

  it.each([
    ['Europe/Berlin', 'Sun 29 Mar, 03:30 (Europe/Berlin)'],
    ['America/New_York', 'Sat 28 Mar, 21:30 (America/New_York)'],
    ['Nowhere/Land', 'Sun 29 Mar, 01:30 (UTC)'],
  ])('in %s it is %s', (zone, words) => {
    expect(sayMoment(moment(Date.parse('2026-03-29T01:30:00Z')), zone)).toBe(words);
  });
});
