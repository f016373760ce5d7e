// How full a pool is, as `/gpu status` shows it.
import type { HostProblem } from './host-protocol.ts';
import type { Simulated } from './allocation-view.ts';
import type { DeviceCondition, DeviceView } from './standing-views.ts';

/** How many devices are in each condition. */
type Counts = Readonly<Record<DeviceCondition, number>>;

export interface PoolStatus extends Counts {
  readonly name: string;
  /** False: the policy has it no longer, and it is shown for what is still held of it. */
  readonly offered: boolean;
  readonly waiting: number;
  /** By host and index. */
  readonly devices: readonly DeviceView[];
  /** What keeps hosts of the pool from taking new containers. */
  readonly troubles: readonly { readonly host: string; readonly code: HostProblem['code'] }[];
  /** Hosts with devices of the pool that are not real, or not wholly. */
  readonly simulated: readonly ({ readonly host: string } & Simulated)[];
  /** Strangers' processes on devices of the pool, as the host saw them. */
  readonly strangers: readonly { readonly host: string; readonly index: number; readonly owner: string | null; readonly command: string }[];
}
