// One planted discrepancy of each kind in rows as they are read, and the sound rows beside it; in a real ledger: test/ledger/verify.pg.test.ts.
import { describe, expect, it } from 'vitest';
import { plusSeconds, parseMoment } from '../../src/domain/time.ts';
import { checkAllocations } from '../../src/domain/verify-allocation.ts';
import { checkBudgets, checkGauges } from '../../src/domain/verify-accounts.ts';
import {
  verifyDelivery,
  type BudgetChange,
  type Discrepancy,
  type GaugeChange,
  type VerifiedAllocation,
  type VerifiedEntry,
  type VerifiedEvent,
} from '../../src/domain/verify.ts';

const START = parseMoment('2026-03-02T09:00:00Z');
const at = (seconds: number) => plusSeconds(START, seconds);
const WEEK = 'week of 2026-03-02';

const step = (event: string, from: VerifiedEvent['from'], to: VerifiedEvent['to'], version: number, seconds = 0, detail: unknown = {}) => ({
  event,
  from,
  to,
  version,
  at: at(seconds),
  detail,
});
const request = step('request', null, 'queued', 1);
const placed = step('place', 'queued', 'placed', 2, 0, { host: 'gpu-01', fence: 7, devices: ['GPU-1'] });
const placedOn = (device: string) => [
  request,
  step('place', 'queued', 'placed', 2, 0, { host: 'gpu-01', fence: 7, devices: [device] }),
  started,
];
const started = step('started', 'placed', 'active', 3, 60);
const retired = step('retire', 'active', 'retiring', 4, 660);
const freed = step('freed', 'retiring', 'retired', 5, 670);

let sequence = 0;
const entry = (kind: VerifiedEntry['kind'], amount: number, change: Partial<VerifiedEntry> = {}): VerifiedEntry => ({
  sequence: ++sequence,
  account: 'member:1',
  kind,
  amount,
  period: WEEK,
  at: START,
  rolledOver: false,
  ...change,
});
const held = () => entry('hold', 3_600_000);

const active = (change: Partial<VerifiedAllocation> = {}): VerifiedAllocation => ({
  id: 'al-a',
  memberId: 1,
  team: null,
  state: 'active',
  version: 3,
  devices: 1,
  capacityMilli: 1000,
  chargeMilli: 1000,
  durationSeconds: 3600,
  until: null,
  host: 'gpu-01',
  fence: 7,
  activeAt: at(60),
  leaseEndsAt: at(3660),
  retiringAt: null,
  events: [request, placed, started],
  leases: [{ device: 'GPU-1', host: 'gpu-01', model: 'NVIDIA A100', parent: null, fence: 7, live: true }],
  entries: [held()],
  ...change,
});
const over = (change: Partial<VerifiedAllocation> = {}): VerifiedAllocation =>
  active({
    state: 'retired',
    version: 5,
    retiringAt: at(660),
    events: [request, placed, started, retired, freed],
    leases: active().leases.map((lease) => ({ ...lease, live: false })),
    entries: [held(), entry('post', 600_000, { at: at(660) }), entry('void', 3_000_000, { at: at(660) })],
    ...change,
  });
const waiting = (change: Partial<VerifiedAllocation> = {}) =>
  active({
    state: 'queued',
    version: 1,
    host: null,
    fence: null,
    activeAt: null,
    leaseEndsAt: null,
    events: [request],
    leases: [],
    ...change,
  });
const slice = (model: string, capacityMilli: number) =>
  active({ capacityMilli, leases: active().leases.map((lease) => ({ ...lease, model })) });

function first(all: readonly VerifiedAllocation[], period = WEEK): Discrepancy | null {
  const { check, end } = checkAllocations();
  return all.map(check).find((found) => found !== null) ?? end([{ account: 'member:1', period }]);
}

