// The words of an App Home that no other surface has.
import type { MemberHome } from '../../domain/home-tab-view.ts';
import { code, when } from './common.ts';
import { wantWords, stateSentence, wayIn } from './allocation.ts';
import type { AllocationView } from '../../domain/allocation-view.ts';

export const MINE = '*Your containers and requests*';
export const NOTHING_MINE = `${MINE}\nYou have no container and no request.`;
export const NOTHING_WAITS = '*Approvals*\nNothing waits for your answer.';

/** One of the reader's own. */
export function ownWords(view: AllocationView): string {
  const line = wayIn(view);
  const entry = line === null ? '' : `\nTo go in, on ${code(view.host ?? '')}: \`${line}\``;
  return `${code(view.id)} *${wantWords(view)}*\n${stateSentence(view)}${entry}`;
}

export function approvalsHead(count: number): string {
  const head = count === 1 ? 'One request waits for your answer' : `${count} requests wait for your answer`;
  return `*${head}*\nAnswer on the card, in the channel it names: it says what would come of it.`;
}

/** How many of each were left out, and where they are. */
export const moreWords = {
  mine: (rest: number) => `and ${rest} more, which come up here as these end`,
  approvals: (rest: number) => `and ${rest} more; \`/gpu approvals\` lists them`,
  pools: (rest: number) => `and ${rest} more pools; \`/gpu status\` lists them`,
} as const;

/** What is true later, and how to have it again. */
export function freshness({ at, zone }: Pick<MemberHome, 'at' | 'zone'>): string {
  return `As of ${when(at, zone)}. What is yours and what waits for you is kept up to date; the numbers of free GPUs are those of that moment, and new ones come when you open this tab. \`/gpu status\` shows each GPU, \`/gpu help\` everything else.`;
}
