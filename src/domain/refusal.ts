// Why a verb said no: a code and the numbers behind it. The words are Slack's layer's.
import type { ApprovalState } from './approvals.ts';
import type { Delay } from './delays.ts';
import type { Event, State } from './lifecycle.ts';
import type { LimitName, LimitSource } from './quota.ts';

/** One of the asker's own allocations, as far as a refusal has to show it. */
export interface Holding {
  readonly id: string;
  readonly pool: string;
  readonly devices: number;
  readonly state: State;
  /** ISO 8601 UTC: refusals are kept as JSON in the inbox. */
  readonly leaseEndsAt: string | null;
}

export type Refusal =
  | { readonly code: 'unknown_person' }
  | { readonly code: 'not_a_member'; readonly why: 'stranger' | 'guest' | 'bot' | 'deactivated' | 'not_listed' }
  | { readonly code: 'unknown_pool'; readonly name: string; readonly nearest: string | null; readonly pools: readonly string[] }
  | { readonly code: 'unknown_image'; readonly name: string; readonly nearest: string | null; readonly images: readonly string[] }
  | { readonly code: 'no_pool_fits'; readonly devices: number; readonly memoryMibMin: number | null; readonly pools: readonly string[] }
  | {
      readonly code: 'over_request_cap';
      readonly pool: string;
      readonly asked: number;
      readonly askedMilli: number;
      readonly capMilli: number;
      readonly deviceMilli: number;
      readonly source: LimitSource;
    }
  | {
      readonly code: 'over_member_limit';
      readonly askedMilli: number;
      readonly heldMilli: number;
      readonly limitMilli: number;
      readonly source: LimitSource;
      readonly holding: readonly Holding[];
    }
  | {
      readonly code: 'over_team_limit';
      readonly team: string;
      readonly askedMilli: number;
      readonly heldMilli: number;
      readonly limitMilli: number;
    }
  | {
      readonly code: 'over_budget';
      /** Null: the asker's own budget. */
      readonly team: string | null;
      /** Milli-GPU-seconds, all three. */
      readonly asked: number;
      readonly committed: number;
      readonly limit: number;
      /** ISO 8601 UTC. */
      readonly refillsAt: string;
    }
  | { readonly code: 'too_many_open'; readonly limit: number; readonly holding: readonly Holding[] }
  | { readonly code: 'too_fast'; readonly perMinute: number }
  | { readonly code: 'over_cpu_limit'; readonly held: number; readonly limit: number; readonly holding: readonly Holding[] }
  | {
      readonly code: 'duration_too_long';
      readonly pool: string;
      readonly askedSeconds: number;
      readonly maxSeconds: number;
      /** Null: the pool's own maximum; else the member's limit, and where it comes from. */
      readonly source: LimitSource | null;
    }
  | {
      readonly code: 'never_fits';
      readonly pool: string;
      readonly asked: number;
      readonly biggestHost: number;
      readonly host: string | null;
    }
  | { readonly code: 'not_longer'; readonly id: string; readonly endsAt: string }
  | {
      readonly code: 'extension_too_long';
      readonly id: string;
      readonly pool: string;
      /** From now to the end that was asked for. */
      readonly askedSeconds: number;
      readonly maxSeconds: number;
      /** As in `duration_too_long`. */
      readonly source: LimitSource | null;
    }
  /** Of an extension: the policy has its pool no longer. */
  | { readonly code: 'pool_gone'; readonly id: string; readonly pool: string; readonly endsAt: string }
  | {
      readonly code: 'over_extension';
      readonly askedSeconds: number;
      readonly usedSeconds: number;
      readonly perWeek: number;
      readonly refillsAt: string;
    }
  | { readonly code: 'would_delay'; readonly id: string; readonly delays: readonly Delay[] }
  | { readonly code: 'image_for_batch'; readonly name: string }
  | {
      readonly code: 'driver_too_old';
      readonly pool: string;
      readonly image: string;
      readonly minDriver: string;
      /** Of the hosts that have the pool; null: unknown there. */
      readonly drivers: readonly (string | null)[];
    }
  | { readonly code: 'no_approver'; readonly pool: string }
  /** Slack did not tell who is in this team, which may be the one that pays. */
  | { readonly code: 'payer_unknown'; readonly team: string }
  /** `pool`: one that exists, for the example. */
  | { readonly code: 'batch_not_yet'; readonly pool: string }
  | { readonly code: 'until_past'; readonly until: string }
  | { readonly code: 'no_such_allocation'; readonly id: string; readonly nearest: string | null }
  | { readonly code: 'nothing_held'; readonly verb: 'release' | 'cancel' | 'extend' | 'again' | 'why' }
  | { readonly code: 'which_one'; readonly verb: 'release' | 'cancel' | 'extend'; readonly holding: readonly Holding[] }
  | { readonly code: 'not_yours'; readonly id: string }
  | { readonly code: 'not_approver' }
  /** Slack did not tell who is in these groups, of which the asker may be. */
  | { readonly code: 'approvers_unreadable'; readonly groups: readonly string[] }
  | { readonly code: 'not_lower'; readonly what: 'devices' | 'seconds'; readonly wanted: number; readonly asked: number }
  /** What would be approved is not possible any more, or never was. */
  | { readonly code: 'not_approvable'; readonly refusal: Refusal }
  /** Whether it may be extended is before the approvers already. */
  | { readonly code: 'asked_already'; readonly id: string; readonly lapsesAt: string }
  | {
      readonly code: 'extension_answered';
      readonly id: string;
      readonly state: ApprovalState;
      /** Null: nobody answered. */
      readonly by: string | null;
      readonly at: string;
    }
  | { readonly code: 'question_open'; readonly id: string }
  | { readonly code: 'no_question'; readonly id: string }
  | { readonly code: 'hand_over_too_long'; readonly days: number }
  | { readonly code: 'nothing_handed_over' }
  | { readonly code: 'no_standing_approval'; readonly number: number }
  | { readonly code: 'decline_over'; readonly id: string; readonly until: string }
  | { readonly code: 'not_admin' }
  | { readonly code: 'no_such_member'; readonly user: string }
  | { readonly code: 'no_such_team'; readonly name: string; readonly nearest: string | null }
  | { readonly code: 'not_visible'; readonly what: 'member' | 'team' | 'allocation' }
  | { readonly code: 'no_override'; readonly user: string; readonly limit: LimitName }
  /** Milli-GPU-seconds that a balance may have, either way. */
  | { readonly code: 'beyond_counting'; readonly user: string; readonly most: number }
  | { readonly code: 'own_request' }
  | {
      readonly code: 'too_late';
      readonly event: Event;
      readonly id: string;
      readonly state: State;
      readonly by: string | null;
      readonly at: string;
    }
  | { readonly code: 'outdated_card'; readonly id: string }
  | { readonly code: 'gave_up'; readonly attempts: number }
  | { readonly code: 'busy' };

/** Thrown by verbs; caught in exactly one place per adapter. Anything else that is thrown is a bug or an outage. */
export class RefusalError extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(`refused: ${refusal.code}`);
    this.name = 'RefusalError';
    this.refusal = refusal;
  }
}

export function refuse(refusal: Refusal): never {
  throw new RefusalError(refusal);
}
