// What the outbox holds, as data: apps gather it from the ledger, and Slack's views draw it.
import type { AllocationView } from './allocation-view.ts';
import type { ApprovalView } from './approval-view.ts';
import type { ApprovalsDigest } from './approvals-digest.ts';
import type { CardNote } from './card-note.ts';
import type { Joiners } from './groups.ts';
import type { HostProblem } from './host-protocol.ts';
import type { LimitChange, Outcome } from './outcome.ts';
import type { Holding } from './refusal.ts';
import type { Discrepancy } from './verify.ts';

/** What an admin changed of a member's limits; `zone` is the member's. */
export interface LimitsChanged {
  readonly change: LimitChange;
  readonly by: string;
  readonly reason: string | null;
  readonly zone: string;
}

/** A card or message to be shown, as data. */
export type LetterView =
  | {
      readonly kind: 'approval_card' | 'member_card' | 'request_denied' | 'request_lapsed' | 'start_failed' | 'container_ended';
      readonly allocation: AllocationView;
    }
  | {
      readonly kind: 'extension_card' | 'extension_answered' | 'approval_question';
      readonly allocation: AllocationView;
      readonly approval: ApprovalView;
    }
  | { readonly kind: 'card_note'; readonly allocation: AllocationView; readonly approval: ApprovalView; readonly note: CardNote }
  | { readonly kind: 'request_lowered'; readonly allocation: AllocationView; readonly declineBy: Date }
  | { readonly kind: 'no_approver_for_admin'; readonly requester: string; readonly pool: string }
  | { readonly kind: 'handed_over'; readonly by: string; readonly until: Date; readonly zone: string }
  | { readonly kind: 'policy_broken'; readonly problem: string }
  | { readonly kind: 'approvals_digest'; readonly digest: ApprovalsDigest }
  | { readonly kind: 'channel_closed'; readonly channel: string; readonly error: string }
  | ({ readonly kind: 'group_joined'; readonly zone: string } & Joiners)
  | { readonly kind: 'ledger_discrepancy'; readonly discrepancy: Discrepancy }
  | { readonly kind: 'holder_departed'; readonly user: string; readonly holding: readonly Holding[]; readonly zone: string }
  | { readonly kind: 'host_problem'; readonly host: string; readonly problem: HostProblem }
  | ({ readonly kind: 'limits_changed' } & LimitsChanged)
  | { readonly kind: 'inbox_answer'; readonly outcome: Outcome; readonly allocation: AllocationView | null; readonly zone: string };
