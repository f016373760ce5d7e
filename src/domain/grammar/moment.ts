// Typed moments ("fri 18:00", "tomorrow noon") as instants in the member's zone.
import type { ParsedComponents } from 'chrono-node';
import * as chrono from 'chrono-node/en';
import { DateTime, FixedOffsetZone, IANAZone, type Zone } from 'luxon';
import { DAY, moment, plusSeconds, secondsBetween } from '../time.ts';
import { MAX_DURATION_SECONDS } from './duration.ts';

/** What a text says about a moment; `none` when chrono does not read all of it as one. */
export type ReadMoment =
  | 'none'
  | { refused: 'not_understood' | 'relative' | 'ambiguous_date' | 'zone' }
  | { past: Date }
  | { tooFar: Date }
  | { until: Date };

/** The night is over at this hour: "tonight" runs until then, and "tomorrow morning" means it. */
const MORNING_HOUR = 8;
/** Up to this hour the night of "tonight" is the one under way. */
const SMALL_HOURS_END = 5;

/** Abbreviations meant as zones in lower case too. */
const COMMON_ZONES = /^(?:cet|cest|eet|eest|bst|est|edt|cst|cdt|mst|mdt|pst|pdt|ist|jst)$/i;

/** The local time zone, or UTC for a name that the runtime does not know. */
function zoneOf(name: string): Zone {
  return IANAZone.isValidZone(name) ? IANAZone.create(name) : FixedOffsetZone.utcInstance;
}

/** The end of "tonight": the next 08:00 local after the coming night, or after this night when it is typed before 05:00. */
export function tonight(at: Date, zone: string): Date {
  const local = DateTime.fromJSDate(at, { zone: zoneOf(zone) });
  const morning = local.hour < SMALL_HOURS_END ? local : local.plus({ days: 1 });
  return atWallClock(dateOf(morning), { hour: MORNING_HOUR }, zoneOf(zone)) ?? plusSeconds(at, DAY / 2);
}

/**
 * Reads the whole text as the end of something, or nothing; whole seconds.
 *
 * - A time alone is the next such time; a weekday the next such day. A day without a time is included: it ends at its midnight.
 * - "midnight", "24:00" and "end of day" are the end of the day they are said with; "tonight" after "until" is today's midnight.
 * - Where the clock is turned, the later reading holds: a time that happens twice is its second pass, a time that is skipped is as long
 *   after the change as it would have been (02:30 → 03:30). Nobody's container stops before the time they named.
 */
export function readMoment(text: string, at: Date, zone: string): ReadMoment {
  return readInZone(text, at, zoneOf(zone), false);
}

function readInZone(text: string, at: Date, zone: Zone, zoneTyped: boolean): ReadMoment {
  const local = DateTime.fromJSDate(at, { zone });
  const plain = plainMoment(text);
  // Chrono computes with Dates in the zone of the process, where an hour around midnight may be missing; noon never is. Only the
  // calendar and the typed clock are taken from it; the instant is built in the member's zone.
  const noon = DateTime.utc(local.year, local.month, local.day, 12).toJSDate();
  const [result, ...more] = chrono.casual.parse(plain, { instant: noon, timezone: 0 });
  if (!result || more.length > 0 || result.text.length !== plain.length) return 'none';
  const { start } = result;
  const tags = result.tags();
  if (tags.has('result/relativeDateAndTime') || tags.has('casualReference/now')) return { refused: 'relative' };
  if (result.end) return { refused: 'not_understood' };
  if (isAmbiguousDate(plain)) return { refused: 'ambiguous_date' };
  const offset = start.isCertain('timezoneOffset') ? start.get('timezoneOffset') : null;
  if (offset !== null && !zoneTyped) {
    const abbreviation = /[\s\d]([a-z]{2,5})$/i.exec(plain)?.[1];
    if (abbreviation !== undefined && !/^(?:utc|gmt)$/i.test(abbreviation)) {
      // "18:00 art" is a purpose, "18:00 ART" is Argentina, and IST is three places: only exact offsets are taken.
      const meant = abbreviation === abbreviation.toUpperCase() || COMMON_ZONES.test(abbreviation);
      return meant ? { refused: 'zone' } : 'none';
    }
    return readInZone(text, at, FixedOffsetZone.instance(offset), true);
  }
  if (!start.isCertain('day') && !start.isCertain('weekday') && (start.isCertain('month') || start.isCertain('year'))) {
    return { refused: 'not_understood' };
  }
  return firstAfter(start, tags, plain, at, zone);
}

