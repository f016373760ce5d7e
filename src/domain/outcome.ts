// What a verb did, as ids and codes: kept in the inbox until its asker has been told, then worded from the ledger.
import type { LimitName } from './quota.ts';
import type { Refusal } from './refusal.ts';

/** Of a verb on one allocation. */
export type AllocationOutcome =
  | {
      readonly kind:
        | 'requested'
        | 'approved'
        | 'denied'
        | 'cancelled'
        | 'extended'
        | 'extension_asked'
        | 'releasing'
        | 'question_sent'
        | 'question_answered';
      readonly id: string;
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** What an admin changed of somebody's limits; without the reason, which may be anything. */
export interface LimitChange {
  readonly change: 'set_override' | 'revoke_override' | 'grant';
  readonly user: string;
  /** Null for a grant of budget. */
  readonly limit: LimitName | null;
  /** In the unit of the limit; of a grant milli-GPU-seconds. */
  readonly value: number | null;
  readonly until: string | null;
}

export type Outcome =
  | AllocationOutcome
  | ({ readonly kind: 'adjusted' } & LimitChange)
  /** `until`: ISO 8601 UTC. */
  | { readonly kind: 'handed_over'; readonly to: string; readonly until: string }
  | { readonly kind: 'taken_back' }
  | { readonly kind: 'revoked'; readonly number: number };

/** The allocation it is about, or null. */
export function allocationOf(outcome: Outcome): string | null {
  return 'id' in outcome ? outcome.id : null;
}
