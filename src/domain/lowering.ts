// Approving less than was asked: fewer devices, a shorter time; never more. Pure.
import type { ContainerLimits } from './host-protocol.ts';
import type { Refusal } from './refusal.ts';
import { plusSeconds } from './time.ts';

export interface Lowerable {
  readonly deviceCount: number;
  readonly capacityMilli: number;
  readonly chargeMilli: number;
  readonly durationSeconds: number;
  readonly until: Date | null;
  readonly limits: ContainerLimits;
}

/** What was asked at first, kept in the event of the approval: the request itself was decided and paid by it. */
export interface AskedFirst {
  readonly devices: number;
  readonly capacityMilli: number;
  readonly chargeMilli: number;
  readonly durationSeconds: number;
}

export interface Lowered {
  readonly changed: boolean;
  /** Of the allocation's row. Empty for an extension. */
  readonly set: Partial<Lowerable>;
  readonly asked: AskedFirst;
  /** Milli-GPU-seconds held for more than is granted now. */
  readonly giveBack: number;
  /** Of an extension: by how much; else null. */
  readonly seconds: number | null;
}

/** `extendSeconds`: of a question about an extension, else null. What `to` leaves out is as asked. */
export function lowered(
  row: Lowerable,
  extendSeconds: number | null,
  to: { readonly devices?: number | undefined; readonly seconds?: number | undefined },
  at: Date,
): Lowered | Refusal {
  const { deviceCount, capacityMilli, chargeMilli, durationSeconds, until, limits } = row;
  const asked: AskedFirst = { devices: deviceCount, capacityMilli, chargeMilli, durationSeconds };
  const most = extendSeconds ?? durationSeconds;
  const seconds = to.seconds ?? most;
  const devices = to.devices ?? deviceCount;
  if (seconds > most) return { code: 'not_lower', what: 'seconds', wanted: seconds, asked: most };
  if (devices > deviceCount || (extendSeconds !== null && devices !== deviceCount)) {
    return { code: 'not_lower', what: 'devices', wanted: devices, asked: deviceCount };
  }
  const changed = seconds < most || devices < deviceCount;
  if (extendSeconds !== null || !changed) return { changed, set: {}, asked, giveBack: 0, seconds: extendSeconds === null ? null : seconds };
  // Each device brings the same share of everything, so all of it divides evenly.
  const share = (whole: number) => (deviceCount === 0 ? whole : Math.floor((whole * devices) / deviceCount));
  const charge = share(chargeMilli);
  return {
    changed,
    asked,
    giveBack: chargeMilli * durationSeconds - charge * seconds,
    seconds: null,
    set: {
      deviceCount: devices,
      capacityMilli: share(capacityMilli),
      chargeMilli: charge,
      durationSeconds: seconds,
      until: until === null || seconds === durationSeconds ? until : sooner(until, plusSeconds(at, seconds)),
      limits: { ...limits, cpuMilli: share(limits.cpuMilli), memoryMib: share(limits.memoryMib), shmMib: share(limits.shmMib) },
    },
  };
}

/** A fixed end stays one: whoever is given less time ends so long after the approval at the latest, and never later than they asked. */
function sooner(one: Date, other: Date): Date {
  return one < other ? one : other;
}
