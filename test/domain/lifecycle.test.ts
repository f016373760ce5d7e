import { describe, expect, it } from 'vitest';
import {
  events,
  hostStates,
  holdingStates,
  isFinal,
  isLegal,
  lifecycle,
  lifecycleDiagram,
  offeredEvents,
  rowOf,
  states,
  type State,
} from '../../src/domain/lifecycle.ts';
import { readFileSync } from 'node:fs';

const successors = (state: State): State[] => events.flatMap((event) => (isLegal(event, state) ? rowOf(event).to : []));

describe('the lifecycle', () => {
  it('reaches every state from a request', () => {
    const reached = new Set<State>(lifecycle.request.to);
    for (const state of reached) for (const next of successors(state)) reached.add(next);
    expect([...reached].toSorted()).toEqual([...states].toSorted());
  });

  it.each(states.filter((state) => !isFinal(state)))('lets %s come to an end', (state) => {
    const reached = new Set<State>([state]);
    for (const each of reached) for (const next of successors(each)) reached.add(next);
    expect([...reached].some(isFinal)).toBe(true);
  });

  it('knows its final states', () => {
    expect(states.filter(isFinal)).toEqual(['retired', 'denied', 'lapsed', 'cancelled', 'failed']);
  });

  it('counts everything from requested to retiring towards the limits', () => {
    expect(holdingStates).toEqual(['requested', 'queued', 'placed', 'active', 'retiring']);
  });

  it('tells a host about what is placed, active or retiring', () => {
    expect(hostStates).toEqual(['placed', 'active', 'retiring']);
  });

  it.each([
    ['requested', 'approver', ['approve', 'deny']],
    ['requested', 'holder', ['cancel']],
    ['queued', 'holder', ['cancel']],
    ['queued', 'approver', []],
    ['placed', 'holder', ['retire']],
    ['active', 'holder', ['extend', 'retire']],
    ['retiring', 'holder', []],
    ['retired', 'holder', []],
    ['denied', 'approver', []],
  ] as const)('offers in %s to the %s: %s', (state, role, offered) => {
    expect(offeredEvents(state, role)).toEqual(offered);
  });

  it('is the diagram in the architecture page', () => {
    expect(readFileSync('docs/architecture.md', 'utf8')).toContain(lifecycleDiagram());
  });
});
