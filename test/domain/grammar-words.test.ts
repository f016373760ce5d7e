// The pieces other parsers reuse: normalising, durations, and the nearest word.
import { describe, expect, test } from 'vitest';
import { parseDurationSeconds } from '../../src/domain/grammar/duration.ts';
import { nearest } from '../../src/domain/grammar/nearest.ts';
import { normalizeTyped } from '../../src/domain/grammar/normalize.ts';

describe('normalizeTyped', () => {
  test.each<[title: string, typed: string, plain: string]>([
    ['NBSP, tabs and line breaks are spaces', ' 2\u00a0h200\tfor\n6h ', '2 h200 for 6h'],
    ['full-width forms and ligatures', '２ｈ２００ ﬁne', '2h200 fine'],
    ['double quotes', '“a” „b“ «c»', '"a" "b" "c"'],
    ['single quotes', '‘a’ don’t ´b´', "'a' don't 'b'"],
    ['an em dash is two hyphens wherever it stands', 'a — b—c —d', 'a -- b--c --d'],
    ['an en dash alone or before a word is two hyphens', '– a – b –c', '-- a -- b --c'],
    ['an en dash inside a word or before a number is one', 'a100–80g –1', 'a100-80g -1'],
    ['non-breaking hyphen and minus', 'a100\u201180g \u22121', 'a100-80g -1'],
    ['control, invisible and unpaired characters go', 'a\u0000b\u200b\u202e\ud800c', 'abc'],
    ['an autolink is what was typed', 'on <http://gpu1.lab|gpu1.lab> <mailto:a@b.c|a@b.c>', 'on gpu1.lab a@b.c'],
    ['a bare link is its address', '<https://x.example/a?b=1&amp;c=2>', 'https://x.example/a?b=1&c=2'],
    ['mentions stay', '<@U1|ada> <!channel> <#C1|general>', '<@U1|ada> <!channel> <#C1|general>'],
    ['entities, once', '&lt;a&gt; &amp;lt;', '<a> &lt;'],
    ['a typed autolink is text', '&lt;http://x|y&gt;', '<http://x|y>'],
  ])('%s', (_title, typed, plain) => {
    expect(normalizeTyped(typed)).toBe(plain);
  });
});

describe('parseDurationSeconds', () => {
  test.each<[string, number]>([
    ['6h', 21_600],
    [' 6 Hours ', 21_600],
    ['90m', 5400],
    ['90 min', 5400],
    ['1h30m', 5400],
    ['1h 30m', 5400],
    ['1h30', 5400],
    ['1 hour, 30 minutes', 5400],
    ['1.5h', 5400],
    ['1,5h', 5400],
    ['.5h', 1800],
    ['2 days', 172_800],
    ['2d4h', 187_200],
    ['an hour', 3600],
    ['a day', 86_400],
    ['half an hour', 1800],
    ['half a day', 43_200],
    ['three days and two hours', 266_400],
    ['2 weeks', 1_209_600],
    ['1 month', 2_629_800],
    ['366 days', 31_622_400],
    ['1s', 1],
    ['0.7h', 2520],
  ])('%s → %d', (typed, seconds) => {
    expect(parseDurationSeconds(typed)).toBe(seconds);
  });

  test.each([
    '',
    '6',
    'h',
    'ever',
    '0h',
    '0.2s',
    '-1h',
    '+1h',
    '367 days',
    '2y',
    '1e3h',
    '1,500m',
    '500ms',
    '6h of fun',
    '6h 6h',
    '30m 1h',
    '6h 2',
    '1h99',
    '1:30',
    `${'1'.repeat(5000)}h`,
  ])('%s is none', (typed) => {
    expect(parseDurationSeconds(typed)).toBeNull();
  });
});

describe('nearest', () => {
  const pools = ['h200', 'a100-80g', 'a100', '3g.20gb', 'A10'];
  test.each<[string, string | null]>([
    ['h20', 'h200'],
    ['H2OO', null],
    ['h2o0', 'h200'],
    ['a100-40g', 'a100-80g'],
    ['a100_80', 'a100-80g'],
    ['a10', 'A10'],
    ['3g20gb', '3g.20gb'],
    ['3g', '3g.20gb'],
    ['test', null],
    ['', null],
  ])('%s → %s', (typed, expected) => {
    expect(nearest(typed, pools)).toBe(expected);
  });

  test('letters swapped in a short word are a slip, two others are not', () => {
    expect(nearest('fro', ['for'])).toBe('for');
    expect(nearest('fab', ['for'])).toBeNull();
  });
  test('a long word may have a third of its letters wrong', () => {
    expect(nearest('stattusses', ['status'])).toBeNull();
    expect(nearest('aprovalls-pennding', ['approvals-pending'])).toBe('approvals-pending');
  });
  test('of equally near ones the first', () => {
    expect(nearest('h100', ['h200', 'a100'])).toBe('h200');
  });
});
