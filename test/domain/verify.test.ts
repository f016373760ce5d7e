// One planted discrepancy of each kind, and the sound ledger beside it.
import { describe, expect, it } from 'vitest';
import { verify, type LedgerRows, type VerifiedAllocation, type VerifiedEntry, type VerifiedEvent } from '../../src/domain/verify.ts';

const limits = (gpus: number) => {
  const limit = (value: number | null) => ({ value, source: { layer: 'default' } as const });
  return { gpus: limit(gpus), gpusPerRequest: limit(2000), cpuContainers: limit(2), maxDuration: limit(null), gpuHours: limit(null) };
};
const basis = { policyVersion: 1, limits: limits(2000), use: { heldMilli: 0, silentMilli: 0, committed: 0 }, team: null };
const allocation = (id: string, change: Partial<VerifiedAllocation> = {}): VerifiedAllocation => ({
  id,
  memberId: 1,
  team: null,
  state: 'active',
  version: 3,
  devices: 1,
  capacityMilli: 1000,
  chargeMilli: 1000,
  durationSeconds: 3600,
  ...change,
});
let sequence = 0;
const event = (
  allocationId: string,
  name: string,
  from: VerifiedEvent['from'],
  to: VerifiedEvent['to'],
  version: number,
  detail: unknown = {},
) => ({
  sequence: ++sequence,
  allocationId,
  event: name,
  from,
  to,
  version,
  detail,
});
const toActive = (id: string) => [
  event(id, 'request', null, 'queued', 1, basis),
  event(id, 'place', 'queued', 'placed', 2),
  event(id, 'started', 'placed', 'active', 3),
];
const entry = (allocationId: string | null, kind: VerifiedEntry['kind'], amount: number, account = 'member:1'): VerifiedEntry => ({
  sequence: ++sequence,
  account,
  kind,
  amount,
  period: 'week of 2026-03-02',
  allocationId,
});
const balance = (committed: number) => [{ account: 'member:1', period: 'week of 2026-03-02', committed }];

const sound = (change: Partial<LedgerRows> = {}): LedgerRows => ({
  allocations: [allocation('al-a')],
  events: toActive('al-a'),
  entries: [entry('al-a', 'hold', 3_600_000)],
  balances: balance(3_600_000),
  liveLeases: [{ allocationId: 'al-a', device: 'GPU-1' }],
  ...change,
});

describe('verification', () => {
  it('finds nothing in a ledger that holds, retired allocations and adjustments included', () => {
    expect(verify(sound())).toBeNull();
    const retired = {
      allocations: [allocation('al-a', { state: 'retired', version: 5 })],
      events: [...toActive('al-a'), event('al-a', 'retire', 'active', 'retiring', 4), event('al-a', 'freed', 'retiring', 'retired', 5)],
      entries: [
        entry('al-a', 'hold', 3_600_000),
        entry('al-a', 'post', 600_000),
        entry('al-a', 'void', 3_000_000),
        entry(null, 'adjust', -50),
      ],
      balances: balance(599_950),
      liveLeases: [],
    };
    expect(verify(retired)).toBeNull();
  });

  it.each<[string, Partial<LedgerRows>, object]>([
    [
      'a state that its events do not give',
      { allocations: [allocation('al-a', { state: 'placed' })] },
      { rule: 'history', found: 'it is placed; its events say active' },
    ],
    [
      'a version that its events do not give',
      { allocations: [allocation('al-a', { version: 4 })] },
      { rule: 'history', found: 'it has version 4; its events say 3' },
    ],
    ['a missing event', { events: toActive('al-a').filter(({ event: name }) => name !== 'place') }, { rule: 'history', about: 'al-a' }],
    [
      'a step that the lifecycle does not have',
      { events: [event('al-a', 'request', null, 'active', 1, basis)] },
      { rule: 'history', found: 'request from new to active is no step of the lifecycle' },
    ],
    ['an allocation without events', { events: [] }, { rule: 'history', found: 'it is active; its events say nothing' }],
    ['too few devices', { liveLeases: [] }, { rule: 'leases', about: 'al-a', found: 'active with 0 devices leased instead of 1' }],
    [
      'one device twice',
      {
        allocations: [allocation('al-a'), allocation('al-b', { memberId: 2 })],
        events: [...toActive('al-a'), ...toActive('al-b')],
        liveLeases: ['al-a', 'al-b'].map((allocationId) => ({ allocationId, device: 'GPU-1' })),
      },
      { rule: 'leases', about: 'GPU-1', found: 'leased to al-a and to al-b' },
    ],
    [
      'a lease that outlived its allocation',
      {
        allocations: [allocation('al-a', { state: 'failed' })],
        events: [...toActive('al-a').slice(0, 2), event('al-a', 'failed', 'placed', 'failed', 3)],
      },
      { rule: 'leases', found: 'failed with 1 devices leased instead of 0' },
    ],
    [
      'more at once than the limit that was recorded',
      {
        allocations: ['al-a', 'al-b', 'al-c'].map((id) => allocation(id)),
        events: ['al-a', 'al-b', 'al-c'].flatMap(toActive),
        entries: ['al-a', 'al-b', 'al-c'].map((id) => entry(id, 'hold', 3_600_000)),
        liveLeases: ['al-a', 'al-b', 'al-c'].map((allocationId) => ({ allocationId, device: `GPU-${allocationId}` })),
        balances: balance(10_800_000),
      },
      { rule: 'limit', about: 'al-c', found: 'member:1 at 3000 of 2000 milli-GPU' },
    ],
    ['more used than was held', { entries: [entry('al-a', 'hold', 100), entry('al-a', 'post', 101)] }, { rule: 'journal', about: 'al-a' }],
    [
      'more posted than the lease costs',
      { entries: [entry('al-a', 'hold', 9_000_000), entry('al-a', 'post', 3_600_001)] },
      { rule: 'journal' },
    ],
    ['an account that does not pay', { entries: [entry('al-a', 'hold', 1, 'team:vision')] }, { rule: 'journal' }],
    [
      'a hold that outlived its allocation',
      {
        allocations: [allocation('al-a', { state: 'denied', version: 2 })],
        events: [event('al-a', 'request', null, 'requested', 1, basis), event('al-a', 'deny', 'requested', 'denied', 2)],
        liveLeases: [],
      },
      { rule: 'journal', found: 'denied and still holds 3600000 of member:1' },
    ],
    [
      'waiting without a hold',
      {
        allocations: [allocation('al-a', { state: 'queued', version: 1 })],
        events: toActive('al-a').slice(0, 1),
        entries: [],
        balances: [],
        liveLeases: [],
      },
      { rule: 'journal', found: 'queued and holds nothing of member:1' },
    ],
    [
      'a balance that its entries do not give',
      { balances: balance(3_599_999) },
      { rule: 'balance', found: '3599999 kept; its entries give 3600000' },
    ],
    ['a balance without entries', { entries: [], balances: balance(5) }, { rule: 'balance' }],
  ])('names %s', (_, change, expected) => {
    expect(verify(sound(change))).toMatchObject(expected);
  });
});
