// The request grammar: a typed text as a RequestAsk, or the reason why not.
import { isPurpose, unknownWords } from './leftover.ts';
import { hasMemory } from './memory.ts';
import { nearest } from './nearest.ts';
import { normalizeTyped } from './normalize.ts';
import { readBareDuration, readCommand, readFor, readMemory, readNamed, readNight, readUntil } from './parts.ts';
import type { Draft, Place, Read } from './place.ts';
import { shown, type AskProblem, type GrammarContext, type ParsedAsk, type Part } from './problem.ts';
import { badCount, readMultiplier, readQuantity, readStrayNumber, unknownPool } from './quantity.ts';
import { purposeOf, tokenize, type Token } from './tokens.ts';
import { FILLERS, countOf, isNameShaped } from './words.ts';

const MAX_TEXT = 3000;
const MAX_PURPOSE = 200;
const MAX_COMMAND = 2000;

/** Tried in this order at each word: a pool may be called "2h", and a duration starts like a count. */
const RECOGNISERS = [
  readQuantity,
  readFor,
  readUntil,
  readNight,
  readNamed,
  readCommand,
  readMemory,
  readBareDuration,
  readMultiplier,
  readStrayNumber,
  readQuotedPurpose,
  readFiller,
];

/**
 * Reads a request as typed in Slack; normalises it first (normalizeTyped). Never throws. In any order:
 *
 *     [N][x] POOL | POOL [xN] | N gpu[s] [24gb] | cpu      1 device when no number is given, 1024 at most
 *     for DURATION | DURATION | until TIME | tonight       tonight: until 08:00 local of the coming morning
 *     image NAME   on HOST   run "COMMAND"   "purpose"     and last: -- purpose
 *
 * `until` in the ask is an ISO text in UTC. Names come back as the policy spells them. Words at the end that can only be meant as a purpose
 * are one once a pool or GPUs have been understood (isPurpose); any other unknown word is a problem. Of several problems the
 * first specific one is told, unknown words last.
 */
export function parseAsk(text: string, context: GrammarContext): ParsedAsk {
  // Normalising is linear but can grow a text up to 18 times.
  if (text.length > 4 * MAX_TEXT) return refuse({ code: 'too_long', what: 'text', length: text.length, max: MAX_TEXT });
  const typed = normalizeTyped(text);
  if (typed === '') return refuse({ code: 'empty' });
  if (typed.length > MAX_TEXT) return refuse({ code: 'too_long', what: 'text', length: typed.length, max: MAX_TEXT });
  const names = new Set([...context.pools.map(({ name }) => name), ...context.images, ...context.hosts].map((name) => name.toLowerCase()));
  const split = tokenize(typed, (word) => names.has(word.toLowerCase()));
  if ('unclosed' in split) return refuse({ code: 'unclosed_quote', typed: shown(split.unclosed) });
  const draft = readAll(typed, split.tokens, split.purpose, context);
  return 'problem' in draft ? refuse(draft.problem) : finish(draft, context);
}

function refuse(problem: AskProblem): ParsedAsk {
  return { ok: false, problem };
}

type Problem = { problem: AskProblem };

function readAll(typed: string, tokens: readonly Token[], purpose: string | null, context: GrammarContext): Draft | Problem {
  let draft: Draft = purpose === null ? {} : { purpose };
  const unknown: Token[] = [];
  for (let at = 0; at < tokens.length;) {
    const token = tokens[at];
    if (!token) break;
    const read = recognise({ tokens, at, context, draft });
    if (read === null) {
      const understood = draft.pool !== undefined || draft.gpu === true;
      if (understood && unknown.length === 0 && draft.purpose === undefined && isPurpose(tokens, at, context)) {
        return { ...draft, purpose: purposeOf(typed.slice(token.from)) };
      }
      unknown.push(token);
      at += 1;
      continue;
    }
    if ('problem' in read) return read;
    const merged = merge(draft, read.set);
    if ('problem' in merged) return merged;
    draft = merged;
    at += read.take;
  }
  return unknown.length > 0 ? { problem: aboutUnknown(unknown, draft, context) } : draft;
}

