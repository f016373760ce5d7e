// An allocation as people are shown it: everything a card or message says, projected from the ledger.
import type { ApprovalView } from './approval-view.ts';
import type { Event, State } from './lifecycle.ts';
import type { AskedFirst } from './lowering.ts';

/** What about a host is not real; shown, never hidden. */
export interface Simulated {
  readonly engine: boolean;
  readonly gpus: boolean;
}

export interface AllocationView {
  readonly id: string;
  readonly version: number;
  readonly state: State;
  readonly holder: { readonly user: string; readonly zone: string; readonly unixId: number };
  readonly pool: string;
  readonly devices: number;
  readonly image: string;
  readonly purpose: string;
  readonly durationSeconds: number;
  readonly until: Date | null;
  readonly requestedAt: Date;
  readonly lapsesAt: Date;
  readonly leaseEndsAt: Date | null;
  /** By what a click extends it. */
  readonly extensionSeconds: number;
  readonly host: string | null;
  /** Of its host; while it has none, what is so on every host that offers the pool. */
  readonly simulated: Simulated;
  /** The devices leased to it, now or until it ended. */
  readonly leased: readonly { readonly uuid: string; readonly index: number; readonly model: string }[];
  readonly containerName: string | null;
  /** `member:U…`, `clock`, `scheduler` or `host:NAME`, of the last change. */
  readonly changedBy: string;
  readonly changedAt: Date;
  /** Code of the last change's reason, or null. */
  readonly reason: string | null;
  readonly history: readonly { readonly event: Event; readonly at: Date; readonly actor: string; readonly reason: string | null }[];
  /** The holder's concurrent use with this allocation counted, and the limit, in milli-GPU. */
  readonly usedMilli: number;
  readonly limitMilli: number | null;
  readonly poolDevices: { readonly free: number; readonly total: number };
  /** Requests of the same pool that are served before this one while it waits. */
  readonly ahead: number;
  /** Its earliest start by the lease ends that are known, while it waits for a place; null: at once, or it cannot be told. */
  readonly startsAt: Date | null;
  /** The question to the approvers whether it may start, open or answered; null: nobody was asked. */
  readonly approval: ApprovalView | null;
  /** What was asked for, where less than that was approved; else null. */
  readonly asked: AskedFirst | null;
}