describe('an allocation', () => {
  it('holds while it waits, runs and is over, also on slices and after its budget went over into a new week', () => {
    for (const one of [waiting(), active(), over(), slice('NVIDIA A100-SXM4-80GB MIG 2g.20gb', 285), slice('NVIDIA A30 MIG 2g.12gb', 500)])
      expect(first([one])).toBeNull();
    const moved = [
      held(),
      entry('post', 540_000, { at: at(600), rolledOver: true }),
      entry('void', 3_060_000),
      entry('hold', 3_060_000, { period: 'week of 2026-03-09' }),
    ];
    expect(first([active({ entries: moved })], 'week of 2026-03-09')).toBeNull();
  });

  it.each<[string, VerifiedAllocation, object]>([
    ['a state that its events do not give', active({ state: 'placed' }), { rule: 'history', found: 'it is placed; its events say active' }],
    ['a version that its events do not give', active({ version: 4 }), { rule: 'history', found: 'it has version 4; its events say 3' }],
    [
      'a missing event',
      active({ events: [request, started] }),
      { rule: 'history', found: 'started says it was placed; the events before say queued' },
    ],
    [
      'a version left out',
      active({ events: [request, { ...placed, version: 3 }] }),
      { rule: 'history', found: 'place has version 3 after 1' },
    ],
    [
      'a step that the lifecycle does not have',
      active({ events: [step('request', null, 'active', 1)] }),
      { rule: 'history', found: 'request from new to active is no step of the lifecycle' },
    ],
    ['no events', active({ events: [] }), { rule: 'history', found: 'it is active; its events say nothing' }],
    [
      'another start',
      active({ activeAt: at(0) }),
      { rule: 'history', found: 'it is active 2026-03-02T09:00:00.000Z; its events say 2026-03-02T09:01:00.000Z' },
    ],
    [
      'a lease that ends late',
      active({ leaseEndsAt: at(4000) }),
      { rule: 'history', found: 'its lease ends 2026-03-02T10:06:40.000Z; its events say 2026-03-02T10:01:00.000Z' },
    ],
    [
      'a retirement that nobody decided',
      active({ retiringAt: at(600) }),
      { rule: 'history', found: 'it was retired 2026-03-02T09:10:00.000Z; its events say never' },
    ],
    ['too few devices', active({ leases: [] }), { rule: 'leases', found: 'active with 0 devices leased instead of 1' }],
    [
      'a lease that outlived it',
      over({ leases: active().leases }),
      { rule: 'leases', found: 'retired with 1 devices leased instead of 0' },
    ],
    ['a placement without leases', over({ leases: [] }), { rule: 'leases', found: '0 devices were ever leased to it instead of 1' }],
    ['another host', active({ host: 'gpu-02' }), { rule: 'leases', found: 'it is on gpu-02 with fence 7; its events say gpu-01 with 7' }],
    [
      'a device of another host',
      active({ leases: active().leases.map((lease) => ({ ...lease, host: 'gpu-02' })) }),
      { rule: 'leases', found: 'it is on gpu-01 and has GPU-1 of gpu-02' },
    ],
    [
      'a lease with another fence',
      active({ leases: active().leases.map((lease) => ({ ...lease, fence: 6 })) }),
      { rule: 'leases', found: 'GPU-1 is leased with fence 6 instead of 7' },
    ],
    [
      'another device',
      active({ leases: active().leases.map((lease) => ({ ...lease, device: 'GPU-2' })) }),
      { rule: 'leases', found: 'GPU-2 is not what it was placed on' },
    ],
    [
      'a whole GPU that counts as a slice',
      active({ capacityMilli: 285 }),
      { rule: 'capacity', found: 'it counts as 285 milli-GPU; its devices are 1000' },
    ],
    [
      'a slice of the wrong card',
      slice('NVIDIA A30 MIG 2g.12gb', 285),
      { rule: 'capacity', found: 'it counts as 285 milli-GPU; its devices are 500' },
    ],
    ['an account that does not pay', waiting({ entries: [entry('hold', 3_600_000, { account: 'team:vision' })] }), { rule: 'journal' }],
    ['a hold that is not the cost', waiting({ entries: [entry('hold', 3_599_999)] }), { rule: 'journal' }],
    ['waiting without a hold', waiting({ entries: [] }), { rule: 'journal', found: 'queued and holds 0 of member:1 instead of 3600000' }],
    ['more given back than was held', over({ entries: [held(), entry('void', 3_600_001)] }), { rule: 'journal' }],
    [
      'more posted than it ran',
      over({ entries: [held(), entry('post', 600_001, { at: at(660) }), entry('void', 2_999_999)] }),
      { rule: 'journal', found: expect.stringContaining('600001 posted; it can have used 600000 by then') },
    ],
    [
      'more posted than its lease',
      active({
        entries: [
          held(),
          entry('post', 3_600_000, { at: at(9000), rolledOver: true }),
          entry('post', 1, { at: at(9000), rolledOver: true }),
        ],
      }),
      { rule: 'journal' },
    ],
    ['use by what never ran', waiting({ entries: [held(), entry('post', 1, { at: at(600) })] }), { rule: 'journal' }],
    [
      'a hold that outlived it',
      over({ entries: [held()] }),
      { rule: 'journal', found: 'retired and holds 3600000 of member:1 instead of 0' },
    ],
    [
      'a hold in two weeks',
      waiting({ entries: [held(), entry('void', 1), entry('hold', 1, { period: 'week of 2026-03-09' })] }),
      { rule: 'journal', about: 'member:1' },
    ],
  ])('with %s is named', (_, one, expected) => {
    expect(first([one])).toMatchObject(expected);
  });

  it('holds no device and no fence of another one, and nothing in a period that its account has not reached', () => {
    expect(first([active(), active({ id: 'al-b' })])).toEqual({ rule: 'leases', about: 'GPU-1', found: 'leased to al-a and to al-b' });
    const lease = { device: 'GPU-1', host: 'gpu-01', model: 'NVIDIA A100', parent: null, fence: 7, live: true };
    const ofSlice = active({ id: 'al-b', leases: [{ ...lease, device: 'MIG-1', parent: 'GPU-1' }], events: placedOn('MIG-1') });
    expect(first([active(), ofSlice])).toEqual({
      rule: 'leases',
      about: 'MIG-1',
      found: 'leased to al-b; its card GPU-1 is leased to al-a',
    });
    expect(first([ofSlice, active()])).toEqual({
      rule: 'leases',
      about: 'GPU-1',
      found: 'leased to al-a; a slice of it is leased to al-b',
    });
    expect(first([over(), over({ id: 'al-b' })])).toEqual({ rule: 'leases', about: 'al-b', found: 'its fence 7 is that of al-a' });
    expect(first([active()], 'week of 2026-03-09')).toMatchObject({ rule: 'journal', about: 'member:1' });
  });
});

