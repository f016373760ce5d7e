// How long, typed by itself or chosen: a length or an end, and what is said of anything else.
import { describe, expect, it } from 'vitest';
import { choiceValue, lengthChoices, parseLength, readChoice } from '../../src/domain/grammar/length.ts';
import { HOUR, parseMoment } from '../../src/domain/time.ts';

// A Tuesday.
const at = parseMoment('2026-11-24T21:00:00Z');
const zone = 'Europe/Berlin';
const read = (text: string) => parseLength(text, at, zone);
const problem = (text: string) => {
  const parsed = read(text);
  return parsed.ok ? null : parsed.problem;
};

describe('a typed length', () => {
  it.each([
    ['6h', 6 * HOUR],
    ['for 90 minutes', 5400],
    ['  2 days ', 48 * HOUR],
    ['1h30', 5400],
    ['HALF AN HOUR', 1800],
  ])('%s is a length', (text, seconds) => {
    expect(read(text)).toEqual({ ok: true, seconds, until: null });
  });

  it.each([
    ['tonight', '2026-11-25T07:00:00.000Z'],
    ['for tonight', '2026-11-25T07:00:00.000Z'],
    ['until fri 18:00', '2026-11-27T17:00:00.000Z'],
    ['fri 18:00', '2026-11-27T17:00:00.000Z'],
    ['till tomorrow noon', '2026-11-25T11:00:00.000Z'],
    ['18:00', '2026-11-25T17:00:00.000Z'],
  ])('%s is an end', (text, until) => {
    expect(read(text)).toEqual({ ok: true, seconds: null, until });
  });

  it.each([
    ['whenever', null],
    ['until fridya 18:00', 'until friday 18:00'],
    ['tomorow 9:00', 'tomorrow 9:00'],
    ['tongiht', 'tonight'],
    ['6 huors', '6 hours'],
    ['', null],
    ['<!channel>', null],
    ['x'.repeat(5000), null],
  ])('%s is not understood; may mean %s', (typed, nearest) => {
    expect(problem(typed)).toMatchObject({ code: 'not_understood', nearest });
  });

  it('says why an end or a length will not do', () => {
    expect(problem('0h')).toMatchObject({ code: 'bad_duration' });
    expect(problem('3 years')).toMatchObject({ code: 'duration_too_long' });
    expect(problem('until 24 Nov 2020')).toMatchObject({ code: 'time_in_past' });
    expect(problem('until 24 Nov 2030')).toMatchObject({ code: 'time_too_far' });
    expect(problem('until 5/6')).toMatchObject({ code: 'bad_time', reason: 'ambiguous_date' });
    expect(problem('until 18:00 PST')).toMatchObject({ code: 'bad_time', reason: 'zone' });
  });
});

describe('the choices', () => {
  const choices = lengthChoices(at, zone, 6 * HOUR);

  it('are the usual lengths with the policy’s own, tonight, and Friday evening where the member is', () => {
    expect(choices.map(choiceValue)).toEqual([
      'for 3600',
      'for 14400',
      'for 21600',
      'for 28800',
      'for 86400',
      'until 2026-11-25T07:00:00.000Z',
      'until 2026-11-27T17:00:00.000Z',
    ]);
  });

  it('are read back as they were, and nothing else is', () => {
    for (const choice of choices) expect(choiceValue(readChoice(choiceValue(choice))!)).toBe(choiceValue(choice));
    for (const value of ['', '4h', 'for 0', 'for 99999999', 'for 1e3', 'until 1', 'until 2026-13-40T00:00:00.000Z', 'until now'])
      expect([value, readChoice(value)]).toEqual([value, null]);
  });
});
