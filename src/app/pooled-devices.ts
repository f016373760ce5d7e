// Which pool each device is shown with: the policy's, or, where that has none for it any more, the one that it was leased as.
import { poolOfDevice, type Policy } from '../domain/policy.ts';
import type { HeldAllocation } from '../ledger/allocations.ts';
import type { LiveDevice } from '../ledger/hosts.ts';

export interface PooledDevice {
  readonly device: LiveDevice;
  readonly pool: string;
  /** Who holds it, or null. */
  readonly holder: HeldAllocation | null;
}

/** Without devices that are of no pool and that nobody holds. */
export function pooledDevices(policy: Policy, devices: readonly LiveDevice[], held: readonly HeldAllocation[]): PooledDevice[] {
  const holders = new Map(held.map((one) => [one.allocation.id, one]));
  return devices.flatMap((device) => {
    const holder = holders.get(device.leasedTo ?? '') ?? null;
    const pool = poolOfDevice(policy, device) ?? holder?.allocation.pool ?? null;
    return pool === null ? [] : [{ device, pool, holder }];
  });
}