const limit = (value: number | null) => ({ value, source: { layer: 'default' } as const });
const limits = {
  gpus: limit(2000),
  gpusPerRequest: limit(1000),
  cpuContainers: limit(1),
  maxDuration: limit(3600),
  gpuHours: limit(9_000_000),
};
const use = { heldMilli: 0, silentMilli: 0, committed: 0 };
const basis = { policyVersion: 1, limits, use, team: null };
const facts = { memberId: 1, team: null, pool: 'a100', devices: 1, capacityMilli: 1000, chargeMilli: 1500, durationSeconds: 3600 };
const asks = (detail: unknown, allocation: GaugeChange['allocation'] = facts): GaugeChange => ({
  allocationId: 'al-a',
  event: 'request',
  from: null,
  to: 'queued',
  at: START,
  detail,
  allocation,
});
const holding = (heldMilli: number, silentMilli = 0) => ({ ...basis, use: { ...use, heldMilli, silentMilli } });
const teamBasis = { ...basis, team: { name: 'vision', limits: { gpus: 1000, gpuHours: null }, use } };
const ofTeam = { ...facts, team: 'vision' };
const cpu = { ...facts, pool: 'cpu', devices: 0, capacityMilli: 0, chargeMilli: 0 };

const longer = (change: object = {}, seconds = 1800, from = START): GaugeChange => ({
  ...asks({
    ...holding(1000),
    seconds,
    endsAt: plusSeconds(from, 3600).toISOString(),
    maxDurationSeconds: 3600,
    extendedSeconds: 0,
    perWeek: 3600,
    ...change,
  }),
  event: 'extend',
  from: 'active',
  to: 'active',
  at: from,
});

