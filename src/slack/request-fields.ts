// Reads the window that asks for GPUs: what was chosen and typed as a request, or what of it is not understood.
import type { RequestAsk } from '../domain/ask.ts';
import { parseLength, readChoice } from '../domain/grammar/length.ts';
import { nearest } from '../domain/grammar/nearest.ts';
import { normalizeTyped } from '../domain/grammar/normalize.ts';
import type { GrammarContext } from '../domain/grammar/problem.ts';
import { countOf, MAX_DEVICES } from '../domain/grammar/words.ts';
import { CPU_POOL } from '../domain/policy.ts';
import type { Filled } from './filled.ts';
import { requestFields as ids } from './ids.ts';
import { PURPOSE_MAX, type FieldProblem, type RequestForm } from './views/request-modal.ts';
import { choiceProblemWords, countProblemWords, lengthProblemWords, purposeProblemWords } from './words/request-modal.ts';
import { refusalWords } from './words/refusals.ts';

export function formOf(filled: Filled): RequestForm {
  return {
    pool: filled.one(ids.pool),
    devices: filled.one(ids.devices),
    length: filled.one(ids.length),
    time: filled.one(ids.time),
    image: filled.one(ids.image),
    split: filled.many(ids.split).length > 0,
  };
}

export type ReadRequest = { readonly ask: RequestAsk } | { readonly problems: readonly FieldProblem[] };

/** Whatever the fields hold: what was chosen may never have been offered, or not be any more. */
export function readRequest(form: RequestForm, purpose: string | null, context: GrammarContext): ReadRequest {
  const problems: FieldProblem[] = [];
  const pools = context.pools.map(({ name }) => name);
  const pool = form.pool ?? '';
  if (!pools.includes(pool)) {
    problems.push({
      field: ids.pool,
      words: refusalWords({ code: 'unknown_pool', name: pool, nearest: nearest(pool, pools), pools }, context.zone),
    });
  }
  const devices = pool === CPU_POOL ? 0 : countOf(form.devices ?? '1');
  if (devices === null) problems.push({ field: ids.devices, words: countProblemWords(form.devices ?? '', MAX_DEVICES) });
  const length = lengthOf(form, context);
  if ('words' in length) problems.push(length);
  const { images } = context;
  if (form.image !== null && !images.includes(form.image)) {
    const refusal = { code: 'unknown_image', name: form.image, nearest: nearest(form.image, images), images } as const;
    problems.push({ field: ids.image, words: refusalWords(refusal, context.zone) });
  }
  const why = normalizeTyped(purpose ?? '');
  if (why.length > PURPOSE_MAX) problems.push({ field: ids.purpose, words: purposeProblemWords(why.length, PURPOSE_MAX) });
  if (problems.length > 0 || devices === null || 'words' in length) return { problems };
  const { seconds: durationSeconds, until } = length;
  return { ask: { pool, devices, memoryMibMin: null, durationSeconds, until, image: form.image, host: null, command: null, purpose: why } };
}

type Length = { readonly seconds: number | null; readonly until: string | null };

/** What was typed counts instead of what was chosen. */
function lengthOf({ time, length }: RequestForm, { at, zone }: GrammarContext): Length | FieldProblem {
  if (time !== null) {
    const parsed = parseLength(time, at, zone);
    return parsed.ok ? parsed : { field: ids.time, words: lengthProblemWords(parsed.problem, zone) };
  }
  const choice = length === null ? null : readChoice(length);
  if (choice === null) return { field: ids.length, words: choiceProblemWords(length ?? '') };
  return choice.kind === 'for' ? { seconds: choice.seconds, until: null } : { seconds: null, until: choice.until.toISOString() };
}
