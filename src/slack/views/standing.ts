// What `/gpu quota`, `/gpu why` and `/gpu queue` answer: whole lines within Slack's limits, in the text and in the blocks.
import type { ApprovalsView } from '../../domain/approvals-list.ts';
import type { PoolQueueView, QuotaView, WhyView } from '../../domain/standing-views.ts';
import { approvalsWords } from '../words/approvals-list.ts';
import { fitting, poolQueueWords, quotaWords, type Paragraph } from '../words/standing.ts';
import { whyWords } from '../words/why.ts';
import { note, section, type Message } from './blocks.ts';

/** Slack takes 3000 characters a section, and about 13 000 of all blocks together (`msg_blocks_too_long`). */
const SECTION_MAX = 2900;
const BLOCKS_MAX = 11_000;
const TEXT_MAX = 3900;

export function quotaMessage(view: QuotaView, zone: string, reader: string): Message {
  return message(quotaWords(view, zone, reader));
}

export function whyMessage(view: WhyView, zone: string): Message {
  return message(whyWords(view, zone));
}

export function approvalsMessage(view: ApprovalsView, zone: string): Message {
  return message(approvalsWords(view, zone));
}

/** `reader`: Slack user id, who is "you" in it. */
export function queueMessage(pools: readonly PoolQueueView[], zone: string, reader: string): Message {
  if (pools.length === 0) return message([['Nobody waits, and nobody holds a GPU. `/gpu status` shows what is free.']]);
  const hint = pools.length === 1 ? '' : '; `/gpu queue` with the name of a pool shows that pool alone';
  return message(
    pools.map((pool) => poolQueueWords(pool, zone, reader)),
    hint,
  );
}

/** `more` is said where lines had to be left out. */
function message(paragraphs: readonly Paragraph[], more = ''): Message {
  const lines = paragraphs.flatMap((paragraph, index) => (index === 0 ? paragraph : ['', ...paragraph]));
  const cut = (max: number) => {
    const shown = fitting(lines, max);
    const rest = lines.slice(shown.length).filter((line) => line !== '').length;
    return { shown, leftOut: rest > 0 ? [`and ${rest} more lines${more}`] : [] };
  };
  const text = cut(TEXT_MAX);
  const blocks = cut(BLOCKS_MAX);
  return {
    text: [...text.shown, ...text.leftOut].join('\n'),
    blocks: [...sheets(blocks.shown).map(section), ...blocks.leftOut.map(note)],
  };
}

/** Texts of sections, of whole lines. */
function sheets(lines: readonly string[]): string[] {
  const texts: string[] = [];
  for (const line of lines) {
    const last = texts.pop();
    const longer = last === undefined ? line : `${last}\n${line}`;
    if (longer.length <= SECTION_MAX || last === undefined) texts.push(longer);
    // A paragraph that opens a section needs no blank line before it.
    else texts.push(last, ...(line === '' ? [] : [line]));
  }
  return texts;
}
