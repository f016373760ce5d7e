// Leases: which allocation holds which device. The index one_live_lease_per_device has the last word.
import { and, asc, eq, isNull, sql } from 'drizzle-orm';
import type { Queries, Transaction } from './connect.ts';
import { devices, leases } from './schema.ts';

/** The next fence; higher than every one before, on all hosts. */
export async function nextFence(tx: Transaction): Promise<number> {
  const [row] = await tx.execute<{ fence: string }>(sql`select nextval('fences') as fence`);
  return Number(row?.fence);
}

/** Throws PostgreSQL's unique_violation when any of them is leased already. */
export async function lease(tx: Transaction, allocationId: string, uuids: readonly string[], fence: number, at: Date): Promise<void> {
  if (uuids.length === 0) return;
  await tx.insert(leases).values(uuids.map((device) => ({ allocationId, device, fence, leasedAt: at })));
}

export async function releaseLeases(tx: Transaction, allocationId: string, at: Date): Promise<void> {
  await tx
    .update(leases)
    .set({ releasedAt: at })
    .where(and(eq(leases.allocationId, allocationId), isNull(leases.releasedAt)));
}

/** The devices an allocation holds or held, by their index on the host. */
export async function devicesOf(queries: Queries, allocationId: string) {
  return queries
    .select({ uuid: devices.uuid, index: devices.index, model: devices.model })
    .from(leases)
    .innerJoin(devices, eq(devices.uuid, leases.device))
    .where(eq(leases.allocationId, allocationId))
    .orderBy(asc(devices.index));
}
