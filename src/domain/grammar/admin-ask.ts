// What an admin types about one member's limits and budget, as an AdminAsk, or the reason why not.
import { z } from 'zod';
import { limitNames, type LimitName } from '../quota.ts';
import { plusSeconds } from '../time.ts';
import { numberWord, readDuration } from './duration.ts';
import { readMoment } from './moment.ts';
import { nearest } from './nearest.ts';
import { normalizeTyped } from './normalize.ts';
import { shown } from './problem.ts';
import { tokenize, type Token } from './tokens.ts';
import { UNTIL } from './words.ts';

const MAX_TEXT = 3000;
const MAX_REASON = 500;

/** As large as a policy may name them: GPUs and containers, GPU-hours. */
const MOST = { gpus: 100_000, gpusPerRequest: 100_000, cpuContainers: 10_000, gpuHours: 1_000_000_000 } as const;

const User = z.string().regex(/^[UW][A-Z0-9]{2,20}$/);
const Reason = z.string().min(1).max(MAX_REASON);

/** `value` in the unit of `LimitName`; `expiresAt` null: until it is taken back. `milliSeconds`: GPU time, positive gives the member more. */
export const AdminAsk = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('set_override'),
    user: User,
    limit: z.enum(limitNames),
    value: z.int().min(0),
    expiresAt: z.iso.datetime().nullable(),
    reason: Reason,
  }),
  z.strictObject({ kind: z.literal('revoke_override'), user: User, limit: z.enum(limitNames) }),
  z.strictObject({
    kind: z.literal('grant'),
    user: User,
    milliSeconds: z
      .int()
      .min(-9e15)
      .max(9e15)
      .refine((value) => value !== 0),
    reason: Reason,
  }),
]);
export type AdminAsk = z.infer<typeof AdminAsk>;

export type AdminVerb = 'quota' | 'grant';

/** A duration per lease is not counted. */
type Counted = keyof typeof MOST;

/** `typed` is what the admin wrote, cut to 80 characters, never escaped. */
export type AdminProblem =
  | { code: 'empty' }
  | { code: 'too_long'; what: 'text' | 'reason'; length: number; max: number }
  | { code: 'unclosed_quote'; typed: string }
  | { code: 'unknown_verb'; typed: string; nearest: AdminVerb | null }
  /** `typed` null: nothing follows the verb. */
  | { code: 'no_member'; verb: AdminVerb; typed: string | null }
  /** Whose limit, and which, but not how much. */
  | { code: 'no_amount'; verb: AdminVerb }
  | { code: 'unknown_limit'; verb: AdminVerb; typed: string }
  | { code: 'bad_number'; verb: AdminVerb; typed: string; limit: Counted; max: number }
  | { code: 'bad_duration'; typed: string }
  | { code: 'bad_end'; typed: string; why: 'no_duration' | 'no_time' | 'past' | 'too_far' | 'relative' | 'ambiguous_date' | 'zone' }
  /** The policy's limit holds from now on, without an end. */
  | { code: 'end_of_default'; typed: string }
  | { code: 'no_reason'; verb: AdminVerb };

export type ParsedAdminAsk = { ok: true; ask: AdminAsk } | { ok: false; problem: AdminProblem };

type Problem = { problem: AdminProblem };

/**
 * Reads what follows `/gpu admin`; normalises it first (normalizeTyped). Never throws.
 *
 *     quota @MEMBER LIMIT [for DURATION | until TIME] -- reason       without an end: until it is taken back
 *     quota @MEMBER LIMIT default                                    the override is taken back
 *     grant @MEMBER [-]N gpu-hours -- reason                         of this period's budget
 *
 *     LIMIT: N gpus | N gpus per request | N cpu containers | N gpu-hours | DURATION per lease; `default` needs no amount
 */
export function parseAdminAsk(text: string, at: Date, zone: string): ParsedAdminAsk {
  const read = readAsk(text, at, zone);
  return 'problem' in read ? { ok: false, problem: read.problem } : { ok: true, ask: read };
}

