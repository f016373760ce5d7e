// Arguments of a Web API call, from JSON or form text, and the error every method refuses with.
import type { Json, JsonObject } from './state.ts';

export type Args = JsonObject;

/** A call that is answered 200 with `ok: false`. */
export class ApiError extends Error {
  readonly extra: JsonObject;
  constructor(error: string, extra: JsonObject = {}) {
    super(error);
    this.extra = extra;
  }
}

/** `invalid_blocks` or `invalid_arguments` as Slack words it, when there are problems. */
export function refuseProblems(error: string, problems: readonly string[]): void {
  if (problems.length === 0) return;
  throw new ApiError(error, { errors: problems, response_metadata: { messages: problems.map((problem) => `[ERROR] ${problem}`) } });
}

export function optionalText(args: Args, name: string): string | undefined {
  const value = args[name];
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : String(value as number);
}

export function text(args: Args, name: string): string {
  const value = optionalText(args, name);
  if (value === undefined) refuseProblems('invalid_arguments', [`missing required field: ${name}`]);
  return value ?? '';
}

export function flag(args: Args, name: string): boolean {
  return ['true', '1', true, 1].includes(args[name] as string);
}

/** A structured argument: as it is in a JSON body, parsed where the form carried JSON text. */
export function structured(args: Args, name: string, error: string): Json | undefined {
  const value = args[name];
  if (typeof value !== 'string') return value ?? undefined;
  if (value === '') return undefined;
  try {
    return JSON.parse(value) as Json;
  } catch {
    throw new ApiError(error);
  }
}

/** One page of items and Slack's cursor for the next; `limit` items, by default `standard`, at most 1000. */
export function page<T>(args: Args, items: readonly T[], standard: number): { items: readonly T[]; response_metadata: JsonObject } {
  const limit = Math.min(Number(optionalText(args, 'limit') ?? standard) || standard, 1000);
  const cursor = optionalText(args, 'cursor') ?? '';
  const start = cursor === '' ? 0 : Number(Buffer.from(cursor, 'base64').toString('utf8').replace('next:', ''));
  if (!Number.isInteger(start) || start < 0) throw new ApiError('invalid_cursor');
  const end = start + limit;
  const next = end < items.length ? Buffer.from(`next:${end}`).toString('base64') : '';
  return { items: items.slice(start, end), response_metadata: { next_cursor: next } };
}
