// The small checks that Block Kit rules are made of; each adds `message [json-pointer:…]` lines to `out`.
import type { Json, JsonObject } from './state.ts';

export type Fields = Readonly<Record<string, unknown>>;
export type Check = (value: Fields, at: string, out: string[]) => void;

export function isObject(value: Json | undefined): value is JsonObject;
export function isObject(value: unknown): value is Fields;
export function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value as text; empty for anything else. */
export function word(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function report(out: string[], message: string, at: string): void {
  out.push(`${message} [json-pointer:${at}]`);
}

/** The value as a list; a report and an empty list when it is none. */
export function list(value: unknown, at: string, out: string[]): readonly unknown[] {
  if (Array.isArray(value)) return value;
  report(out, 'must be an array', at);
  return [];
}

export function checkList(items: readonly unknown[], at: string, limit: { min: number; max: number }, out: string[]): void {
  if (items.length < limit.min) report(out, `no less than ${limit.min} items allowed`, at);
  if (items.length > limit.max) report(out, `no more than ${limit.max} items allowed`, at);
}

/** Required fields are there and no field is unknown; `type` is always allowed. */
export function checkObject(value: Fields, at: string, rule: { required: string[]; optional: string[] }, out: string[]): void {
  for (const field of rule.required) if (!(field in value)) report(out, `missing required field: ${field}`, at);
  for (const field of Object.keys(value)) {
    if (field !== 'type' && !rule.required.includes(field) && !rule.optional.includes(field)) {
      report(out, `invalid additional property: ${field}`, at);
    }
  }
}

export function checkString(value: unknown, at: string, limit: { min?: number; max: number }, out: string[]): void {
  if (typeof value !== 'string') return report(out, 'must be a string', at);
  const min = limit.min ?? 1;
  if (value.length < min) report(out, `must be more than ${min - 1} characters`, at);
  if (value.length > limit.max) report(out, `must be less than ${limit.max + 1} characters`, at);
}

/** A text object of one of the kinds, 1 to `max` characters. */
export function checkText(value: unknown, at: string, rule: { kinds: readonly string[]; max: number }, out: string[]): void {
  if (!isObject(value)) return report(out, 'must be a text object', at);
  const kind = value['type'];
  if (typeof kind !== 'string' || !rule.kinds.includes(kind)) report(out, `must be one of: ${rule.kinds.join(', ')}`, `${at}/type`);
  checkObject(value, at, { required: ['text'], optional: kind === 'mrkdwn' ? ['verbatim'] : ['emoji'] }, out);
  if ('text' in value) checkString(value['text'], `${at}/text`, { max: rule.max }, out);
}
