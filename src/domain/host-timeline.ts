// How many devices of one host will be free from when on, going by the lease ends that are known and by what was planned so far.

/** So many devices are free from this moment to the next step's; the last step lasts for ever. Moments are epoch milliseconds. */
export interface Step {
  readonly from: number;
  free: number;
  next: Step | null;
}

/** Devices that come free. */
export interface DevicesBack {
  readonly id: string;
  readonly devices: number;
  readonly at: number;
}

// A linked list, not arrays: a step is split in place while other places point at it.
export interface HostTimeline {
  readonly first: Step;
  /** By device count, the first step with so many free, as far as known: plans only take, so it never moves to an earlier step. */
  readonly firstWith: Step[];
  /** Earliest first. */
  readonly back: DevicesBack[];
}

export function timelineFrom(now: number, free: number, held: readonly DevicesBack[]): HostTimeline {
  const first: Step = { from: now, free, next: null };
  const back = held.toSorted((a, b) => a.at - b.at);
  let last = first;
  for (const { at, devices } of back) {
    if (at > last.from) last = last.next = { from: at, free: last.free, next: null };
    last.free += devices;
  }
  return { first, firstWith: [], back };
}

/** What an ask needs of a host: it ends at `until`, or so long after its start. */
export interface Span {
  readonly devices: number;
  readonly milliseconds: number;
  readonly until: number | null;
}

export function endOf(span: Span, start: number): number {
  return span.until ?? start + span.milliseconds;
}

/** The first step at whose beginning the span can start, if that is no later than `latest`; else null. */
export function earliestStart(timeline: HostTimeline, span: Span, latest: number): Step | null {
  let start = firstWith(timeline, span.devices);
  while (start !== null && start.from <= latest) {
    const obstacle = firstShort(start, span.devices, endOf(span, start.from));
    if (obstacle === null) return start;
    start = nextWith(obstacle, span.devices);
  }
  return null;
}

function firstWith(timeline: HostTimeline, devices: number): Step | null {
  const found = nextWith(timeline.firstWith[devices] ?? timeline.first, devices);
  if (found !== null) timeline.firstWith[devices] = found;
  return found;
}

function nextWith(from: Step, devices: number): Step | null {
  let step: Step | null = from;
  while (step !== null && step.free < devices) step = step.next;
  return step;
}

function firstShort(from: Step, devices: number, end: number): Step | null {
  for (let step: Step | null = from; step !== null && step.from < end; step = step.next) if (step.free < devices) return step;
  return null;
}

/** Plans the devices away from the beginning of `start` until `back.at`. */
export function take(timeline: HostTimeline, start: Step, back: DevicesBack): void {
  if (back.devices === 0) return;
  for (let step: Step | null = start; step !== null && step.from < back.at; step = step.next) {
    if (step.next === null || step.next.from > back.at) step.next = { from: back.at, free: step.free, next: step.next };
    step.free -= back.devices;
  }
  const before = timeline.back.findLastIndex(({ at }) => at <= back.at);
  timeline.back.splice(before + 1, 0, back);
}

/**
 * What so many devices wait for until `start`, where they can start: the last to end before it, as many as make up the devices that are not
 * idle all the while. Earliest first; empty when they need not wait. To be asked before the devices are taken.
 */
export function waitsFor(timeline: HostTimeline, devices: number, start: Step): string[] {
  if (start === timeline.first) return [];
  let missing = devices - fewestFreeBefore(timeline, start);
  const ids: string[] = [];
  for (let index = timeline.back.findLastIndex(({ at }) => at <= start.from); missing > 0; index--) {
    const back = timeline.back[index];
    if (back === undefined) break;
    ids.push(back.id);
    missing -= back.devices;
  }
  return ids.toReversed();
}

function fewestFreeBefore(timeline: HostTimeline, end: Step): number {
  let fewest = timeline.first.free;
  for (let step: Step | null = timeline.first; step !== null && step !== end; step = step.next) fewest = Math.min(fewest, step.free);
  return fewest;
}
