// The words of the grammar and the shapes of its numbers.
import type { GrammarContext } from './problem.ts';

export const KEYWORDS = ['for', 'until', 'tonight', 'image', 'on', 'run', 'gpu', 'gpus', 'cpu'] as const;

/** Words between the parts that mean nothing by themselves. */
export const FILLERS: ReadonlySet<string> = new Set(['please', 'and', 'with', 'of']);

export const NIGHT: ReadonlySet<string> = new Set(['tonight', 'overnight', 'tonite']);
export const UNTIL: ReadonlySet<string> = new Set(['until', 'till', 'til', "'til"]);

/** Words that end a typed value: what follows them is another part of the request. */
export const STARTERS: ReadonlySet<string> = new Set([...UNTIL, ...NIGHT, 'for', 'image', 'run']);

/** The largest number of devices the grammar reads. */
export const MAX_DEVICES = 1024;

const NUMBER = /^[-+]?\d[\d.,_]*(?:e[-+]?\d+)?$/;

/** Whether a word is a number of some kind, sensible as a count or not. */
export function isNumber(word: string): boolean {
  return NUMBER.test(word);
}

/** A typed count from 1 to 1024, or null. */
export function countOf(word: string): number | null {
  const count = /^\d{1,4}$/.test(word) ? Number(word) : 0;
  return count >= 1 && count <= MAX_DEVICES ? count : null;
}

/** "2xh200" and "2x": a number and what is multiplied, which may be ''. */
export function multiplied(word: string): { number: string; rest: string } | null {
  const match = /^([-+]?\d[\d.,_]*(?:e[-+]?\d+)?)[x×*](.*)$/.exec(word);
  return match ? { number: match[1] ?? '', rest: match[2] ?? '' } : null;
}

/** "x2": the number, or null. */
export function multiplier(word: string): string | null {
  const match = /^[x×*](.+)$/.exec(word);
  return match?.[1] !== undefined && isNumber(match[1]) ? match[1] : null;
}

/** "18:00", "6pm": a time of day that lost its `until`. */
export function isTimeOfDay(word: string): boolean {
  return /^(?:\d{1,2}:\d{2}(?::\d{2})?(?:am|pm)?|\d{1,2}(?:am|pm))$/.test(word);
}

/** "monday", "tomorrow": a day that lost its `until`. */
export function isDay(word: string): boolean {
  return /^(?:today|tomorrow|noon|midnight|mon|tues?|wed|thu(?:rs)?|fri|sat|sun|(?:mon|tues|wednes|thurs|fri|satur|sun)day)$/.test(word);
}

/** The name as the policy spells it. */
export function named(word: string, names: readonly string[]): string | null {
  const lower = word.toLowerCase();
  return names.find((name) => name.toLowerCase() === lower) ?? null;
}

export type Noun = { pool: string } | { gpu: true };

/** What a count can count: a pool, the built-in pool `cpu`, or GPUs of any pool. */
export function nounOf(word: string, context: GrammarContext): Noun | null {
  if (word === 'cpu' || word === 'cpus') return { pool: 'cpu' };
  const pool = named(
    word,
    context.pools.map(({ name }) => name),
  );
  if (pool !== null) return { pool };
  return word === 'gpu' || word === 'gpus' ? { gpu: true } : null;
}

/** Whether a word could be somebody's name for a pool, an image or a host. */
export function isNameShaped(word: string): boolean {
  return /^[\p{L}\p{N}][\p{L}\p{N}._:/-]*$/u.test(word) && word.length <= 63;
}
