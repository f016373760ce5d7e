// What waits for an approver, and what approvers have settled beforehand, as they are shown it.
import type { ApprovalKind } from './approvals.ts';

export interface WaitingApproval {
  /** Of the allocation. */
  readonly id: string;
  readonly kind: ApprovalKind;
  /** Slack user. */
  readonly holder: string;
  readonly pool: string;
  readonly devices: number;
  /** Of the lease, or by which it would be longer. */
  readonly seconds: number;
  readonly askedAt: Date;
  readonly lapsesAt: Date;
  /** Waits for the requester's answer to a question. */
  readonly paused: boolean;
  /** Where its card stands. */
  readonly channel: string | null;
}

export interface ApprovalsView {
  readonly waiting: readonly WaitingApproval[];
  readonly allowed: readonly {
    readonly number: number;
    readonly user: string;
    readonly pool: string;
    readonly capacityMilli: number;
    readonly durationSeconds: number;
    readonly grantedBy: string;
    readonly expiresAt: Date;
  }[];
  readonly handOvers: readonly { readonly from: string; readonly to: string; readonly until: Date }[];
}
