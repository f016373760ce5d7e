// The card of a request that a person has to approve: one message in the approvers' channel, edited through its whole life.
import type { AllocationView } from '../../domain/allocation-view.ts';
import { person, quoted } from '../words/common.ts';
import { approvalFacts, simulatedWords, stateSentence, wantWords } from '../words/allocation.ts';
import { buttons, fields, note, why, section, type Message } from './blocks.ts';
import { offers } from './offers.ts';

export function approvalCard(view: AllocationView): Message {
  const head = `${person(view.holder.user)} asks for *${wantWords(view)}*`;
  const reason = view.purpose === '' ? '' : ` — ${quoted(view.purpose)}`;
  const simulated = simulatedWords(view);
  const notes = simulated === null ? [] : [simulated];
  return {
    text: [`${head}${reason}. ${stateSentence(view)}`, ...notes].join(' '),
    blocks: [
      section(`${head}\n${stateSentence(view)}`),
      ...why(view.purpose),
      fields(approvalFacts(view)),
      ...buttons(offers(view, 'approver')),
      note([`\`${view.id}\``, 'time counts from when the container runs', ...notes].join(' · ')),
    ],
  };
}
