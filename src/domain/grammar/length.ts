// How long a lease is to be, typed by itself: a length of time, or an end.
import { z } from 'zod';
import { MAX_DURATION_SECONDS, readDuration } from './duration.ts';
import { readMoment, tonight } from './moment.ts';
import { nearest } from './nearest.ts';
import { normalizeTyped } from './normalize.ts';
import { shown, type AskProblem } from './problem.ts';
import { DAY, HOUR, parseMoment } from '../time.ts';
import { isDay, NIGHT, UNTIL } from './words.ts';

/** One of `seconds` and `until` (ISO 8601 UTC) is set. */
export type ParsedLength =
  | { readonly ok: true; readonly seconds: number | null; readonly until: string | null }
  | { readonly ok: false; readonly problem: LengthProblem };

export type LengthProblem =
  | Extract<AskProblem, { code: 'bad_duration' | 'duration_too_long' | 'time_in_past' | 'time_too_far' }>
  | { readonly code: 'bad_time'; readonly typed: string; readonly reason: 'relative' | 'ambiguous_date' | 'zone' }
  /** `nearest`: what one of the words may have been meant as. */
  | { readonly code: 'not_understood'; readonly typed: string; readonly nearest: string | null };

/** A length that is offered for choosing. */
export type LengthChoice =
  | { readonly kind: 'for'; readonly seconds: number }
  | { readonly kind: 'until'; readonly until: Date; readonly called: 'tonight' | 'friday' | 'chosen' };

const USUAL_SECONDS = [HOUR, 4 * HOUR, 8 * HOUR, DAY];

/** From the shortest; the member's usual one is among them. */
export function lengthChoices(at: Date, zone: string, usualSeconds: number): LengthChoice[] {
  const lengths = [...new Set([...USUAL_SECONDS, usualSeconds])].toSorted((a, b) => a - b);
  const friday = readMoment('fri 18:00', at, zone);
  return [
    ...lengths.map((seconds) => ({ kind: 'for' as const, seconds })),
    { kind: 'until', until: tonight(at, zone), called: 'tonight' },
    ...(typeof friday === 'object' && 'until' in friday
      ? [{ kind: 'until' as const, until: friday.until, called: 'friday' as const }]
      : []),
  ];
}

/** As the value of an option: an end is a moment, which stays what it was while the window is open. */
export function choiceValue(choice: LengthChoice): string {
  return choice.kind === 'for' ? `for ${choice.seconds}` : `until ${choice.until.toISOString()}`;
}

/** Null for a value that was never offered. */
export function readChoice(value: string): LengthChoice | null {
  const seconds = Number(/^for ([1-9]\d{0,7})$/.exec(value)?.[1]);
  if (seconds <= MAX_DURATION_SECONDS) return { kind: 'for', seconds };
  const end = /^until (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z)$/.exec(value)?.[1];
  if (end === undefined || !z.iso.datetime().safeParse(end).success) return null;
  return { kind: 'until', until: parseMoment(end), called: 'chosen' };
}

const KNOWN =
  'tonight tomorrow today noon midnight until hours minutes days week month monday tuesday wednesday thursday friday saturday sunday'.split(
    ' ',
  );

/** `[for] DURATION`, `[until] TIME`, or `tonight`. Never throws. */
export function parseLength(text: string, at: Date, zone: string): ParsedLength {
  const typed = normalizeTyped(text.slice(0, 500));
  const refused = (problem: LengthProblem): ParsedLength => ({ ok: false, problem });
  const [, first = '', rest = ''] = /^(\S+)\s*([\s\S]*)$/.exec(typed.toLowerCase()) ?? [];
  const bare = first === 'for' ? rest : typed.toLowerCase();
  if (NIGHT.has(bare)) return { ok: true, seconds: null, until: tonight(at, zone).toISOString() };
  const length = readDuration(bare);
  if (typeof length === 'object') return { ok: true, seconds: length.seconds, until: null };
  if (length === 'not_positive') return refused({ code: 'bad_duration', typed: shown(typed) });
  if (length === 'too_long') return refused({ code: 'duration_too_long', typed: shown(typed), maxSeconds: MAX_DURATION_SECONDS });
  const end = UNTIL.has(first) ? rest : bare;
  const read = end.length > 64 || first === 'for' ? 'none' : readMoment(end, at, zone);
  if (read === 'none') return refused({ code: 'not_understood', typed: shown(typed), nearest: meant(bare) });
  if ('until' in read) return { ok: true, seconds: null, until: read.until.toISOString() };
  if ('past' in read) return refused({ code: 'time_in_past', typed: shown(typed), until: read.past });
  if ('tooFar' in read) return refused({ code: 'time_too_far', typed: shown(typed), until: read.tooFar, maxSeconds: MAX_DURATION_SECONDS });
  if (read.refused === 'not_understood') return refused({ code: 'not_understood', typed: shown(typed), nearest: meant(bare) });
  return refused({ code: 'bad_time', typed: shown(typed), reason: read.refused });
}

/** The whole text with the first slip mended that makes a difference, or null. */
function meant(typed: string): string | null {
  const words = typed.split(' ').slice(0, 8);
  const slip = words.findIndex(
    (word) => /^[a-z]{4,12}$/.test(word) && !isDay(word) && !KNOWN.includes(word) && nearest(word, KNOWN) !== null,
  );
  return slip < 0 ? null : words.with(slip, nearest(words[slip] ?? '', KNOWN) ?? '').join(' ');
}
