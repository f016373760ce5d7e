// Desired containers × what the host has × what the agent remembers → the steps to take and the state to report. Pure.
import type { DesiredContainer, EndCause, FailureCode, ObservedAllocation, Orphan } from './host-protocol.ts';

/** `created` never ran; `exited` ran and does not run now; `removing` is on its way out. */
type ContainerPhase = 'created' | 'running' | 'exited' | 'removing';

/** One container with this ledger's and this host's labels, as the engine shows it. */
export type HostContainer = {
  readonly id: string;
  readonly name: string;
  readonly allocation: string;
  readonly fence: number;
  readonly phase: ContainerPhase;
  /** `uid:gid` it was created with. */
  readonly user: string;
  /** UUIDs bound to it, sorted. */
  readonly devices: readonly string[];
  /** ISO 8601, null when it never ran. */
  readonly startedAt: string | null;
  readonly exitCode: number | null;
  readonly outOfMemory: boolean;
  /** What the engine says about its end, in its words. */
  readonly detail: string;
  /** It has ended, left no GPU process, and could not be removed so far. */
  readonly released: boolean;
};

export type Failure = { readonly fence: number; readonly code: FailureCode; readonly detail: string };

/** What outlives a step: by allocation the fence that ran here and the last failure, by device UUID the highest fence. */
export type HostMemory = {
  readonly started: ReadonlyMap<string, number>;
  readonly failures: ReadonlyMap<string, Failure>;
  readonly fences: ReadonlyMap<string, number>;
};

export type Step =
  | { readonly kind: 'create'; readonly want: DesiredContainer }
  | { readonly kind: 'start'; readonly want: DesiredContainer; readonly container: string }
  | { readonly kind: 'stop'; readonly container: string; readonly graceSeconds: number }
  | { readonly kind: 'await_gpus'; readonly container: string; readonly devices: readonly string[] }
  | { readonly kind: 'remove'; readonly container: string }
  /** Clears away what is left of this fence, then remembers the failure. */
  | { readonly kind: 'discard'; readonly want: DesiredContainer; readonly code: FailureCode; readonly detail: string };

/** Steps of one allocation, in order. `goal` changes when the list changes its mind: work for another goal is to be given up. */
export type Plan = { readonly allocation: string; readonly goal: string; readonly steps: readonly Step[] };

export type Reconciliation = {
  readonly plans: readonly Plan[];
  readonly allocations: readonly ObservedAllocation[];
  readonly orphans: readonly Orphan[];
};

export type ReconcileInput = {
  readonly desired: readonly DesiredContainer[];
  readonly observed: readonly HostContainer[];
  readonly memory: HostMemory;
  /** Allocations a worker was busy with at any time since the observation began, and with what: what was seen may be out of date. */
  readonly busy: ReadonlyMap<string, string>;
};

/** Every container has this name, so that a person can type it and a second one of the same allocation cannot exist. */
export function containerName(allocation: string): string {
  return `berth-${allocation}`;
}

/** Identifies what is wanted of an allocation: two equal goals need the same work. */
export function goalOf(want: DesiredContainer): string {
  return `${want.wanted}:${want.fence}`;
}

/** A container is only ever stopped or removed because `desired` names its allocation; all others are orphans. */
export function reconcile(input: ReconcileInput): Reconciliation {
  const named = new Set(input.desired.map((want) => want.allocation));
  const verdicts = input.desired.map((want) => judge(want, input));
  const strangers = input.observed.filter((container) => !named.has(container.allocation));
  return {
    plans: verdicts.flatMap(({ want, steps }) => (steps.length === 0 ? [] : [{ allocation: want.allocation, goal: goalOf(want), steps }])),
    allocations: verdicts.map((verdict) => verdict.report),
    orphans: [...strangers, ...verdicts.flatMap((verdict) => verdict.orphans)].map(asOrphan),
  };
}

type Verdict = {
  readonly want: DesiredContainer;
  readonly report: ObservedAllocation;
  readonly steps: readonly Step[];
  readonly orphans: readonly HostContainer[];
};

function judge(want: DesiredContainer, input: ReconcileInput): Verdict {
  const mine = input.observed.filter((container) => container.allocation === want.allocation);
  const newer = mine.filter((container) => container.fence > want.fence);
  const work = input.busy.get(want.allocation);
  // States that let the bot free devices or end a lease are not said while a worker may still change them.
  const verdict = (report: ObservedAllocation, steps: readonly Step[] = [], orphans: readonly HostContainer[] = newer): Verdict =>
    work === undefined
      ? { want, report, steps, orphans }
      : { want, report: report.status === 'running' ? report : pending(want, work), steps: [], orphans };
  switch (want.wanted) {
    case 'stopped': {
      if (newer.length > 0) return verdict(pending(want, 'a container with a newer fence exists'));
      const steps = mine.flatMap((container) => clear(container, want.stopGraceSeconds));
      // Removed, as a rule, before it is called stopped: once called so it may leave the list, and with it our right to remove it.
      const settled = mine.every((container) => container.phase !== 'running' && container.released);
      return verdict(settled ? { ...ids(want), status: 'stopped' } : pending(want, 'stopping'), steps);
    }
    case 'running':
      return judgeRunning(want, mine, newer, input, verdict);
  }
}

