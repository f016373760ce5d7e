// What is said in the thread of an approval's card.
import type { AllocationView } from '../../domain/allocation-view.ts';
import type { ApprovalView } from '../../domain/approval-view.ts';
import type { CardNote } from '../../domain/card-note.ts';
import { decisionOf, voter } from './approval.ts';
import { mention, oneOf, person, quoted, when } from './common.ts';

export function cardNoteWords(note: CardNote, approval: ApprovalView, view: AllocationView): string {
  const { user, zone } = view.holder;
  const what = approval.kind === 'new' ? 'request' : 'extension';
  // It was answered before this could be said.
  if ((note.kind === 'reminded' || note.kind === 'escalated') && approval.state !== 'open') return `This ${what} had waited for an answer.`;
  switch (note.kind) {
    case 'reminded':
      return `${oneOf(approval.asked, mention)}: this ${what} still waits for an answer; it lapses ${when(approval.lapsesAt, zone)}.`;
    case 'escalated':
      return `Nobody has answered so far, so ${oneOf(approval.asked, mention)} may answer now; it lapses ${when(approval.lapsesAt, zone)}.`;
    case 'asked': {
      const vote = approval.votes.findLast(({ kind }) => kind === 'ask');
      if (vote === undefined) return `${person(user)} was asked something.`;
      return `${voter(vote)} asks ${person(user)}: ${quoted(vote.words ?? '', 1000)}\nIt does not lapse before there is an answer, or until ${when(approval.lapsesAt, zone)}.`;
    }
    case 'answered': {
      const vote = approval.votes.findLast(({ answer }) => answer !== null);
      if (vote === undefined) return `${person(user)} has answered.`;
      return `${person(user)} answers ${person(vote.user)}: ${quoted(vote.answer ?? '', 1000)}\nIt lapses ${when(approval.lapsesAt, zone)}.`;
    }
    case 'approved':
    case 'denied': {
      const decision = decisionOf(approval);
      const by = decision === null ? '' : ` by ${voter(decision)}`;
      const less = decision?.kind === 'lower' ? ', with less than was asked' : '';
      const why = decision?.words === null || decision === null ? '' : `: ${quoted(decision.words, 1000)}`;
      return `${note.kind === 'approved' ? 'Approved' : 'Denied'}${by}${less}${why}${why === '' ? '.' : ''}`;
    }
    case 'lapsed':
      return `Nobody answered in time, so this ${what} has lapsed.`;
    case 'withdrawn':
      return `No answer is needed any more: ${approval.kind === 'new' ? 'the request was withdrawn' : 'the container has ended, or its end was moved without one'}.`;
    case 'declined':
      return `${person(user)} has declined what was approved; nothing of it is charged.`;
  }
}
