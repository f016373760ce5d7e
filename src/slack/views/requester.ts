// What the requester is sent while approvers decide: their question, and what they approved with less.
import type { AllocationView } from '../../domain/allocation-view.ts';
import type { ApprovalView } from '../../domain/approval-view.ts';
import { isLegal } from '../../domain/lifecycle.ts';
import { actions } from '../ids.ts';
import { loweredWords, wantWords } from '../words/allocation.ts';
import { voter } from '../words/approval.ts';
import { code, quoted, when } from '../words/common.ts';
import { buttons, section, type Message } from './blocks.ts';

export function questionMessage(view: AllocationView, approval: ApprovalView): Message {
  const { id, version, holder } = view;
  const vote = approval.votes.findLast(({ kind }) => kind === 'ask');
  const by = vote === undefined ? 'An approver' : voter(vote);
  const head = `${by} asks about your request ${code(id)} (${wantWords(view)}): ${quoted(vote?.words ?? '', 1000)}`;
  const rest = approval.paused ? ` It does not lapse before your answer is there, or until ${when(approval.lapsesAt, holder.zone)}.` : '';
  const offer = approval.paused ? buttons([{ action: actions.reply, label: 'Answer…', id, version, style: 'primary' }]) : [];
  return { text: `${head}${rest}`, blocks: [section(`${head}${rest}`), ...offer] };
}

/** Its button goes when there is nothing to decline any more. */
export function loweredMessage(view: AllocationView, declineBy: Date, at: Date): Message {
  const { id, version, state } = view;
  const words = loweredWords(view, declineBy);
  const open = at <= declineBy && (isLegal('cancel', state) || isLegal('retire', state));
  const confirm = { title: 'Decline it?', text: 'It goes back at once, and nothing of it is charged.', yes: 'Decline', no: 'Keep it' };
  const offer = open ? buttons([{ action: actions.decline, label: 'Decline', id, version, style: 'danger', confirm }]) : [];
  return { text: words, blocks: [section(words), ...offer] };
}
