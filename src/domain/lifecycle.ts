// The one table of what can happen to an allocation; every permission, guard, constraint, button and diagram derives from it.

export const states = [
  'requested',
  'queued',
  'placed',
  'active',
  'retiring',
  'retired',
  'denied',
  'lapsed',
  'cancelled',
  'failed',
] as const;
export type State = (typeof states)[number];

/** Who may cause an event: the holder, an approver or admin of the policy, the passing of time, the scheduler, the host's agent. */
export type Role = 'holder' | 'approver' | 'admin' | 'clock' | 'scheduler' | 'host';

interface Row {
  /** States the event is legal in; empty for the one that creates an allocation. */
  readonly from: readonly State[];
  /** States it may lead to; more than one only where policy decides. */
  readonly to: readonly [State, ...State[]];
  readonly who: readonly Role[];
}

/** Source: docs/architecture.md, "Lifecycle". */
export const lifecycle = {
  request: { from: [], to: ['requested', 'queued'], who: ['holder'] },
  approve: { from: ['requested'], to: ['queued'], who: ['approver'] },
  deny: { from: ['requested'], to: ['denied'], who: ['approver'] },
  lapse: { from: ['requested', 'queued'], to: ['lapsed'], who: ['clock'] },
  cancel: { from: ['requested', 'queued'], to: ['cancelled'], who: ['holder', 'admin'] },
  place: { from: ['queued'], to: ['placed'], who: ['scheduler'] },
  started: { from: ['placed'], to: ['active'], who: ['host'] },
  failed: { from: ['placed'], to: ['failed'], who: ['host'] },
  extend: { from: ['active'], to: ['active'], who: ['holder', 'approver'] },
  retire: { from: ['placed', 'active'], to: ['retiring'], who: ['holder', 'admin', 'clock', 'host'] },
  freed: { from: ['retiring'], to: ['retired'], who: ['host'] },
} as const satisfies Record<string, Row>;

export type Event = keyof typeof lifecycle;
export const events = Object.keys(lifecycle) as Event[];

/** The row of an event, with its literal types widened. */
export function rowOf(event: Event): Row {
  return lifecycle[event];
}

export function isLegal(event: Event, state: State): boolean {
  return rowOf(event).from.includes(state);
}

/** True when nothing can happen any more. */
export function isFinal(state: State): boolean {
  return events.every((event) => !isLegal(event, state));
}

/** States in which an allocation counts towards its holder's concurrent use: from the request until the devices are free. */
export const holdingStates: readonly State[] = states.filter((state) => !isFinal(state));

/** States in which an allocation may still use its budget; leaving them settles what it held. */
export const budgetStates: readonly State[] = holdingStates.filter((state) => !isLegal('freed', state));

/** States that a host has been told about and in which it is expected to have, or to give back, a container. */
export const hostStates: readonly State[] = states.filter((state) => isLegal('retire', state) || isLegal('freed', state));

/** Events that a role may cause in a state: the buttons it may be shown. */
export function offeredEvents(state: State, role: Role): readonly Event[] {
  return events.filter((event) => isLegal(event, state) && rowOf(event).who.includes(role));
}

/** The table as a Mermaid state diagram, for docs/architecture.md. */
export function lifecycleDiagram(): string {
  const arrows = events.flatMap((event) => {
    const { from, to } = rowOf(event);
    const sources = from.length === 0 ? ['[*]'] : from;
    return sources.flatMap((source) => to.map((target) => `    ${source} --> ${target}: ${event}`));
  });
  const ends = states.filter(isFinal).map((state) => `    ${state} --> [*]`);
  return ['stateDiagram-v2', ...arrows, ...ends].join('\n');
}
