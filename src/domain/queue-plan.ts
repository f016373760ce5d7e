// When and where each waiting request of one pool starts: first in, first out, with conservative backfill by the lease ends that are known.
//
// Each request in turn gets the earliest start, all devices on one host, that leaves every start planned before it where it is. So a later
// one starts first only where it is in nobody's way. (Mu'alem and Feitelson, IEEE TPDS 12(6), 2001, compare this with EASY backfill.)
import { driverSuffices } from './driver.ts';
import { earliestStart, endOf, take, timelineFrom, waitsFor, type HostTimeline, type Span, type Step } from './host-timeline.ts';
import { CPU_POOL } from './policy.ts';
import { moment } from './time.ts';

export interface QueuedAsk {
  readonly id: string;
  readonly devices: number;
  /** The only host it accepts, or null. */
  readonly host: string | null;
  /** Oldest NVIDIA driver it runs with, or null. */
  readonly minDriver: string | null;
  /** Positive. */
  readonly durationSeconds: number;
  /** Fixed end: it must start before, and runs only until then, whatever the duration says. */
  readonly until: Date | null;
  /** The member whose workspace placement prefers. */
  readonly member: number;
}

export interface HeldDevices {
  readonly allocation: string;
  readonly devices: number;
  /** Null: nobody knows (silent host, write-off); never planned with. */
  readonly endsAt: Date | null;
}

/** A host with its devices of the pool. */
export interface PlanHost {
  readonly name: string;
  /** Version of the NVIDIA driver, null: unknown. */
  readonly driver: string | null;
  /** May take new work now; a closed one is never planned on. */
  readonly open: boolean;
  readonly free: readonly { readonly uuid: string; readonly index: number }[];
  readonly held: readonly HeldDevices[];
  /** Containers it runs, of any pool. */
  readonly containers: number;
  /** Members who worked here already. */
  readonly workspaces: ReadonlySet<number>;
}

/** Why this host: it was named, no other had room then, the member worked there last, it fits best, or it had the fewest containers. */
export type HostChoice = 'named' | 'only_one' | 'workspace' | 'best_fit' | 'fewest_containers';

export interface PlannedStart {
  readonly id: string;
  /** Null: cannot be told from what is known, or never before its `until`. Such a request reserves nothing. */
  readonly startsAt: Date | null;
  readonly host: string | null;
  /** UUIDs, sorted by their index on the host, when it can start now; else null. Empty for the pool `cpu`. */
  readonly devices: readonly string[] | null;
  /** Held allocations and earlier waiting requests of the host whose ends it waits for: the first to end first, at most 5. */
  readonly waitsFor: readonly string[];
}

/** How long a container whose lease is over is taken to need to go: its devices are not free before its host says so. */
const STOPPING_MILLISECONDS = 60_000;

const WAITS_FOR_MAX = 5;

/**
 * How many waiting requests a placement looks at, from the head. It decides under the pool's lock, once per placement, so its time must not
 * grow with the queue; who waits further back moves up as soon as somebody before them starts or leaves.
 */
export const BACKFILL_DEPTH = 200;

/** The planned start of every waiting request, in the order of the queue. */
export function planQueue(pool: string, queue: readonly QueuedAsk[], hosts: readonly PlanHost[], at: Date): PlannedStart[] {
  const planned = plannedHosts(hosts, at);
  return queue.map((ask) => planNext(pool, planned, ask, at).start);
}

/** The first of the queue that `planQueue` starts now, within the first `BACKFILL_DEPTH`; or null. */
export function nextPlacement(
  pool: string,
  queue: readonly QueuedAsk[],
  hosts: readonly PlanHost[],
  at: Date,
): { readonly id: string; readonly host: string; readonly devices: readonly string[]; readonly because: HostChoice } | null {
  const planned = plannedHosts(hosts, at);
  const considered = queue.slice(0, BACKFILL_DEPTH);
  // Until the first start now, what is free now stays as it is: behind the last request that fits into it there is nothing to find.
  const lastFit = considered.findLastIndex((ask) => planned.some((host) => accepts(ask, host) && host.free.length >= ask.devices));
  for (const ask of considered.slice(0, lastFit + 1)) {
    const { start, because } = planNext(pool, planned, ask, at);
    const { id, host, devices } = start;
    if (host !== null && devices !== null) return { id, host, devices, because };
  }
  return null;
}

