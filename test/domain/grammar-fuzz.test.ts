// Whatever is typed: an answer, never an exception, never an ask the ledger would refuse, and soon.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { RequestAsk } from '../../src/domain/ask.ts';
import { parseAsk } from '../../src/domain/grammar/parse-ask.ts';
import type { GrammarContext } from '../../src/domain/grammar/problem.ts';
import { parseMoment, secondsBetween } from '../../src/domain/time.ts';

const context: GrammarContext = {
  at: parseMoment('2026-10-21T10:30:00Z'),
  zone: 'Europe/Berlin',
  pools: ['h200', 'a100-80g', '3g.20gb', '4090', '2h'].map((name) => ({ name, memoryMib: 24576 })),
  images: ['pytorch', 'a--b'],
  hosts: ['gpu1'],
};

/** What is wrong with an answer; '' for a sound one. */
function flaw(text: string, here: GrammarContext): string {
  const parsed = parseAsk(text, here);
  if (!parsed.ok) return '';
  const { ask } = parsed;
  const checked = RequestAsk.safeParse(ask);
  if (!checked.success) return checked.error.message;
  if (ask.durationSeconds !== null && ask.until !== null) return 'both a duration and an end';
  const seconds = ask.until === null ? (ask.durationSeconds ?? 1) : secondsBetween(here.at, parseMoment(ask.until));
  return seconds >= 0 && seconds <= 366 * 24 * 3600 ? '' : `${seconds} s`;
}

const grammarWords = fc.constantFrom(
  ...'2 0 -1 1e9 x x2 2x 2xh200 h200 h200x2 H200 a100-80g 3g.20gb 4090 2h gpu gpus 24gb 0gb cpu for until till tonight image on run'.split(
    ' ',
  ),
  ...'6h 90m 1.5h an a half hour days and 1h30 fri friday 18:00 6pm tomorrow noon midnight next last this in at week month 5/6'.split(' '),
  ...'25.10. 2026-10-25 02:30 UTC CEST art +02:00 2027 31 may feb 30 now eod end of day ago weekend 24:00 pytorch gpu1 -- - — –'.split(' '),
  ...'" \' “x” \\" <!channel> <@U1|ada> &lt; *_~ fine-tune llama, please \u0000 \u00a0'.split(' '),
);
const sentence = fc.array(grammarWords, { maxLength: 14 }).map((words) => words.join(' '));
const until = fc.array(grammarWords, { minLength: 1, maxLength: 5 }).map((words) => `h200 until ${words.join(' ')}`);
const anything = fc.oneof(
  fc.string({ maxLength: 200 }),
  fc.string({ unit: 'grapheme', maxLength: 200 }),
  fc.string({ unit: 'binary', maxLength: 200 }),
);
const mixed = fc.array(fc.oneof(grammarWords, fc.string({ maxLength: 6 })), { maxLength: 12 }).map((parts) => parts.join(' '));

test('no text makes it throw, and no ask it gives is refused later', () => {
  fc.assert(
    fc.property(fc.oneof(sentence, until, anything, mixed), (text) => {
      expect(flaw(text, context)).toBe('');
    }),
    { numRuns: 3000 },
  );
});

test('nor does any moment in any zone', () => {
  const when = fc.date({ min: parseMoment('2024-01-01T00:00:00Z'), max: parseMoment('2040-01-01T00:00:00Z'), noInvalidDate: true });
  const zone = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Cairo', 'Pacific/Apia', 'x', '');
  fc.assert(
    fc.property(until, when, zone, (text, at, name) => {
      expect(flaw(text, { ...context, at, zone: name })).toBe('');
    }),
    { numRuns: 1000 },
  );
});

test('10 kB of anything is answered at once', () => {
  const units = [
    'a',
    '1',
    ' ',
    '"',
    "' ",
    '<http://',
    '&amp;',
    '–',
    '1h',
    '1x',
    'x1 ',
    'a100 ',
    'until ',
    'until fri ',
    'h200 zz ',
    '1 h ',
    '1,1.',
  ];
  for (const unit of units) {
    for (const length of [2900, 10_240]) {
      const text = `h200 ${unit.repeat(length)}`.slice(0, length);
      const start = performance.now();
      const answer = flaw(text, context);
      expect({ unit, length, answer, slow: performance.now() - start > 500 }).toEqual({ unit, length, answer: '', slow: false });
    }
  }
});
