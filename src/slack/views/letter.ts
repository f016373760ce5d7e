// Renders whatever the outbox holds.
import type { LetterView } from '../../domain/letter-view.ts';
import { limitsChangedWords } from '../words/adjustments.ts';
import { digestWords } from '../words/approvals-digest.ts';
import { handedOverToYou } from '../words/approvals-list.ts';
import { decisionOf, reasonWords } from '../words/approval.ts';
import { cardNoteWords } from '../words/card-notes.ts';
import { channelClosedWords } from '../words/channels.ts';
import { code, person, quoted } from '../words/common.ts';
import { joinedWords } from '../words/groups.ts';
import { departedWords } from '../words/holdings.ts';
import { hostProblemWords } from '../words/hosts.ts';
import { endedWords, extensionAnsweredWords, failedWords, stateSentence, wantWords } from '../words/allocation.ts';
import { answer, plain } from './answer.ts';
import { approvalCard, extensionCard } from './approval-card.ts';
import { loweredMessage, questionMessage } from './requester.ts';
import type { Message } from './blocks.ts';
import { memberCard } from './member-card.ts';

export function letterMessage(letter: LetterView, at: Date): Message {
  switch (letter.kind) {
    case 'approval_card':
      return approvalCard(letter.allocation);
    case 'member_card':
      return memberCard(letter.allocation);
    case 'extension_card':
      return extensionCard(letter.allocation, letter.approval);
    case 'card_note':
      return plain(cardNoteWords(letter.note, letter.approval, letter.allocation));
    case 'request_lowered':
      return loweredMessage(letter.allocation, letter.declineBy, at);
    case 'approval_question':
      return questionMessage(letter.allocation, letter.approval);
    case 'extension_answered':
      return plain(extensionAnsweredWords(letter.allocation, letter.approval));
    case 'request_denied':
      return plain(
        `Your request ${code(letter.allocation.id)} for ${wantWords(letter.allocation)}: ${stateSentence(letter.allocation)}${reasonWords(letter.allocation.approval)} ${decisionOf(letter.allocation.approval)?.words === undefined ? 'Ask them why, or ask for less.' : 'You may ask for less, or for another time.'}`,
      );
    case 'request_lapsed':
      return plain(
        `Your request ${code(letter.allocation.id)} for ${wantWords(letter.allocation)}: ${stateSentence(letter.allocation)} Nothing counts against your limit any more; ask again with \`/gpu request …\`.`,
      );
    case 'start_failed':
      return plain(failedWords(letter.allocation));
    case 'container_ended':
      return plain(endedWords(letter.allocation, letter.allocation.reason));
    case 'no_approver_for_admin':
      return plain(
        `${person(letter.requester)} asked for ${code(letter.pool)}, which needs an approval, but the policy names nobody who could give it. I refused. Add somebody under \`approvers:\` in the policy file, or set \`approval: none\` for that pool.`,
      );
    case 'handed_over':
      return plain(handedOverToYou(letter.by, letter.until, letter.zone));
    case 'approvals_digest':
      return plain(digestWords(letter.digest));
    case 'channel_closed':
      return plain(channelClosedWords(letter.channel, letter.error));
    case 'policy_broken':
      return plain(
        `The policy file has changed, but it is not right, so the policy in force stays as it is:\n${quoted(letter.problem, 1500)}\nMend it and save it again; \`berth policy check FILE\` says whether it is right.`,
      );
    case 'group_joined':
      return plain(joinedWords(letter, letter.zone, at));
    case 'ledger_discrepancy': {
      const { rule, about, found } = letter.discrepancy;
      return plain(
        `The nightly check found that the ledger does not hold: rule *${rule}*, ${code(about)}: ${quoted(found)}. Nothing was changed. \`berth verify\` on the bot’s machine checks it again; please keep a copy of the database before you mend anything.`,
      );
    }
    case 'holder_departed':
      return plain(departedWords(letter.user, letter.holding, letter.zone));
    case 'host_problem':
      return plain(hostProblemWords(letter.host, letter.problem));
    case 'limits_changed':
      return plain(limitsChangedWords(letter));
    case 'inbox_answer':
      return answer(letter.outcome, letter.allocation, letter.zone, at);
  }
}
