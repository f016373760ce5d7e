// How many of what: "2 h200", "2xh200", "h200 x2", "2 gpus", "a100", "cpu".
import { numberWord } from './duration.ts';
import { memoryMibOf } from './memory.ts';
import { nearest } from './nearest.ts';
import { wordAt, type Place, type Read } from './place.ts';
import { shown, type AskProblem, type GrammarContext } from './problem.ts';
import * as words from './words.ts';

/** A noun with its count before it, after it, or missing. A count of an unknown noun names a pool that does not exist. */
export function readQuantity(place: Place): Read {
  return nounFirst(place) ?? countFirst(place);
}

/** "x2" away from its noun: "h200 for 6h x2". */
export function readMultiplier(place: Place): Read {
  const number = words.multiplier(wordAt(place, 0) ?? '');
  if (number === null) return null;
  const count = words.countOf(number);
  return count === null ? { problem: badCount(number, words.MAX_DEVICES) } : { take: 1, set: { count } };
}

/** A number that counts nothing known. Read after durations and memory, which start with numbers too. */
export function readStrayNumber(place: Place): Read {
  const word = wordAt(place, 0) ?? '';
  const number = words.isNumber(word) ? word : words.multiplied(word)?.number;
  // With the quantity known, a number is a word like any other.
  if (number === undefined || place.draft.pool !== undefined || place.draft.gpu) return null;
  if (words.countOf(number) === null) return { problem: badCount(number, words.MAX_DEVICES) };
  const next = wordAt(place, 1);
  return next !== null && isNewName(next) ? { problem: unknownPool(next, place.context) } : null;
}

function nounFirst(place: Place): Read {
  const word = wordAt(place, 0) ?? '';
  const after = countAfter(place);
  const noun = words.nounOf(word, place.context);
  if (noun) return after ? counted(after.number, noun, 1 + after.take) : { take: 1, set: noun };
  const glued = /^(.+)[x×*]([^x×*]+)$/.exec(word);
  const gluedNoun = glued && words.isNumber(glued[2] ?? '') ? words.nounOf(glued[1] ?? '', place.context) : null;
  if (gluedNoun) return counted(glued?.[2] ?? '', gluedNoun, 1);
  const isPool = after !== null && place.draft.pool === undefined && isNewName(word) && !/^\d+x?$/.test(word);
  return isPool ? { problem: unknownPool(word, place.context) } : null;
}

/** "x2" or "x 2" after the noun. */
function countAfter(place: Place): { number: string; take: number } | null {
  const next = wordAt(place, 1) ?? '';
  const number = words.multiplier(next);
  if (number !== null) return { number, take: 1 };
  const apart = wordAt(place, 2) ?? '';
  return /^[x×*]$/.test(next) && words.isNumber(apart) ? { number: apart, take: 2 } : null;
}

function countFirst(place: Place): Read {
  const word = wordAt(place, 0) ?? '';
  const glued = words.multiplied(word);
  if (glued && glued.rest !== '') {
    const noun = words.nounOf(glued.rest, place.context);
    if (noun) return counted(glued.number, noun, 1);
    const isPool = place.draft.pool === undefined && isNewName(glued.rest);
    return isPool ? { problem: unknownPool(glued.rest, place.context) } : null;
  }
  const number = glued ? glued.number : words.isNumber(word) ? word : numberWord(word)?.toString();
  if (number === undefined) return null;
  const at = !glued && /^[x×*]$/.test(wordAt(place, 1) ?? '') ? 2 : 1;
  const next = wordAt(place, at) ?? '';
  const noun = words.nounOf(next, place.context);
  if (noun) return counted(number, noun, at + 1);
  // "a 24gb gpu": the memory stands between.
  const memory = memoryMibOf(next);
  const described = memory ? words.nounOf(wordAt(place, at + 1) ?? '', place.context) : null;
  const read = described ? counted(number, described, at + 2) : null;
  return memory && read && 'set' in read ? { ...read, set: { ...read.set, memory } } : read;
}

/** Whether a word can only be meant as the name of a pool. */
function isNewName(word: string): boolean {
  const grammar = words.STARTERS.has(word) || words.FILLERS.has(word) || word === 'on' || words.isNumber(word) || words.isTimeOfDay(word);
  return !grammar && words.isNameShaped(word);
}

function counted(number: string, noun: words.Noun, take: number): Read {
  const count = words.countOf(number);
  const max = 'pool' in noun && noun.pool === 'cpu' ? 1 : words.MAX_DEVICES;
  return count === null || count > max ? { problem: badCount(number, max) } : { take, set: { ...noun, count } };
}

export function badCount(number: string, max: number): AskProblem {
  return { code: 'bad_count', typed: shown(number), max };
}

export function unknownPool(name: string, context: GrammarContext): AskProblem {
  const pools = context.pools.map((pool) => pool.name);
  return { code: 'unknown_pool', name: shown(name), nearest: nearest(name, [...pools, 'cpu', 'gpu', 'gpus']), pools };
}
