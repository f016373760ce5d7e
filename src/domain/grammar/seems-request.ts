// Whether a text that is no command was meant as a request, understood or not: it decides what its writer is told.
import { numberWord } from './duration.ts';
import { nearest } from './nearest.ts';
import { normalizeTyped } from './normalize.ts';
import type { GrammarContext } from './problem.ts';
import * as words from './words.ts';

/** Words that only a request begins with. */
const BEGINNINGS: ReadonlySet<string> = new Set([...words.FILLERS, ...words.STARTERS, ...words.KEYWORDS]);
/** Of a longer text only the beginning is looked at. */
const MOST_CHARACTERS = 3000;

/**
 * True when the first word is a number, a keyword, a filler or (nearly) a pool: "99999999999 gpus", "please 2 h20". A first word that is
 * `nearCommand` is a slip of that command otherwise. Any other text is a request when it has a count or (nearly) a pool: "give me 2 h20".
 */
export function seemsRequest(text: string, context: GrammarContext, nearCommand: boolean): boolean {
  const [first = '', ...rest] = normalizeTyped(text.slice(0, MOST_CHARACTERS))
    .toLowerCase()
    .split(/[ ,;]+/);
  const pools = context.pools.map(({ name }) => name);
  const ofRequest = (word: string) => isCount(word) || nearest(word, pools) !== null;
  if (BEGINNINGS.has(first) || numberWord(first) !== null || ofRequest(first)) return true;
  return !nearCommand && rest.some(ofRequest);
}

/** "2", "-1", "1e9", "2xh200", "x2". */
function isCount(word: string): boolean {
  return words.isNumber(word) || words.multiplied(word) !== null || words.multiplier(word) !== null;
}
