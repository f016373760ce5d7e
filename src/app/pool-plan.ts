// What the scheduler plans a pool with: who waits, and on which hosts what is free or comes back when.
import { poolOfDevice, poolTerms, type Policy } from '../domain/policy.ts';
import type { HeldDevices, PlanHost, QueuedAsk } from '../domain/queue-plan.ts';
import { plusSeconds } from '../domain/time.ts';
import { hostStates } from '../domain/lifecycle.ts';
import { allocationsIn, queueOf, workedOn, type AllocationRow } from '../ledger/allocations.ts';
import type { Queries } from '../ledger/connect.ts';
import { inventory, type HostRow } from '../ledger/hosts.ts';
import { conditionOf, isOpen, isSilent } from './host-sizes.ts';

export function toQueuedAsk({ id, deviceCount, onHost, minDriver, durationSeconds, until, memberId }: AllocationRow): QueuedAsk {
  return { id, devices: deviceCount, host: onHost, minDriver, durationSeconds, until, member: memberId };
}

/** The first `limit` of those who wait for what the policy offers as this pool now; nobody for a pool that it has no longer. */
export async function poolQueue(
  queries: Queries,
  policy: Policy,
  pool: string,
  range: { readonly at: Date; readonly limit?: number },
): Promise<AllocationRow[]> {
  const terms = poolTerms(policy).find(({ name }) => name === pool);
  return terms === undefined ? [] : queueOf(queries, terms, range);
}

/** Every host as this pool's plan sees it; `queue` says whose workspaces matter. */
export async function planHosts(
  queries: Queries,
  policy: Policy,
  { pool, queue }: { readonly pool: string; readonly queue: readonly Pick<AllocationRow, 'memberId'>[] },
  at: Date,
): Promise<PlanHost[]> {
  const { hosts, devices } = await inventory(queries);
  const hosted = (await allocationsIn(queries, hostStates)).map(({ allocation }) => allocation);
  const worked = await workedOn(queries, [...new Set(queue.map(({ memberId }) => memberId))]);
  return hosts.map((host) => {
    const own = devices.filter((device) => device.host === host.name && poolOfDevice(policy, device) === pool);
    const here = hosted.filter((allocation) => allocation.host === host.name);
    const held = here.flatMap((allocation): HeldDevices[] => {
      const count = own.filter(({ leasedTo }) => leasedTo === allocation.id).length;
      return count === 0 ? [] : [{ allocation: allocation.id, devices: count, endsAt: endOf(allocation, host, at) }];
    });
    return {
      name: host.name,
      driver: host.driver,
      open: isOpen(host, at),
      free: own.filter((device) => conditionOf(device, host, at) === 'free'),
      held,
      containers: here.length,
      workspaces: new Set(worked.filter((one) => one.host === host.name).map(({ memberId }) => memberId)),
    };
  });
}

/** When its devices come back, by what was promised; null while nobody hears from its host. */
export function endOf({ placedAt, durationSeconds, until, leaseEndsAt, retiringAt }: AllocationRow, host: HostRow, at: Date): Date | null {
  if (isSilent(host, at)) return null;
  return retiringAt ?? leaseEndsAt ?? until ?? (placedAt === null ? null : plusSeconds(placedAt, durationSeconds));
}
