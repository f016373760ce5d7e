// What its holder is sent when a container runs: where, until when, the way in, and how to give it back.
import type { AllocationView } from '../../domain/allocation-view.ts';
import { code, what } from '../words/common.ts';
import { simulatedWords, stateSentence, wayIn } from '../words/allocation.ts';
import { buttons, note, section, type Message } from './blocks.ts';
import { offers } from './offers.ts';

export function memberCard(view: AllocationView): Message {
  const head =
    view.state === 'active'
      ? `*Your container runs:* ${what(view.pool, view.devices)}`
      : `*Your container:* ${what(view.pool, view.devices)}`;
  const line = wayIn(view);
  const simulated = simulatedWords(view);
  const notes = simulated === null ? [] : [simulated];
  const entry = line === null ? [] : [section(`To go in, on ${code(view.host ?? '')}:\n\`\`\`${line}\`\`\``)];
  const entryText = line === null ? '' : ` To go in, on ${view.host}: ${line}`;
  return {
    text: [`${head}. ${stateSentence(view)}${entryText}`, ...notes].join(' '),
    blocks: [
      section(`${head}\n${stateSentence(view)}`),
      ...entry,
      ...buttons(offers(view, 'holder')),
      note([`\`${view.id}\``, 'files in `/workspace` stay', ...notes].join(' · ')),
    ],
  };
}