/** An open host while the queue is being planned: `free`, `containers` and the timeline change with every planned start. */
interface PlannedHost {
  readonly name: string;
  readonly driver: string | null;
  readonly workspaces: ReadonlySet<number>;
  readonly timeline: HostTimeline;
  /** UUIDs nobody starts on now, lowest index first. */
  readonly free: string[];
  containers: number;
}

/** By name, in the order of character codes: the last tie is decided alike under every locale. */
function plannedHosts(hosts: readonly PlanHost[], at: Date): PlannedHost[] {
  const now = at.getTime();
  const open = hosts.filter((host) => host.open).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return open.map(({ name, driver, workspaces, containers, free, held }) => {
    const back = held.flatMap(({ allocation, devices, endsAt }) => {
      if (endsAt === null) return [];
      const end = endsAt.getTime();
      return [{ id: allocation, devices, at: end > now ? end : now + STOPPING_MILLISECONDS }];
    });
    const uuids = free.toSorted((a, b) => a.index - b.index).map(({ uuid }) => uuid);
    return { name, driver, workspaces, containers, free: uuids, timeline: timelineFrom(now, uuids.length, back) };
  });
}

function accepts(ask: QueuedAsk, host: PlannedHost): boolean {
  return (ask.host === null || ask.host === host.name) && driverSuffices(host.driver, ask.minDriver);
}

/** Plans one request behind those planned so far, and takes its devices away from who comes after. */
function planNext(
  pool: string,
  hosts: readonly PlannedHost[],
  ask: QueuedAsk,
  at: Date,
): { readonly start: PlannedStart; readonly because: HostChoice } {
  const { id, devices } = ask;
  const span: Span = { devices, milliseconds: ask.durationSeconds * 1000, until: ask.until?.getTime() ?? null };
  const choice = choose(pool, hosts, ask, span);
  if (choice === null) return { start: { id, startsAt: null, host: null, devices: null, waitsFor: [] }, because: 'only_one' };
  const { host, step } = choice.best;
  const reasons = waitsFor(host.timeline, devices, step);
  take(host.timeline, step, { id, devices, at: endOf(span, step.from) });
  host.containers++;
  const start = {
    id,
    startsAt: moment(step.from),
    host: host.name,
    devices: step.from === at.getTime() ? host.free.splice(0, devices) : null,
    waitsFor: reasons.slice(0, WAITS_FOR_MAX),
  };
  return { start, because: ask.host === null ? because(pool, choice) : 'named' };
}

function because(pool: string, { best, rivals }: NonNullable<ReturnType<typeof choose>>): HostChoice {
  if (rivals === 0) return 'only_one';
  if (best.hasWorkspace) return 'workspace';
  return pool === CPU_POOL ? 'fewest_containers' : 'best_fit';
}

interface Choice {
  readonly host: PlannedHost;
  readonly step: Step;
  readonly hasWorkspace: boolean;
  /** The smaller the better: devices free at the start, or containers in the pool `cpu`. */
  readonly room: number;
}

/** `rivals`: how many other hosts could have it as early. */
function choose(
  pool: string,
  hosts: readonly PlannedHost[],
  ask: QueuedAsk,
  span: Span,
): { readonly best: Choice; readonly rivals: number } | null {
  let best: Choice | null = null;
  let rivals = 0;
  let latest = span.until === null ? Infinity : span.until - 1;
  for (const host of hosts) {
    if (!accepts(ask, host)) continue;
    const step = earliestStart(host.timeline, span, latest);
    if (step === null) continue;
    const hasWorkspace = host.workspaces.has(ask.member);
    const choice: Choice = { host, step, hasWorkspace, room: pool === CPU_POOL ? host.containers : step.free };
    rivals = best?.step.from === step.from ? rivals + 1 : 0;
    if (best !== null && !isBetter(choice, best)) continue;
    best = choice;
    latest = step.from;
  }
  return best === null ? null : { best, rivals };
}

/** Earlier; then where the member's workspace is; then the best fit, so that big hosts stay whole. Equal is not better: hosts come by name. */
function isBetter(choice: Choice, best: Choice): boolean {
  if (choice.step.from !== best.step.from) return choice.step.from < best.step.from;
  if (choice.hasWorkspace !== best.hasWorkspace) return choice.hasWorkspace;
  return choice.room < best.room;
}