function recognise(place: Place): Read {
  for (const recogniser of RECOGNISERS) {
    const read = recogniser(place);
    if (read !== null) return read;
  }
  return null;
}

function readQuotedPurpose({ tokens, at }: Place): Read {
  const token = tokens[at];
  return token?.kind === 'quoted' ? { take: 1, set: { purpose: purposeOf(token.text) } } : null;
}

function readFiller({ tokens, at }: Place): Read {
  return FILLERS.has(tokens[at]?.lower ?? '') ? { take: 1, set: {} } : null;
}

function merge(draft: Draft, set: Draft): Draft | Problem {
  const twice = (Object.keys(set) as (keyof Draft)[]).find((part): part is Part => part !== 'gpu' && draft[part] !== undefined);
  if (twice) return { problem: { code: 'two_of', what: twice } };
  const merged = { ...draft, ...set };
  if (merged.duration !== undefined && merged.time !== undefined) return { problem: { code: 'for_and_until' } };
  return merged.pool === 'cpu' && merged.gpu ? { problem: { code: 'two_of', what: 'pool' } } : merged;
}

function aboutUnknown(unknown: readonly Token[], draft: Draft, context: GrammarContext): AskProblem {
  if (draft.pool !== undefined || draft.gpu) return unknownWords(unknown, context);
  if (unknown.every(({ lower }) => countOf(lower) !== null)) return noPoolNamed(context);
  const pools = context.pools.map(({ name }) => name);
  const slip = unknown.find(({ lower }) => isNameShaped(lower) && nearest(lower, pools) !== null);
  const only = unknown.length === 1 && unknown[0] && isNameShaped(unknown[0].lower) ? unknown[0] : undefined;
  const pool = slip ?? only;
  return pool ? unknownPool(pool.text, context) : unknownWords(unknown, context);
}

function noPoolNamed(context: GrammarContext): AskProblem {
  return { code: 'no_pool_named', pools: context.pools.map(({ name }) => name) };
}

function finish(draft: Draft, context: GrammarContext): ParsedAsk {
  const { pool = null, memory = null, command = null, purpose = '' } = draft;
  if (pool === null && !draft.gpu) return refuse(noPoolNamed(context));
  if (purpose.length > MAX_PURPOSE) return refuse({ code: 'too_long', what: 'purpose', length: purpose.length, max: MAX_PURPOSE });
  if (command !== null && command.length > MAX_COMMAND) {
    return refuse({ code: 'too_long', what: 'command', length: command.length, max: MAX_COMMAND });
  }
  if (pool === 'cpu' && draft.count !== undefined && draft.count > 1) return refuse(badCount(`${draft.count}`, 1));
  if (pool === 'cpu' && memory !== null) return refuse({ code: 'memory_without_gpu' });
  const shortage = memory === null ? null : memoryShortage(memory, pool, context);
  if (shortage) return refuse(shortage);
  return {
    ok: true,
    ask: {
      pool,
      devices: pool === 'cpu' ? 0 : (draft.count ?? 1),
      memoryMibMin: memory,
      durationSeconds: draft.duration ?? null,
      until: draft.time?.toISOString() ?? null,
      image: draft.image ?? null,
      host: draft.host ?? null,
      command,
      purpose,
    },
  };
}

/** A pool of which no host has reported the memory may have any. */
function memoryShortage(memoryMibMin: number, pool: string | null, context: GrammarContext): AskProblem | null {
  const sizes = context.pools.filter(({ name }) => pool === null || name === pool).map(({ memoryMib }) => memoryMib);
  const known = sizes.filter((size) => size !== null);
  if (sizes.length === 0 || known.length < sizes.length || known.some((size) => hasMemory(size, memoryMibMin))) return null;
  return { code: 'memory_too_large', memoryMibMin, largestMib: Math.max(...known), pool };
}
