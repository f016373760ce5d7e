// What follows `extend`: which container, and for how much longer or until when.
import { readDuration } from './duration.ts';
import { readMoment } from './moment.ts';
import { normalizeTyped } from './normalize.ts';
import { shown } from './problem.ts';

/** Both `seconds` and `until` null: by the usual step. `until` is ISO 8601 UTC. */
export type ParsedExtension =
  | { readonly ok: true; readonly id: string | null; readonly seconds: number | null; readonly until: string | null }
  /** `typed`: what was not understood, cut, never escaped. */
  | { readonly ok: false; readonly typed: string };

/** `[al-…] [for|by] DURATION`, `[al-…] until TIME`, or nothing. Never throws. */
export function parseExtension(text: string, at: Date, zone: string): ParsedExtension {
  const [, name, rest = ''] = /^(?:`?(al-[0-9a-z]{1,36})`?(?:\s+|$))?([\s\S]*)$/i.exec(normalizeTyped(text.slice(0, 500)).trim()) ?? [];
  const id = name?.toLowerCase() ?? null;
  if (rest === '') return { ok: true, id, seconds: null, until: null };
  const until = /^until\s+([\s\S]+)$/i.exec(rest)?.[1];
  if (until !== undefined) {
    const read = readMoment(until, at, zone);
    return typeof read === 'object' && 'until' in read
      ? { ok: true, id, seconds: null, until: read.until.toISOString() }
      : { ok: false, typed: shown(rest) };
  }
  const read = readDuration(rest.replace(/^(?:for|by)\s+/i, '').replace(/\s+(?:more|longer)$/i, ''));
  return typeof read === 'object' ? { ok: true, id, seconds: read.seconds, until: null } : { ok: false, typed: shown(rest) };
}