function firstAfter(start: ParsedComponents, tags: Set<string>, plain: string, at: Date, zone: Zone): ReadMoment {
  const clock = clockOf(start, tags);
  const read = { year: start.get('year') ?? 0, month: start.get('month') ?? 0, day: start.get('day') ?? 0 };
  const timeOnly = !start.isCertain('day') && !start.isCertain('weekday');
  const date = timeOnly ? dateOf(DateTime.fromJSDate(at, { zone })) : read;
  const fixed = /\b(?:this|today|yesterday|last|past|tonight)\b/.test(plain);
  const steps = fixed ? [{}] : [{}, timeOnly ? { days: 1 } : start.isCertain('day') ? yearIfUntyped(start) : { days: 7 }];
  let until: Date | null = null;
  for (const step of steps) {
    const next = atWallClock(dateOf(DateTime.fromObject(date, { zone: 'utc' }).plus(step)), clock, zone);
    if (next === null) return 'none';
    // A date without a year that has just gone by is a slip, not next year.
    if ('years' in step && secondsBetween(at, next) > MAX_DURATION_SECONDS / 2) break;
    until = next;
    if (until > at) break;
  }
  if (until === null) return 'none';
  if (until <= at) return { past: until };
  return secondsBetween(at, until) > MAX_DURATION_SECONDS ? { tooFar: until } : { until };
}

function yearIfUntyped(start: ParsedComponents): { years?: number } {
  return start.isCertain('year') ? {} : { years: 1 };
}

/** Hour 24 is the midnight that ends the day. */
function clockOf(start: ParsedComponents, tags: Set<string>): { hour: number; minute?: number; second?: number } {
  if (tags.has('casualReference/midnight')) return { hour: 24 };
  if (start.isCertain('hour')) return { hour: start.get('hour') ?? 0, minute: start.get('minute') ?? 0, second: start.get('second') ?? 0 };
  if (tags.has('casualReference/morning')) return { hour: MORNING_HOUR };
  const partOfDay = tags.has('casualReference/afternoon') || tags.has('casualReference/evening');
  return { hour: partOfDay ? (start.get('hour') ?? 24) : 24 };
}

function dateOf(day: DateTime): { year: number; month: number; day: number } {
  return { year: day.year, month: day.month, day: day.day };
}

/** The instant of a wall-clock time, the later one when there are two; null for a date that does not exist. */
function atWallClock(
  date: { year: number; month: number; day: number },
  { hour, minute = 0, second = 0 }: { hour: number; minute?: number; second?: number },
  zone: Zone,
): Date | null {
  const day = hour === 24 ? dateOf(DateTime.fromObject(date, { zone: 'utc' }).plus({ days: 1 })) : date;
  const local = DateTime.fromObject({ ...day, hour: hour % 24, minute, second }, { zone });
  if (!local.isValid) return null;
  return moment(Math.max(...local.getPossibleOffsets().map((reading) => reading.toMillis())));
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** Forms that chrono's English reads otherwise than meant, or not at all: 24:00, "end of day", 18.30, and 5.6.2026, which has the
 * day first. 12.10 is left alone: it is a time or a day. */
function plainMoment(text: string): string {
  return text
    .replace(/\b(?:eod|end of (?:the )?day|24:00)(?=\s|$)/i, 'midnight')
    .replace(/(^|\s)(\d{1,2})\.(\d{1,2})\.(\d{4})?(?=\s|$)/, (whole, before: string, day: string, month: string, year?: string) => {
      const name = MONTHS[Number(month) - 1];
      return name === undefined ? whole : `${before}${Number(day)} ${name}${year === undefined ? '' : ` ${year}`}`;
    })
    .replace(/(^|\s)([01]?\d|2[0-3])\.(00|1[3-9]|[2-5]\d)(?=\s|$)/, '$1$2:$3');
}

/** 5/6 is May the sixth to some and the fifth of June to others. */
function isAmbiguousDate(plain: string): boolean {
  const parts = /(?:^|\s)(\d{1,2})[/.-](\d{1,2})(?:[/.-]\d{2,4})?(?=\s|$)/.exec(plain);
  return parts !== null && Number(parts[1]) <= 12 && Number(parts[2]) <= 12 && Number(parts[1]) !== Number(parts[2]);
}
