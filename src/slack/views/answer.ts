// The answer to whoever asked: what a verb did, or why not, with the buttons that fit.
import type { AllocationView } from '../../domain/allocation-view.ts';
import type { Outcome } from '../../domain/outcome.ts';
import { adjustedWords } from '../words/adjustments.ts';
import { settledWords } from '../words/approvals-list.ts';
import { code } from '../words/common.ts';
import { extendedWords, extensionAskedWords, requestedWords, simulatedWords } from '../words/allocation.ts';
import { refusalWords } from '../words/refusals.ts';
import { buttons, note, why, section, type Message } from './blocks.ts';
import { offers } from './offers.ts';

/** `allocation` is null when the outcome has none; `zone` and `at` are the reader's. */
export function answer(outcome: Outcome, allocation: AllocationView | null, zone: string, at: Date): Message {
  if (outcome.kind === 'refused') return plain(refusalWords(outcome.refusal, zone));
  if (outcome.kind === 'adjusted') return plain(adjustedWords(outcome, zone));
  if (outcome.kind === 'handed_over' || outcome.kind === 'taken_back' || outcome.kind === 'revoked')
    return plain(settledWords(outcome, zone));
  const id = code(outcome.id);
  switch (outcome.kind) {
    case 'requested':
      return allocation === null ? plain(`${id} is noted.`) : requested(allocation, at);
    case 'approved':
      return plain(`You approved ${id}. It starts as soon as there is a place.`);
    case 'denied':
      return plain(`You denied ${id}. The requester has been told.`);
    case 'cancelled':
      return plain(`${id} is cancelled. Nothing of it counts against your limit any more.`);
    case 'extension_asked':
      return plain(extensionAskedWords(outcome.id));
    case 'question_sent':
      return plain(
        `Your question about ${id} is on its way. The answer comes into the thread of the card; meanwhile the request does not lapse.`,
      );
    case 'question_answered':
      return plain(`Your answer about ${id} has been passed on to the approvers.`);
    case 'extended':
      return plain(allocation === null ? `${id} is extended.` : extendedWords(allocation));
    case 'releasing':
      return plain(
        `${id} is being stopped. Its GPUs are free for others once the host has confirmed; the files in \`/workspace\` are kept.`,
      );
  }
}

export function plain(text: string): Message {
  return { text, blocks: [section(text)] };
}

function requested(allocation: AllocationView, at: Date): Message {
  const words = requestedWords(allocation, at);
  const simulated = simulatedWords(allocation);
  const notes = simulated === null ? [] : [simulated];
  return {
    text: [words, ...notes].join(' '),
    blocks: [section(words), ...why(allocation.purpose), ...buttons(offers(allocation, 'holder')), ...notes.map(note)],
  };
}
