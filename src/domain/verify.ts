// What verification reads of the ledger, and what it says when a rule does not hold. Source of the rules: docs/architecture.md, "The ledger".
import type { EntryKind } from './journal.ts';
import type { State } from './lifecycle.ts';
import type { ExtensionBasis, RequestBasis } from './request-basis.ts';

export interface Discrepancy {
  readonly rule: 'history' | 'leases' | 'capacity' | 'limit' | 'budget' | 'journal' | 'balance' | 'delivery';
  /** The allocation, account, device or delivery it is about. */
  readonly about: string;
  readonly found: string;
}

/** An allocation with everything that was written about it, each by sequence. */
export interface VerifiedAllocation {
  readonly id: string;
  readonly memberId: number;
  readonly team: string | null;
  readonly state: State;
  readonly version: number;
  readonly devices: number;
  readonly capacityMilli: number;
  readonly chargeMilli: number;
  readonly durationSeconds: number;
  readonly until: Date | null;
  readonly host: string | null;
  readonly fence: number | null;
  readonly activeAt: Date | null;
  readonly leaseEndsAt: Date | null;
  readonly retiringAt: Date | null;
  readonly events: readonly VerifiedEvent[];
  readonly leases: readonly VerifiedLease[];
  readonly entries: readonly VerifiedEntry[];
}

export interface VerifiedEvent {
  readonly event: string;
  readonly from: State | null;
  readonly to: State;
  readonly version: number;
  readonly at: Date;
  readonly detail: unknown;
}

interface VerifiedLease {
  readonly device: string;
  /** Of the device. */
  readonly host: string;
  readonly model: string;
  /** The card that it is a slice of. */
  readonly parent: string | null;
  readonly fence: number;
  readonly live: boolean;
}

export interface VerifiedEntry {
  readonly sequence: number;
  readonly account: string;
  readonly kind: EntryKind;
  readonly amount: number;
  /** As in "week of 2026-03-02". */
  readonly period: string;
  readonly at: Date;
  /** Moved by the clock into a new period. */
  readonly rolledOver: boolean;
}

/** A step of an allocation as its accounts see it; null where there is no such allocation. */
export interface GaugeChange {
  readonly allocationId: string;
  readonly event: string;
  readonly from: State | null;
  readonly to: State;
  readonly at: Date;
  /** Of the first step, of an approval and of extensions; else null. */
  readonly detail: unknown;
  readonly allocation:
    | (Pick<VerifiedAllocation, 'memberId' | 'team' | 'devices' | 'capacityMilli' | 'chargeMilli' | 'durationSeconds'> & {
        readonly pool: string;
      })
    | null;
}

/** An entry as its account sees it. */
export interface BudgetChange extends Pick<VerifiedEntry, 'sequence' | 'account' | 'kind' | 'amount' | 'period'> {
  /** What it was set aside by: the event of a request or of an extension; null for all else. */
  readonly detail: unknown;
}

/** What an account has reached, or is said to have used, in a period. */
export interface AccountPeriod {
  readonly account: string;
  readonly period: string;
}

/** A delivery that was recorded as having made this allocation, and how often that allocation is recorded so. */
export interface MadeByDelivery {
  readonly key: string;
  readonly user: string;
  readonly allocationId: string;
  readonly times: number;
  /** Slack user id of the allocation's holder; null where there is no such allocation. */
  readonly holder: string | null;
}

/** Each request was made by one delivery, of the one who holds it. */
export function verifyDelivery({ key, user, allocationId, times, holder }: MadeByDelivery): Discrepancy | null {
  const say = (found: string): Discrepancy => ({ rule: 'delivery', about: key, found });
  if (holder === null) return say(`it made ${allocationId}, which the ledger does not have`);
  if (times > 1) return say(`${allocationId} was made by ${times} deliveries`);
  return holder === user ? null : say(`${user} sent it; ${allocationId} is held by ${holder}`);
}

export function hasBasis(detail: unknown): detail is RequestBasis {
  return typeof detail === 'object' && detail !== null && 'policyVersion' in detail;
}

/** What the event of an extension says. */
export interface ExtensionDetail extends ExtensionBasis {
  readonly seconds: number;
  readonly endsAt: string;
}

export function hasExtensionBasis(detail: unknown): detail is ExtensionDetail {
  return hasBasis(detail) && 'extendedSeconds' in detail;
}