function judgeRunning(
  want: DesiredContainer,
  mine: readonly HostContainer[],
  newer: readonly HostContainer[],
  { memory }: ReconcileInput,
  verdict: (report: ObservedAllocation, steps?: readonly Step[], orphans?: readonly HostContainer[]) => Verdict,
): Verdict {
  const remembered = memory.failures.get(want.allocation);
  const failure = remembered?.fence === want.fence ? remembered : undefined;
  const older = mine.filter((container) => container.fence < want.fence);
  const clearOlder = older.flatMap((container) => clear(container, want.stopGraceSeconds));
  const [current, ...twins] = mine.filter((container) => container.fence === want.fence).toSorted(byOurName(want));
  const orphans = [...newer, ...twins];
  if (current !== undefined && failure !== undefined) {
    return verdict(pending(want, 'clearing away a failed container'), clear(current, 0), orphans);
  }
  if (current === undefined) {
    const end = failed(want, failure, staleFence(want, newer, memory)) ?? removed(want, memory);
    if (end === null) return verdict(pending(want, 'starting'), [...clearOlder, { kind: 'create', want }, start(want)]);
    // An older container may still hold the same GPUs: while it is there, nothing is said that gives them on.
    return older.length > 0 ? verdict(pending(want, 'clearing away an older container'), clearOlder) : verdict(end);
  }
  const difference = differenceFrom(want, current);
  if (difference !== null) {
    return verdict(
      pending(want, 'removing a wrong container'),
      [{ kind: 'discard', want, code: 'engine_failed', detail: difference }],
      orphans,
    );
  }
  switch (current.phase) {
    case 'created':
      return verdict(pending(want, 'starting'), [...clearOlder, start(want, current.id)], orphans);
    case 'running':
      return verdict(running(want, current), clearOlder, orphans);
    case 'exited':
      return verdict(ended(want, current), clearOlder, orphans);
    case 'removing':
      return verdict(pending(want, 'being removed'), clearOlder, orphans);
  }
}

function clear(container: HostContainer, graceSeconds: number): Step[] {
  const { id, devices } = container;
  switch (container.phase) {
    case 'removing':
      return [];
    case 'created':
      return [{ kind: 'remove', container: id }];
    case 'exited':
      return [
        { kind: 'await_gpus', container: id, devices },
        { kind: 'remove', container: id },
      ];
    case 'running':
      return [
        { kind: 'stop', container: id, graceSeconds },
        { kind: 'await_gpus', container: id, devices },
        { kind: 'remove', container: id },
      ];
  }
}

function start(want: DesiredContainer, container = containerName(want.allocation)): Step {
  return { kind: 'start', want, container };
}

/** In words, how a container differs from what was asked; null when it is as asked. */
function differenceFrom(want: DesiredContainer, container: HostContainer): string | null {
  const user = `${want.member.uid}:${want.member.gid}`;
  if (container.user !== user) return `it came up as user ${container.user || 'root'} instead of ${user}`;
  const devices = want.devices.toSorted();
  if (container.devices.length !== devices.length || container.devices.some((uuid, index) => uuid !== devices[index])) {
    return `it came up with the devices [${container.devices.join(', ')}] instead of [${devices.join(', ')}]`.slice(0, 500);
  }
  return null;
}

function staleFence(want: DesiredContainer, newer: readonly HostContainer[], memory: HostMemory): string | null {
  const highest = Math.max(
    memory.started.get(want.allocation) ?? 0,
    ...newer.map((container) => container.fence),
    ...want.devices.map((uuid) => memory.fences.get(uuid) ?? 0),
  );
  return highest > want.fence ? `fence ${want.fence} is older than ${highest}, seen here already` : null;
}

function byOurName(want: DesiredContainer): (a: HostContainer, b: HostContainer) => number {
  const rank = (container: HostContainer): number => (container.name === containerName(want.allocation) ? 0 : 1);
  return (a, b) => rank(a) - rank(b) || a.id.localeCompare(b.id);
}

function failed(want: DesiredContainer, failure: Failure | undefined, stale: string | null): ObservedAllocation | null {
  if (failure !== undefined) return { ...ids(want), status: 'failed', code: failure.code, detail: failure.detail };
  return stale === null ? null : { ...ids(want), status: 'failed', code: 'stale_fence', detail: stale };
}

function removed(want: DesiredContainer, { started }: HostMemory): ObservedAllocation | null {
  if (started.get(want.allocation) !== want.fence) return null;
  return { ...ids(want), status: 'ended', cause: 'removed', exitCode: null, detail: 'the container is gone' };
}

function ids(want: DesiredContainer): { allocation: string; fence: number } {
  return { allocation: want.allocation, fence: want.fence };
}

function pending(want: DesiredContainer, detail: string): ObservedAllocation {
  return { ...ids(want), status: 'pending', detail };
}

function running(want: DesiredContainer, current: HostContainer): ObservedAllocation {
  if (current.startedAt === null) return pending(want, 'starting');
  return {
    ...ids(want),
    status: 'running',
    containerId: current.id,
    containerName: current.name,
    startedAt: current.startedAt,
    devices: [...current.devices],
  };
}

function ended(want: DesiredContainer, current: HostContainer): ObservedAllocation {
  const cause: EndCause = current.outOfMemory ? 'out_of_memory' : 'exited';
  return { ...ids(want), status: 'ended', cause, exitCode: current.exitCode, detail: current.detail };
}

function asOrphan(container: HostContainer): Orphan {
  return {
    allocation: container.allocation.slice(0, 64),
    fence: container.fence,
    containerId: container.id,
    containerName: container.name.slice(0, 128),
    running: container.phase === 'running',
  };
}
