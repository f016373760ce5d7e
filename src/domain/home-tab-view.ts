// What somebody's App Home shows, as data.
import type { AllocationView } from './allocation-view.ts';
import type { WaitingApproval } from './approvals-list.ts';
import type { PoolStatus } from './pool-status.ts';
import type { Refusal } from './refusal.ts';
import type { QuotaView } from './standing-views.ts';

/** Why a part of it, or all of it, cannot be shown. */
export interface NotShown {
  readonly refused: Refusal;
}

/** Of a member. */
export interface MemberHome {
  /** Slack user. */
  readonly reader: string;
  readonly zone: string;
  /** When it was read. */
  readonly at: Date;
  readonly mine: readonly AllocationView[];
  readonly pools: readonly PoolStatus[];
  readonly quota: QuotaView | NotShown;
  /** What waits for the reader's answer; null: they are nobody who is asked. */
  readonly approvals: readonly WaitingApproval[] | NotShown | null;
}

/** Who may not use Berth sees why, and nothing else. */
export type HomeTabView = MemberHome | NotShown;
