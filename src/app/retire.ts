// Retiring: the decision that an allocation's container is to end. Its devices stay leased until the host has confirmed.
import { refuse } from '../domain/refusal.ts';
import { findAllocation, type AllocationRow } from '../ledger/allocations.ts';
import { transition } from '../ledger/transition.ts';
import type { Transaction } from '../ledger/connect.ts';
import { raiseRevision } from '../ledger/hosts.ts';

export interface Retirement {
  readonly id: string;
  readonly version?: number;
  readonly at: Date;
  readonly actor: string;
  /** Code, worded by Slack's layer: released, lease_ended, not_up_in_time, exited, out_of_memory, removed, declined. */
  readonly reason: string;
  readonly detail?: object;
  /** Nothing of what it used is charged. */
  readonly free?: boolean;
}

/** Inside a decision that holds the locks of its account and pool. Throws `too_late` when it cannot be retired any more. */
export async function retire(tx: Transaction, retirement: Retirement): Promise<AllocationRow> {
  const { id, at } = retirement;
  const found = await findAllocation(tx, id);
  if (found === null) return refuse({ code: 'no_such_allocation', id, nearest: null });
  // Without a host the guard below refuses; with one, its row is locked before the allocation's, as reports do.
  const { host } = found.allocation;
  const retiringRevision = host === null ? null : await raiseRevision(tx, host);
  return transition(tx, { ...retirement, event: 'retire', set: { retiringAt: at, retiringRevision } });
}
