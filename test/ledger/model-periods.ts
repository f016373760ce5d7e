// Periods of budgets: weeks from Monday and months, both from 00:00 UTC.
import { HOUR } from './model-rules.ts';

export type PeriodKind = 'week' | 'month';
/** Its kind, and when it began in seconds since 1970. */
export type Period = `${PeriodKind} from ${number}`;

const WEEK = 7 * 24 * HOUR;
/** 1970-01-05, a Monday. */
const FIRST_MONDAY = 4 * 24 * HOUR;

export function periodAt(kind: PeriodKind, second: number): Period {
  if (kind === 'week') return `week from ${second - ((second - FIRST_MONDAY) % WEEK)}`;
  return `month from ${monthOf(second, 0)}`;
}

export function kindOf(period: Period): PeriodKind {
  return period.startsWith('week') ? 'week' : 'month';
}

export function endOf(period: Period): number {
  const start = Number(period.split(' from ')[1]);
  return kindOf(period) === 'week' ? start + WEEK : monthOf(start, 1);
}

/** The beginning of the month, or of one after it. */
function monthOf(second: number, later: number): number {
  const at = new Date(second * 1000);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + later) / 1000;
}
