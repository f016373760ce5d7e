// An allocation row as refusals and lists name it.
import type { Holding } from '../domain/refusal.ts';
import type { AllocationRow } from '../ledger/allocations.ts';

export function toHolding({ id, pool, deviceCount, state, leaseEndsAt }: AllocationRow): Holding {
  return { id, pool, devices: deviceCount, state, leaseEndsAt: leaseEndsAt?.toISOString() ?? null };
}
