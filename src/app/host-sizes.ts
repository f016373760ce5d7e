// The hosts as decisions see them: how big they are, and what can be done with a device right now.
import type { Simulated } from '../domain/allocation-view.ts';
import type { HostSize } from '../domain/decide-request.ts';
import { CLEAR_REPORTS } from '../domain/host-effects.ts';
import { poolOfDevice, type Policy } from '../domain/policy.ts';
import type { DeviceCondition } from '../domain/standing-views.ts';
import { plusSeconds } from '../domain/time.ts';
import type { Queries } from '../ledger/connect.ts';
import { enabledDevices, type HostRow, type LiveDevice } from '../ledger/hosts.ts';

/** A host silent for longer is not given new work. */
const SILENT_AFTER_SECONDS = 90;
/** Reports may be a little ahead of whoever looks: of another bot, or taken while a decision waited. */
const AHEAD_SECONDS = 15;

/** What can be done with a device now; fails towards not leasing it. */
export function conditionOf(device: LiveDevice, host: HostRow | undefined, at: Date): DeviceCondition {
  if (device.leasedTo !== null || device.leasedOtherwise) return 'leased';
  if (host === undefined || isSilent(host, at) || !device.present) return 'unreachable';
  if (host.mode === 'draining') return 'draining';
  if (host.mode === 'observe') return 'observed';
  if (!isOpen(host, at)) return 'unreachable';
  if (device.occupancy === 'occupied') return 'occupied';
  return device.clearReports < CLEAR_REPORTS ? 'suspect' : 'free';
}

/** A host speaks while its last report is from between these; one from later is from before the clock was set back, and says nothing. */
export function heardAt(at: Date): { readonly from: Date; readonly to: Date } {
  return { from: plusSeconds(at, -SILENT_AFTER_SECONDS), to: plusSeconds(at, AHEAD_SECONDS) };
}

/** What runs there keeps its devices, but nobody knows whether it still runs. */
export function isSilent({ lastReportAt }: HostRow, at: Date): boolean {
  const { from, to } = heardAt(at);
  return lastReportAt === null || lastReportAt < from || lastReportAt > to;
}

/** May be given new work. */
export function isOpen(host: HostRow, at: Date): boolean {
  return !isSilent(host, at) && host.mode === 'enabled' && !host.problems.some(({ blocking }) => blocking);
}

/** What is so on each of these hosts; nothing where there are none. */
export function simulatedOf(hosts: readonly HostRow[]): Simulated {
  const everywhere = (is: (host: HostRow) => boolean) => hosts.length > 0 && hosts.every(is);
  return { engine: everywhere(({ engine }) => engine.startsWith('simulated')), gpus: everywhere(({ gpus }) => gpus === 'simulated') };
}

/** Every enabled host with its devices per pool, whether they are free or not. */
export async function hostSizes(queries: Queries, policy: Policy): Promise<HostSize[]> {
  const sizes = new Map<string, { readonly driver: string | null; readonly devices: Map<string, number> }>();
  for (const { host, driver, labels, model, memoryMib, count } of await enabledDevices(queries)) {
    const { devices } = sizes.get(host) ?? { devices: new Map<string, number>() };
    sizes.set(host, { driver, devices });
    const pool = model === null || memoryMib === null ? null : poolOfDevice(policy, { host, labels, model, memoryMib });
    if (pool !== null) devices.set(pool, (devices.get(pool) ?? 0) + count);
  }
  return [...sizes].map(([name, size]) => ({ name, ...size }));
}
