// Words that no recogniser took: a purpose written without `--`, or words to ask about.
import { numberWord, readDuration } from './duration.ts';
import { memoryMibOf } from './memory.ts';
import { nearest } from './nearest.ts';
import { shown, type GrammarContext } from './problem.ts';
import type { Token } from './tokens.ts';
import * as words from './words.ts';

/** Keywords long enough that a word close to one is a slip: "untl" is, "fun" (run) and "gpt" (gpu) are not. */
const LONG_KEYWORDS = ['until', 'tonight', 'overnight', 'image'];
const NEVER_PROSE: ReadonlySet<string> = new Set([...words.UNTIL, ...words.NIGHT, 'image', 'gpu', 'gpus', 'cpu', 'cpus']);
const MOST_WORDS = 10;

/**
 * Whether the words from `from` to the end can only be a purpose ("2xh200 6h fine-tune llama"). They cannot when any of them might have
 * been meant as something else: a number, a duration, a name or keyword or a slip of one, a quote, or no word at all (`*_~`, `<!channel>`).
 * A request misread is worse than a question, so in doubt the answer is no.
 */
export function isPurpose(tokens: readonly Token[], from: number, context: GrammarContext): boolean {
  const pools = context.pools.map(({ name }) => name);
  const rest = tokens.slice(from);
  return rest.every((token, index) => {
    const { lower, kind } = token;
    const next = rest[index + 1]?.lower ?? '';
    if (kind === 'quoted' || !/[\p{L}]/u.test(lower) || /[<>]/.test(lower)) return false;
    if (NEVER_PROSE.has(lower) || nearest(lower, [...LONG_KEYWORDS, ...pools]) !== null) return false;
    if (isAmount(lower) || isAmount(`${lower} ${next}`) || instead(lower, context) !== null) return false;
    if (lower === 'on') return nearest(next, context.hosts) === null;
    return lower !== 'for' || !(/^[-+.\d]/.test(next) || numberWord(next) !== null || words.NIGHT.has(next));
  });
}

function isAmount(text: string): boolean {
  const counts = words.multiplied(text) ?? words.multiplier(text);
  return counts !== null || readDuration(text) !== 'none' || memoryMibOf(text) !== null;
}

/** What a word would have been with the keyword it lacks. */
function instead(word: string, context: GrammarContext): string | null {
  const image = words.named(word, context.images);
  if (image !== null) return `image ${image}`;
  const host = words.named(word, context.hosts);
  if (host !== null) return `on ${host}`;
  return words.isDay(word) || words.isTimeOfDay(word) ? `until ${word}` : null;
}

/** The words not understood, ten at most, each with what would have been, where something is close. */
export function unknownWords(unknown: readonly Token[], context: GrammarContext) {
  const known = [...context.pools.map(({ name }) => name), ...words.KEYWORDS];
  const tokens = [...new Map(unknown.map((token) => [token.lower, token])).values()].slice(0, MOST_WORDS);
  const suggested = tokens.map(({ text, lower }) => {
    const suggestion = words.countOf(lower) === null ? (instead(lower, context) ?? nearest(lower, known)) : `x${Number(lower)}`;
    return suggestion === null ? [] : [{ word: shown(text), suggestion }];
  });
  return { code: 'unknown_words' as const, words: tokens.map(({ text }) => shown(text)), nearest: suggested.flat() };
}
