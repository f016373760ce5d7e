import { describe, expect, it } from 'vitest';
import { clearReports, effectOf, type HostedAllocation } from '../../src/domain/host-effects.ts';
import type { ObservedAllocation } from '../../src/domain/host-protocol.ts';

const row = (change: Partial<HostedAllocation>): HostedAllocation => ({
  id: 'al-aaaaaaaa',
  state: 'placed',
  fence: 7,
  addedRevision: 5,
  retiringRevision: null,
  ...change,
});
const running: ObservedAllocation = {
  allocation: 'al-aaaaaaaa',
  fence: 7,
  status: 'running',
  containerId: 'c',
  containerName: 'berth-al-aaaaaaaa',
  startedAt: '2026-03-02T09:00:00Z',
  devices: [],
};
const stopped: ObservedAllocation = { allocation: 'al-aaaaaaaa', fence: 7, status: 'stopped' };
const ended: ObservedAllocation = { allocation: 'al-aaaaaaaa', fence: 7, status: 'ended', cause: 'exited', exitCode: 1, detail: '' };
const failed: ObservedAllocation = {
  allocation: 'al-aaaaaaaa',
  fence: 7,
  status: 'failed',
  code: 'image_missing',
  detail: 'no such image',
};

describe('what a report changes', () => {
  it('starts, fails or ends what was placed', () => {
    expect(effectOf(row({}), running, 5)).toEqual({ event: 'started', containerName: 'berth-al-aaaaaaaa' });
    expect(effectOf(row({}), failed, 5)).toEqual({ event: 'failed', code: 'image_missing', detail: 'no such image' });
    expect(effectOf(row({}), ended, 5)).toEqual({ event: 'retire', cause: 'exited', exitCode: 1 });
  });

  it('ends what was active', () => {
    expect(effectOf(row({ state: 'active' }), ended, 9)).toEqual({ event: 'retire', cause: 'exited', exitCode: 1 });
    expect(effectOf(row({ state: 'active' }), running, 9)).toBeNull();
  });

  it('frees only once the host has taken over the list that named it stopped', () => {
    const retiring = row({ state: 'retiring', retiringRevision: 8 });
    expect(effectOf(retiring, stopped, 7)).toBeNull();
    expect(effectOf(retiring, stopped, 8)).toEqual({ event: 'freed' });
    expect(effectOf(retiring, running, 8)).toBeNull();
  });

  it('believes nothing that was said before the host knew of the allocation', () => {
    expect(effectOf(row({}), failed, 4)).toBeNull();
    expect(effectOf(row({ state: 'active' }), ended, 4)).toBeNull();
  });

  it('believes nothing about another fence, and nothing that was not said', () => {
    expect(effectOf(row({ fence: 8 }), running, 9)).toBeNull();
    expect(effectOf(row({}), undefined, 9)).toBeNull();
  });
});

describe('strangers on a device', () => {
  const clear = { foreign: [], foreignMemoryMib: 3 };
  it.each([
    ['first seen clear', null, clear, 2],
    ['a foreign process', 2, { foreign: [{}], foreignMemoryMib: 3 }, 0],
    ['more than 500 MiB unexplained', 2, { foreign: [], foreignMemoryMib: 501 }, 0],
    ['500 MiB is the driver’s own', 2, { foreign: [], foreignMemoryMib: 500 }, 2],
    ['unknown is not clear', 2, { foreign: [], foreignMemoryMib: null }, 0],
    ['clear once after that', 0, clear, 1],
    ['clear twice', 1, clear, 2],
  ] as const)('%s: %s → %s', (_, before, seen, after) => {
    expect(clearReports(before, seen)).toBe(after);
  });
});