function readAsk(text: string, at: Date, zone: string): AdminAsk | Problem {
  const typed = text.length > 4 * MAX_TEXT ? text : normalizeTyped(text);
  if (typed.length > MAX_TEXT) return { problem: { code: 'too_long', what: 'text', length: typed.length, max: MAX_TEXT } };
  const [, first = '', afterVerb = ''] = /^(\S*) *(.*)$/.exec(typed) ?? [];
  if (first === '') return { problem: { code: 'empty' } };
  const verb = verbOf(first);
  if (verb === null) return { problem: { code: 'unknown_verb', typed: shown(first), nearest: verbOf(nearest(first, VERBS) ?? '') } };
  // A label may have spaces, so a mention is no word.
  const [mention, user] =
    /^<@([UW][A-Z0-9]{2,20})(?:\|[^<>]*)?>(?= |$)/.exec(afterVerb) ?? /^([UW][A-Z0-9]{2,20})(?= |$)/.exec(afterVerb) ?? [];
  if (mention === undefined || user === undefined) {
    const typedMember = afterVerb.split(' ')[0] ?? '';
    return { problem: { code: 'no_member', verb, typed: typedMember === '' ? null : shown(typedMember) } };
  }
  const split = tokenize(afterVerb.slice(mention.length), () => false);
  if ('unclosed' in split) return { problem: { code: 'unclosed_quote', typed: shown(split.unclosed) } };
  const reason = split.purpose ?? '';
  if (reason.length > MAX_REASON) return { problem: { code: 'too_long', what: 'reason', length: reason.length, max: MAX_REASON } };
  if (split.tokens.length === 0) return { problem: { code: 'no_amount', verb } };
  const rest: Rest = { user, tokens: split.tokens, reason };
  return verb === 'grant' ? readGrant(rest) : readQuota(rest, at, zone);
}

const VERBS = ['quota', 'grant'] as const;

function verbOf(word: string): AdminVerb | null {
  const lower = word.toLowerCase();
  return VERBS.find((verb) => verb === lower) ?? null;
}

/** What follows the member. */
interface Rest {
  readonly user: string;
  readonly tokens: readonly Token[];
  readonly reason: string;
}

function readGrant({ user, tokens, reason }: Rest): AdminAsk | Problem {
  const amount = spelled(tokens);
  const { limit, before } = limitIn(amount) ?? {};
  if (limit !== 'gpuHours' || before === undefined) return { problem: { code: 'unknown_limit', verb: 'grant', typed: shown(amount) } };
  if (before === '') return { problem: { code: 'no_amount', verb: 'grant' } };
  const [, sign = '', number = ''] = /^([-+]?) ?(.*)$/.exec(before) ?? [];
  const milliSeconds = amountOf('gpuHours', number);
  if (milliSeconds === null || milliSeconds === 0) return { problem: badNumber('grant', 'gpuHours', before) };
  if (reason === '') return { problem: { code: 'no_reason', verb: 'grant' } };
  return { kind: 'grant', user, milliSeconds: sign === '-' ? -milliSeconds : milliSeconds, reason };
}

function readQuota({ user, tokens, reason }: Rest, at: Date, zone: string): AdminAsk | Problem {
  const start = tokens.findIndex(({ lower, kind }) => kind === 'word' && (lower === 'for' || UNTIL.has(lower)));
  const what = start < 0 ? tokens : tokens.slice(0, start);
  const end = start < 0 ? [] : tokens.slice(start);
  const revoked = what.at(-1)?.lower === 'default';
  const typed = spelled(revoked ? what.slice(0, -1) : what);
  const found = limitIn(typed);
  if (found === null) return { problem: { code: 'unknown_limit', verb: 'quota', typed: shown(spelled(what)) } };
  const { limit, before } = found;
  const named = revoked && (before === '' || /^(?:time|days|hours)$/i.test(before));
  const value = named ? 0 : valueOf(limit, before);
  if (typeof value === 'object') return value;
  if (revoked) {
    return end.length === 0
      ? { kind: 'revoke_override', user, limit }
      : { problem: { code: 'end_of_default', typed: shown(spelled(end)) } };
  }
  const expiry = readEnd(end, at, zone);
  if (expiry !== null && 'problem' in expiry) return expiry;
  if (reason === '') return { problem: { code: 'no_reason', verb: 'quota' } };
  return { kind: 'set_override', user, limit, value, expiresAt: expiry?.end.toISOString() ?? null, reason };
}