describe('the limits of an account', () => {
  const firstOf = (changes: readonly GaugeChange[]) => {
    const check = checkGauges(new Map([['1 a100', 1500]]));
    return changes.map(check).find((found) => found !== null) ?? null;
  };

  it('hold up to the last milli-GPU, with what is silent left out, and for old requests without what they were decided by', () => {
    const place: GaugeChange = { ...asks(null), event: 'place', from: 'queued', to: 'placed' };
    expect(firstOf([asks({}), asks(holding(1000))])).toBeNull();
    expect(firstOf([asks(basis), place, asks(holding(1000)), asks(holding(1000, 1000))])).toBeNull();
    expect(
      firstOf([asks(basis), { ...asks(null), event: 'cancel', from: 'queued', to: 'cancelled' }, asks(basis), asks(holding(1000))]),
    ).toBeNull();
    expect(firstOf([asks(teamBasis, ofTeam), asks(basis, { ...cpu, memberId: 2 })])).toBeNull();
  });

  it('hold for extensions up to the last second of a week, with those from before their numbers were kept, and in the next week again', () => {
    const old = { ...longer(), detail: { seconds: 1800, endsAt: '2026-03-02T10:00:00.000Z' } };
    const nextWeek = plusSeconds(START, 7 * 24 * 3600);
    expect(firstOf([asks(basis), old, longer({ extendedSeconds: 1800 }), longer({}, 3600, nextWeek)])).toBeNull();
  });

  it.each<[string, readonly GaugeChange[], string]>([
    ['an extension beyond the week', [asks(basis), longer({}, 3601)], 'member:1 extended by 3601 of 3600 seconds in a week'],
    [
      'an allowance that was read wrongly',
      [asks(basis), longer(), longer()],
      'member:1 was read as extended by 0 seconds; the events give 1800',
    ],
    [
      'an extension beyond the longest lease',
      [asks(basis), longer({ maxDurationSeconds: 3599 })],
      'member:1 at 3600 of 3599 seconds in one lease',
    ],
    ['an extension by a wrong gauge', [asks(basis), longer(holding(0))], 'member:1 was read as 0 milli-GPU; the events give 1000'],
    [
      'an extension that another team decided',
      [asks(basis), longer({ team: teamBasis.team })],
      'team:none pays; it was decided by the limits of team:vision',
    ],
    [
      'no basis of an extension after the first',
      [asks(basis), longer(), { ...longer(), detail: { seconds: 1 } }],
      'nothing is kept of what it was decided by',
    ],
    ['more at once', [asks(basis), asks(holding(1000)), asks(holding(2000))], 'member:1 at 3000 of 2000 milli-GPU'],
    ['a gauge that was read wrongly', [asks(basis), asks(basis)], 'member:1 was read as 0 milli-GPU; the events give 1000'],
    [
      'silence of what is on no host',
      [asks(basis), asks(holding(0, 1000))],
      '1000 milli-GPU of member:1 were read as silent; 0 were on hosts',
    ],
    [
      'more in one request',
      [asks(basis, { ...facts, capacityMilli: 1001, chargeMilli: 1502 })],
      'member:1 at 1001 of 1000 milli-GPU in one request',
    ],
    ['a longer lease', [asks(basis, { ...facts, durationSeconds: 3601 })], 'member:1 at 3601 of 3600 seconds in one lease'],
    ['one CPU container more', [asks(basis, cpu), asks(basis, cpu)], 'member:1 at 2 of 1 CPU containers'],
    [
      'more of a team',
      [
        asks(teamBasis, ofTeam),
        asks({ ...teamBasis, team: { ...teamBasis.team, use: { ...use, heldMilli: 1000 } } }, { ...ofTeam, memberId: 2 }),
      ],
      'team:vision at 2000 of 1000 milli-GPU',
    ],
    ['a team that did not decide it', [asks(basis, ofTeam)], 'team:vision pays; it was decided by the limits of team:none'],
    ['no basis after the first', [asks(basis), asks({})], 'nothing is kept of what it was decided by'],
    ['another price', [asks(basis, { ...facts, chargeMilli: 1499 })], 'a second costs 1499 milli-GPU-seconds; by policy 1 1500'],
    ['a policy that is not there', [asks({ ...basis, policyVersion: 2 })], 'policy 2, by which it was decided, has no pool a100'],
    ['events of nothing', [asks(basis, null)], 'events of no allocation'],
  ])('do not hold with %s', (_, changes, found) => {
    expect(firstOf(changes)).toMatchObject({ about: 'al-a', found });
  });
});

describe('the budget of an account', () => {
  const change = (kind: BudgetChange['kind'], amount: number, committed: number | null = null): BudgetChange => ({
    ...entry(kind, amount),
    detail: committed === null ? null : { ...basis, use: { ...use, committed } },
  });
  const firstOf = (changes: readonly BudgetChange[], committed: number) => {
    const { check, end } = checkBudgets();
    return changes.map(check).find((found) => found !== null) ?? end([{ account: 'member:1', period: WEEK, committed }]);
  };

  it('holds up to its last milli-GPU-second, with what was given back and what an admin has added', () => {
    const changes = [
      change('hold', 3_600_000, 0),
      change('post', 600_000),
      change('void', 3_000_000),
      change('adjust', -50),
      change('hold', 8_400_050, 599_950),
    ];
    expect(firstOf(changes, 9_000_000)).toBeNull();
  });

  it.each<[string, readonly BudgetChange[], number, Partial<Discrepancy>]>([
    ['more than its limit', [change('hold', 9_000_001, 0)], 9_000_001, { rule: 'budget', about: 'member:1' }],
    ['a balance that was read wrongly', [change('hold', 5, 0), change('hold', 5, 4)], 10, { rule: 'budget' }],
    ['a balance that its entries do not give', [change('hold', 5, 0)], 4, { rule: 'balance', found: '4 kept; its entries give 5' }],
    ['a balance without entries', [], 5, { rule: 'balance', found: '5 kept; its entries give 0' }],
  ])('does not hold with %s', (_, changes, committed, expected) => {
    expect(firstOf(changes, committed)).toMatchObject(expected);
  });
});

describe('a delivery', () => {
  const made = { key: 'command:1', user: 'U0ADA0001', allocationId: 'al-a', times: 1, holder: 'U0ADA0001' };

  it.each([
    ['nothing when it made one request of its sender', made, undefined],
    ['a request that is not there', { ...made, holder: null }, 'it made al-a, which the ledger does not have'],
    ['a request that another one made as well', { ...made, times: 2 }, 'al-a was made by 2 deliveries'],
    ['a request of somebody else', { ...made, holder: 'U0BOB0001' }, 'U0ADA0001 sent it; al-a is held by U0BOB0001'],
  ])('is named for %s', (_, row, found) => {
    expect(verifyDelivery(row)?.found).toBe(found);
  });
});
