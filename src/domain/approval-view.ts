// A question to the approvers as people are shown it: what approving would do, who was asked and when who comes next, and what was said.
import type { ApprovalKind, ApprovalState, Due, VoteKind } from './approvals.ts';
import type { Delay } from './delays.ts';

/** Two numbers of one gauge, and what it may come to; null: no limit. */
export interface BeforeAfter {
  readonly before: number;
  readonly after: number;
  readonly limit: number | null;
}

export interface Consequences {
  /** Where it would start if it were approved now; `at` null: it cannot be told. Of an extension: null. */
  readonly start: {
    readonly at: Date | null;
    readonly now: boolean;
    readonly host: string | null;
    readonly gpus: readonly number[];
  } | null;
  /** Requests before it in line. */
  readonly ahead: number;
  /** Of an extension: the end it has and the one it would have. */
  readonly end: { readonly before: Date; readonly after: Date } | null;
  readonly delays: readonly (Delay & { readonly holder: string })[];
  /** Milli-GPU at once. */
  readonly gpus: BeforeAfter;
  /** Milli-GPU-seconds of this period, null: it costs none. */
  readonly budget: BeforeAfter | null;
  /** Devices of the pool. */
  readonly free: { readonly before: number; readonly after: number; readonly total: number };
  /** What the requester made of what they were granted before, milli-GPU-seconds; null: nothing to go by. */
  readonly record: { readonly granted: number; readonly used: number; readonly containers: number } | null;
  /** Another pool where as many are free on one host now, for less; thousandths of what this one costs. */
  readonly cheaper: { readonly pool: string; readonly memoryGib: number; readonly costMilli: number } | null;
}

export interface VoteView {
  readonly user: string;
  readonly kind: VoteKind;
  readonly at: Date;
  readonly onBehalfOf: string | null;
  readonly words: string | null;
  readonly answer: string | null;
}

export interface ApprovalView {
  readonly id: number;
  readonly kind: ApprovalKind;
  readonly state: ApprovalState;
  readonly askedAt: Date;
  readonly lapsesAt: Date;
  readonly closedAt: Date | null;
  /** Its time to lapse was longer than the policy's, since only working time counts. */
  readonly lapseSkips: boolean;
  readonly extendSeconds: number | null;
  /** Users who may answer now, and groups that could not be read; nobody once it is closed. */
  readonly asked: readonly string[];
  /** What comes while nobody answers, with whom. */
  readonly dues: readonly (Due & { readonly names: readonly string[] })[];
  /** A question waits for the requester's answer. */
  readonly paused: boolean;
  readonly votes: readonly VoteView[];
  /** While it is open. */
  readonly consequences: Consequences | null;
}