/** The amount, which may be missing, and the limit in words; the shortest amount, so that the words are all of the limit's. */
const LIMITS: readonly (readonly [LimitName, RegExp])[] = [
  ['gpuHours', /^(|.*?[ \d])gpu[- ]?h(?:(?:ou)?rs?)?(?: (?:per|this) period)?$/i],
  ['gpusPerRequest', /^(|.*?[ \d])gpus? (?:per|each|a|in one) request$/i],
  ['cpuContainers', /^(|.*?[ \d])(?:cpus?(?:[- ]containers?)?|containers?)$/i],
  ['maxDuration', /^(|.*? )(?:per |each |a )?lease$/i],
  ['gpus', /^(|.*?[ \d])gpus?(?: at once)?$/i],
];

function limitIn(text: string): { limit: LimitName; before: string } | null {
  for (const [limit, pattern] of LIMITS) {
    const before = pattern.exec(text)?.[1];
    if (before !== undefined) return { limit, before: before.trim() };
  }
  return null;
}

function valueOf(limit: LimitName, typed: string): number | Problem {
  if (typed === '') return { problem: { code: 'no_amount', verb: 'quota' } };
  if (limit !== 'maxDuration') return amountOf(limit, typed) ?? { problem: badNumber('quota', limit, typed) };
  const read = readDuration(typed);
  return typeof read === 'object' ? read.seconds : { problem: { code: 'bad_duration', typed: shown(typed) } };
}

function badNumber(verb: AdminVerb, limit: Counted, typed: string): AdminProblem {
  return { code: 'bad_number', verb, typed: shown(typed), limit, max: MOST[limit] };
}

/** A typed number in the unit of `LimitName`; null when it is none, not whole where it has to be, or above what a policy may say. */
function amountOf(limit: Counted, typed: string): number | null {
  const [, whole, fraction = ''] = /^(\d{1,10})(?:\.(\d{1,3}))?$/.exec(numberWord(typed.toLowerCase())?.toString() ?? typed) ?? [];
  if (whole === undefined || (limit === 'cpuContainers' && fraction !== '')) return null;
  const milli = Number(whole) * 1000 + Number(fraction.padEnd(3, '0'));
  if (milli > MOST[limit] * 1000) return null;
  switch (limit) {
    case 'gpus':
    case 'gpusPerRequest':
      return milli;
    case 'cpuContainers':
      return milli / 1000;
    case 'gpuHours':
      return milli * 3600;
  }
}

/** The end of an override; null when none was typed. */
function readEnd([keyword, ...rest]: readonly Token[], at: Date, zone: string): { end: Date } | Problem | null {
  if (keyword === undefined) return null;
  const text = spelled(rest);
  const typed = shown(`${keyword.text} ${text}`.trim());
  const bad = (why: Extract<AdminProblem, { code: 'bad_end' }>['why']): Problem => ({ problem: { code: 'bad_end', typed, why } });
  if (keyword.lower === 'for') {
    const read = readDuration(text);
    if (typeof read === 'object') return { end: plusSeconds(at, read.seconds) };
    return bad(read === 'too_long' ? 'too_far' : 'no_duration');
  }
  const read = text === '' || text.length > 64 ? 'none' : readMoment(text, at, zone);
  if (read === 'none') return bad('no_time');
  if ('until' in read) return { end: read.until };
  if ('past' in read) return bad('past');
  if ('tooFar' in read) return bad('too_far');
  return bad(read.refused === 'not_understood' ? 'no_time' : read.refused);
}

function spelled(tokens: readonly Token[]): string {
  return tokens.map(({ text }) => text).join(' ');
}
