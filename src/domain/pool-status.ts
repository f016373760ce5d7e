// How full a pool is, as `/gpu status` shows it.
import type { HostProblem } from './host-protocol.ts';
import type { Simulated } from './allocation-view.ts';
import type { DeviceView } from './standing-views.ts';

export interface PoolStatus {
  readonly name: string;
  readonly free: number;
  readonly leased: number;
  /** In use by somebody outside Berth, or not known to be clear. */
  readonly occupied: number;
  /** Their host is silent, not enabled, or reports a problem that blocks new containers. */
  readonly unreachable: number;
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
