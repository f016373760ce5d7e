// What follows `approvals`: nothing, or whom to hand over to until when, to take that back, or which standing approval to end.
import { DAY, plusSeconds } from '../time.ts';
import { readDuration } from './duration.ts';
import { readMoment } from './moment.ts';
import { normalizeTyped } from './normalize.ts';
import { shown } from './problem.ts';

export type ParsedApprovals =
  | { readonly kind: 'list' }
  /** `until`: ISO 8601 UTC. */
  | { readonly kind: 'hand'; readonly to: string; readonly until: string }
  | { readonly kind: 'back' }
  | { readonly kind: 'revoke'; readonly number: number }
  /** `typed`: what was not understood, cut, never escaped. */
  | { readonly kind: 'unknown'; readonly typed: string };

/** `hand @name until TIME`, `hand @name for DURATION`, `hand @name` (a week), `back`, `revoke NUMBER`, or nothing. Never throws. */
export function parseApprovals(text: string, at: Date, zone: string): ParsedApprovals {
  const typed = normalizeTyped(text.slice(0, 500)).trim();
  if (typed === '') return { kind: 'list' };
  if (/^back$/i.test(typed)) return { kind: 'back' };
  const number = /^revoke\s+#?([1-9][0-9]{0,8})$/i.exec(typed)?.[1];
  if (number !== undefined) return { kind: 'revoke', number: Number(number) };
  const [, to, rest = ''] = /^hand\s+(?:over\s+)?(?:to\s+)?<@([UW][A-Z0-9]{2,20})(?:\|[^>]*)?>\s*([\s\S]*)$/i.exec(typed) ?? [];
  const until = to === undefined ? null : untilIn(rest.trim(), at, zone);
  return to === undefined || until === null ? { kind: 'unknown', typed: shown(typed) } : { kind: 'hand', to, until: until.toISOString() };
}

function untilIn(rest: string, at: Date, zone: string): Date | null {
  if (rest === '') return plusSeconds(at, 7 * DAY);
  const end = /^until\s+([\s\S]+)$/i.exec(rest)?.[1];
  if (end !== undefined) {
    const read = readMoment(end, at, zone);
    return typeof read === 'object' && 'until' in read ? read.until : null;
  }
  const read = readDuration(rest.replace(/^for\s+/i, ''));
  return typeof read === 'object' ? plusSeconds(at, read.seconds) : null;
}
