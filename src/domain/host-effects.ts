// What a host's report changes in the ledger: from one allocation's row and what its host observed, at most one event.
import type { EndCause, FailureCode, ObservedAllocation } from './host-protocol.ts';
import type { State } from './lifecycle.ts';

/** The row of an allocation, as far as a report can change it. */
export interface HostedAllocation {
  readonly id: string;
  readonly state: State;
  readonly fence: number;
  /** Desired revision of the host that first named it running, and the one that first named it stopped (null: not yet). */
  readonly addedRevision: number;
  readonly retiringRevision: number | null;
}

export type HostEffect =
  | { readonly event: 'started'; readonly containerName: string }
  | { readonly event: 'failed'; readonly code: FailureCode; readonly detail: string }
  | { readonly event: 'retire'; readonly cause: EndCause; readonly exitCode: number | null }
  | { readonly event: 'freed' };

/**
 * Null when the report says nothing new about it. A report that has not yet taken over the list that named the allocation
 * (or that named it stopped) proves nothing: late reports must not free or end anything.
 */
export function effectOf(row: HostedAllocation, seen: ObservedAllocation | undefined, appliedRevision: number): HostEffect | null {
  if (seen === undefined || !isAbout(row, seen, appliedRevision)) return null;
  switch (row.state) {
    case 'placed':
      if (seen.status === 'running') return { event: 'started', containerName: seen.containerName };
      if (seen.status === 'failed') return { event: 'failed', code: seen.code, detail: seen.detail };
      return seen.status === 'ended' ? { event: 'retire', cause: seen.cause, exitCode: seen.exitCode } : null;
    case 'active':
      if (seen.status === 'ended') return { event: 'retire', cause: seen.cause, exitCode: seen.exitCode };
      return seen.status === 'failed' ? { event: 'retire', cause: 'removed', exitCode: null } : null;
    case 'retiring': {
      const told = row.retiringRevision !== null && appliedRevision >= row.retiringRevision;
      return told && (seen.status === 'stopped' || seen.status === 'failed') ? { event: 'freed' } : null;
    }
    default:
      return null;
  }
}

/** False for a report of an earlier placement, or of a host that has not taken over the list that named this one. */
export function isAbout(
  { fence, addedRevision }: Pick<HostedAllocation, 'fence' | 'addedRevision'>,
  seen: ObservedAllocation,
  appliedRevision: number,
): boolean {
  return seen.fence === fence && appliedRevision >= addedRevision;
}

/** Memory in use on a device that Berth's containers do not explain, above which the device counts as occupied. */
const OCCUPIED_ABOVE_MIB = 500;
/** Clear reports in a row until an occupied device may be leased again. */
export const CLEAR_REPORTS = 2;

/** What a report says of the use of a device outside Berth. */
export const occupancies = ['clear', 'occupied', 'unknown'] as const;
export type Occupancy = (typeof occupancies)[number];

export function occupancyOf(seen: { readonly foreign: readonly unknown[]; readonly foreignMemoryMib: number | null }): Occupancy {
  if (seen.foreign.length > 0) return 'occupied';
  if (seen.foreignMemoryMib === null) return 'unknown';
  return seen.foreignMemoryMib > OCCUPIED_ABOVE_MIB ? 'occupied' : 'clear';
}

/** The next count of clear reports: 0 = occupied or unknown, so not to be leased. A device seen for the first time may start clear. */
export function clearReports(previous: number | null, seen: Parameters<typeof occupancyOf>[0]): number {
  if (occupancyOf(seen) !== 'clear') return 0;
  return previous === null ? CLEAR_REPORTS : Math.min(CLEAR_REPORTS, previous + 1);
}
