// App Home: a button that asks, what is mine with its buttons, what waits for my answer, what is free, my quota; within Slack's hundred blocks.
import type { HomeView, KnownBlock } from '@slack/types';
import type { HomeTabView, MemberHome, NotShown } from '../../domain/home-tab-view.ts';
import { isFinal } from '../../domain/lifecycle.ts';
import { openers } from '../ids.ts';
import { waitingLine } from '../words/approvals-list.ts';
import { approvalsHead, freshness, MINE, moreWords, NOTHING_MINE, NOTHING_WAITS, ownWords } from '../words/home.ts';
import { refusalWords } from '../words/refusals.ts';
import { formWords } from '../words/request-modal.ts';
import { limitsWords } from '../words/standing.ts';
import { poolLine, simulatedLine, statusHead } from '../words/status.ts';
import { buttons, note, openerButton, section } from './blocks.ts';
import { offers } from './offers.ts';

/** Each needs up to two blocks. */
const MINE_MAX = 20;
const APPROVALS_MAX = 15;
const POOLS_MAX = 20;

export function homeTab(view: HomeTabView): HomeView {
  if ('refused' in view) return homeOfWords(refusalWords(view.refused, 'UTC'));
  return home([
    openerButton(openers.request, formWords.open),
    ...mine(view),
    ...approvals(view),
    ...pools(view),
    ...quota(view),
    note(freshness(view)),
  ]);
}

/** Nothing but these words. */
export function homeOfWords(words: string): HomeView {
  return home([section(words)]);
}

function home(blocks: KnownBlock[]): HomeView {
  return { type: 'home', blocks };
}

function mine({ mine: all }: MemberHome): KnownBlock[] {
  const open = all.filter(({ state }) => !isFinal(state));
  if (open.length === 0) return [section(NOTHING_MINE)];
  return [
    section(MINE),
    ...open.slice(0, MINE_MAX).flatMap((each) => [section(ownWords(each)), ...buttons(offers(each, 'holder'))]),
    ...more(open.length - MINE_MAX, moreWords.mine),
  ];
}

function approvals({ approvals: waiting, zone }: MemberHome): KnownBlock[] {
  if (waiting === null) return [];
  if ('refused' in waiting) return [notShown(waiting, zone)];
  if (waiting.length === 0) return [section(NOTHING_WAITS)];
  return [
    section(approvalsHead(waiting.length)),
    ...waiting.slice(0, APPROVALS_MAX).map((one) => section(`• ${waitingLine(one, zone)}`)),
    ...more(waiting.length - APPROVALS_MAX, moreWords.approvals),
  ];
}

function pools({ pools: all }: MemberHome): KnownBlock[] {
  const simulated = simulatedLine(all.flatMap((pool) => pool.simulated));
  return [
    section(`*${statusHead(all)}*`),
    ...all.slice(0, POOLS_MAX).map((pool) => section(poolLine(pool))),
    ...more(all.length - POOLS_MAX, moreWords.pools),
    ...(simulated === null ? [] : [note(simulated)]),
  ];
}

function quota({ quota: view, zone, reader }: MemberHome): KnownBlock[] {
  if ('refused' in view) return [notShown(view, zone)];
  return limitsWords(view, zone, reader).map((lines) => section(lines.join('\n')));
}

function notShown({ refused }: NotShown, zone: string): KnownBlock {
  return section(refusalWords(refused, zone));
}

function more(rest: number, words: (rest: number) => string): KnownBlock[] {
  return rest > 0 ? [note(words(rest))] : [];
}
