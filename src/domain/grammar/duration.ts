// Lengths of time as people type them, in whole seconds.
import parse from 'parse-duration';
import { DAY } from '../time.ts';

/** The longest lease the grammar reads; policies allow less. */
export const MAX_DURATION_SECONDS = 366 * DAY;

const COUNT_WORDS = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];

/** 1 for "a", "an" and "one", up to 10 for "ten"; null for any other word. */
export function numberWord(word: string): number | null {
  if (word === 'a' || word === 'an') return 1;
  const index = COUNT_WORDS.indexOf(word);
  return index < 0 ? null : index + 1;
}

/** Units from the longest to the shortest; parse-duration knows the same words and many more, some of them too short to be meant. */
const UNITS = [
  /^(?:y|yrs?|years?)$/,
  /^(?:mo|months?)$/,
  /^(?:w|wks?|weeks?)$/,
  /^(?:d|days?)$/,
  /^(?:h|hrs?|hours?)$/,
  /^(?:m|mins?|minutes?)$/,
  /^(?:s|secs?|seconds?)$/,
];
const HOURS = 4;

/** What a text says about a length of time; `none` when it is not about one at all. */
export type ReadDuration = { seconds: number } | 'none' | 'not_positive' | 'too_long';

/** Reads the whole text or nothing: "6h", "1h30m", "1h30", "1.5h", "2 days", "1 day and 4 hours", "an hour", "half a day". */
export function readDuration(text: string): ReadDuration {
  const signed = /^[-+]/.test(text);
  const amounts = plainAmounts(text.slice(signed ? 1 : 0));
  if (amounts === null) return 'none';
  const seconds = Math.round(parse(amounts, 's') ?? 0);
  if (signed || seconds <= 0) return 'not_positive';
  return seconds > MAX_DURATION_SECONDS ? 'too_long' : { seconds };
}

/**
 * Whole seconds of a typed length of time, more than 0 and at most 366 days, or null. Months and years are mean ones (30.44 and
 * 365.25 days, as parse-duration has them); fractions of a second are rounded.
 */
export function parseDurationSeconds(text: string): number | null {
  const read = readDuration(text.trim());
  return typeof read === 'object' ? read.seconds : null;
}

/**
 * The text in the form that parse-duration reads as meant, or null. The library skips what it does not know ("6h of fun"), takes a decimal
 * comma for a group separator ("1,5h" → 15h) and adds repeated units, so the form is checked here.
 */
function plainAmounts(text: string): string | null {
  if (text.length > 64) return null;
  const plain = text
    .toLowerCase()
    .replace(/\bhalf (?:an? )?(?=[a-z])/, '0.5 ')
    .replace(/\b([a-z]+) (?=[a-z])/g, (whole, word: string) => (numberWord(word) === null ? whole : `${numberWord(word)} `))
    .replace(/(\d),(\d{1,2})(?=\D)/g, '$1.$2');
  const amount = /(\d{1,9}(?:\.\d{1,4})?|\.\d{1,4}) ?([a-z]+)(?:, ?| and | )?/y;
  let smallest = -1;
  let read = 0;
  let glued = false;
  for (let match = amount.exec(plain); match; match = amount.exec(plain)) {
    const unit = UNITS.findIndex((pattern) => pattern.test(match?.[2] ?? ''));
    if (unit <= smallest) return null;
    smallest = unit;
    read = amount.lastIndex;
    glued = !match[0].includes(' ');
  }
  if (read === 0) return null;
  const rest = plain.slice(read);
  if (!/[a-z]$/.test(plain.slice(0, read))) return null;
  // "1h30" is a length; in "2 h20", h20 is a slip of a pool's name.
  const minutesAfterHours = smallest === HOURS && glued && /^[0-5]\d$/.test(rest);
  return rest === '' || minutesAfterHours ? plain : null;
}
