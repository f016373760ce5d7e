// The cards that a person has to answer: one message in the approvers' channel for each question, edited through its whole life.
import type { AllocationView } from '../../domain/allocation-view.ts';
import type { ApprovalView } from '../../domain/approval-view.ts';
import { sayDuration } from '../../domain/time-words.ts';
import { askedFacts, consequenceFacts, decisionOf, outcomeWords, voteLines, voter, waitingWords } from '../words/approval.ts';
import { code, person, quoted, what, when } from '../words/common.ts';
import { presentFacts, simulatedWords, stateSentence, wantWords } from '../words/allocation.ts';
import { fields, note, section, why, type Message } from './blocks.ts';
import { answerOffers } from './offers.ts';

/** Whether a request may start. */
export function approvalCard(view: AllocationView): Message {
  const head = `${person(view.holder.user)} asks for *${wantWords(view)}*`;
  return card(view, view.approval, { head, state: stateSentence(view), note: 'time counts from when the container runs' });
}

/** Whether a container that runs may be kept for longer. */
export function extensionCard(view: AllocationView, approval: ApprovalView): Message {
  const head = `${person(view.holder.user)} asks to keep *${what(view.pool, view.devices)}* for ${sayDuration(approval.extendSeconds ?? 0)} more`;
  return card(view, approval, { head, state: extensionState(view, approval), note: 'it keeps running meanwhile' });
}

interface Words {
  readonly head: string;
  readonly state: string;
  readonly note: string;
}

function card(view: AllocationView, approval: ApprovalView | null, { head, state, note: words }: Words): Message {
  const reason = view.purpose === '' ? '' : ` — ${quoted(view.purpose)}`;
  const simulated = simulatedWords(view);
  const notes = simulated === null ? [] : [simulated];
  const open = approval?.state === 'open' ? approval : null;
  const consequences = open?.consequences ?? null;
  const outcome = consequences === null ? [] : [outcomeWords(view, consequences)];
  const said = approval === null ? [] : voteLines(approval);
  const facts =
    open === null || consequences === null
      ? presentFacts(view)
      : [...consequenceFacts(view, consequences), ['Image', code(view.image)] as const, ...askedFacts(open, view.holder)];
  return {
    text: [`${head}${reason}.`, ...outcome, state, ...said, ...notes].join(' '),
    blocks: [
      section([head, ...outcome, state].join('\n')),
      ...why(view.purpose),
      ...said.map(section),
      fields(facts),
      ...(open === null ? [] : answerOffers(view, open)),
      note([`\`${view.id}\``, words, ...notes].join(' · ')),
    ],
  };
}

/** Without who approved it at first. */
function runsWords(view: AllocationView): string {
  const { state, leaseEndsAt, holder } = view;
  return state === 'active' && leaseEndsAt !== null ? `It runs until ${when(leaseEndsAt, holder.zone)}.` : stateSentence(view);
}

function extensionState(view: AllocationView, approval: ApprovalView): string {
  const { zone } = view.holder;
  const decision = decisionOf(approval);
  const by = decision === null ? '' : ` by ${voter(decision)}`;
  const at = approval.closedAt === null ? '' : ` ${when(approval.closedAt, zone)}`;
  switch (approval.state) {
    case 'open':
      return waitingWords(approval, view.holder);
    case 'approved':
      return `Approved${by}${at}${decision?.kind === 'lower' ? ', for a shorter time' : ''}. ${runsWords(view)}`;
    case 'denied':
      return `Denied${by}${at}.`;
    case 'lapsed':
      return `Lapsed${at}: nobody answered.`;
    case 'withdrawn':
      return `No answer was needed any more${at === '' ? '' : ` from${at} on`}. ${runsWords(view)}`;
  }
}
