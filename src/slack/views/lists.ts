// What `/gpu`, `/gpu status` and `/gpu mine` answer: pools and what of them is free, and what is mine, with buttons.
import type { AllocationView } from '../../domain/allocation-view.ts';
import type { PoolStatus } from '../../domain/pool-status.ts';
import { isFinal } from '../../domain/lifecycle.ts';
import { code } from '../words/common.ts';
import { stateSentence, wantWords } from '../words/allocation.ts';
import { gridLines } from '../words/standing.ts';
import { hostLines, poolLine, simulatedLine, statusHead } from '../words/status.ts';
import { openers } from '../ids.ts';
import { formWords } from '../words/request-modal.ts';
import { buttons, note, openerButton, section, type Message } from './blocks.ts';
import { offers } from './offers.ts';

/** Slack takes 50 blocks; each allocation needs up to two. */
const SHOWN_MAX = 12;
const POOLS_MAX = 20;

/** `zone`: the reader's. */
export function statusList(pools: readonly PoolStatus[], mine: readonly AllocationView[], zone: string): Message {
  const lines = pools.map((pool) => [poolLine(pool), ...gridLines(pool.name, pool.devices, zone)].join('\n'));
  const simulated = simulatedLine(pools.flatMap((pool) => pool.simulated));
  return {
    text: [statusHead(pools), ...lines, ...hostLines(pools), ...(simulated === null ? [] : [simulated]), mineText(mine)].join('\n'),
    // A section each: one for all would be cut.
    blocks: [
      section(`*${statusHead(pools)}*`),
      ...lines.slice(0, POOLS_MAX).map(section),
      ...more(lines.length - POOLS_MAX),
      ...notes([...hostLines(pools), simulated]),
      openerButton(openers.request, formWords.open),
      ...mineBlocks(mine),
    ],
  };
}

export function mineList(mine: readonly AllocationView[]): Message {
  const hosts = mine.flatMap(({ host, simulated }) =>
    host !== null && (simulated.engine || simulated.gpus) ? [{ host, ...simulated }] : [],
  );
  const simulated = simulatedLine(hosts);
  return {
    text: [mineText(mine), ...(simulated === null ? [] : [simulated])].join('\n'),
    blocks: [...mineBlocks(mine), ...notes([simulated])],
  };
}

function more(rest: number) {
  return rest > 0 ? [note(`and ${rest} more`)] : [];
}

function notes(lines: readonly (string | null)[]) {
  const some = lines.filter((line) => line !== null);
  return some.length === 0 ? [] : [note(some.join('\n'))];
}

function mineText(mine: readonly AllocationView[]): string {
  if (mine.length === 0) return 'You have no container and no request. `/gpu request` shows how to ask.';
  return mine.map((view) => `${view.id}: ${wantWords(view)}. ${stateSentence(view)}`).join('\n');
}

function mineBlocks(mine: readonly AllocationView[]) {
  if (mine.length === 0) return [section(mineText(mine))];
  const open = mine.filter(({ state }) => !isFinal(state));
  const rest = open.length - SHOWN_MAX;
  return [
    ...open
      .slice(0, SHOWN_MAX)
      .flatMap((view) => [section(`${code(view.id)} *${wantWords(view)}*\n${stateSentence(view)}`), ...buttons(offers(view, 'holder'))]),
    ...more(rest),
  ];
}
