import { describe, expect, it } from 'vitest';
import { approversOf } from '../../src/domain/approvers.ts';
import type { RequestAsk } from '../../src/domain/ask.ts';
import { decideRequest, type RequestFacts } from '../../src/domain/decide-request.ts';
import { limitsOf } from '../../src/domain/quota.ts';
import { moment } from '../../src/domain/time.ts';
import { people, testPolicy } from '../support/policy.ts';

const at = moment(Date.parse('2026-03-02T09:00:00Z'));
const ask: RequestAsk = {
  pool: 'a100',
  devices: 1,
  memoryMibMin: null,
  durationSeconds: 7200,
  until: null,
  image: null,
  host: null,
  command: null,
  purpose: '',
};
const byDefault = { layer: 'default' } as const;
const nothing = { heldMilli: 0, silentMilli: 0, committed: 0 };
const using = (heldMilli: number): Partial<RequestFacts> => ({ use: { ...nothing, heldMilli } });
const limited = (policy = testPolicy()) => limitsOf(policy, { user: people.ada, team: null, overrides: [] });
const facts = (change: Partial<RequestAsk> = {}, rest: Partial<RequestFacts> = {}): RequestFacts => ({
  ask: { ...ask, ...change },
  policy: testPolicy(),
  requester: people.ada,
  approvers: approversOf((rest.policy ?? testPolicy()).approvers, new Map()),
  limits: limited(rest.policy),
  use: nothing,
  team: null,
  holding: [],
  refillsAt: moment(Date.parse('2026-03-09T00:00:00Z')),
  waiting: new Map(),
  beforehand: [],
  hosts: [
    { name: 'gpu-01', driver: null, devices: new Map([['a100', 8]]) },
    { name: 'gpu-02', driver: null, devices: new Map([['l4', 1]]) },
  ],
  at,
  ...rest,
});
const refusal = (given: RequestFacts) => {
  const decision = decideRequest(given);
  return decision.kind === 'refused' ? decision.refusal : null;
};
const grant = (given: RequestFacts) => {
  const decision = decideRequest(given);
  return decision.kind === 'granted' ? decision.grant : null;
};
const held = (id: string, pool: string, devices: number) => ({ id, pool, devices, state: 'active' as const, leaseEndsAt: null });

describe('the decision on a request', () => {
  it('waits for a person where the pool asks for one, and queues where it does not', () => {
    expect(grant(facts())).toMatchObject({
      state: 'requested',
      pool: 'a100',
      devices: 1,
      capacityMilli: 1000,
      chargeMilli: 1000,
      durationSeconds: 7200,
    });
    expect(grant(facts({ pool: 'l4' }))).toMatchObject({ state: 'queued', pool: 'l4' });
  });

  it('refuses more than one request may have, whatever is free', () => {
    const cap = { code: 'over_request_cap', pool: 'a100', capMilli: 2000, deviceMilli: 1000, source: byDefault };
    expect(refusal(facts({ devices: 3 }))).toEqual({ ...cap, asked: 3, askedMilli: 3000 });
    expect(refusal(facts({ devices: 99 }))).toEqual({ ...cap, asked: 99, askedMilli: 99_000 });
  });

  it('refuses what would go over the limit, with the numbers and what is held', () => {
    const holding = [held('al-aaaaaaaa', 'a100', 2), held('al-bbbbbbbb', 'cpu', 0)];
    expect(refusal(facts({}, { holding, ...using(2000) }))).toEqual({
      code: 'over_member_limit',
      askedMilli: 1000,
      heldMilli: 2000,
      limitMilli: 2000,
      source: byDefault,
      holding: [holding[0]],
    });
  });

  it('grants exactly up to the limit', () => {
    expect(grant(facts({}, using(1000)))).not.toBeNull();
    expect(refusal(facts({ devices: 2 }, using(1000)))?.code).toBe('over_member_limit');
  });

  it('refuses more requests that wait than the policy allows; what runs is not one of them', () => {
    const policy = testPolicy({ openRequests: 2 });
    const waiting = ['al-aaaaaaaa', 'al-bbbbbbbb'].map((id) => ({ ...held(id, 'cpu', 0), state: 'queued' as const }));
    expect(refusal(facts({}, { policy, holding: waiting }))).toEqual({ code: 'too_many_open', limit: 2, holding: waiting });
    expect(grant(facts({}, { policy, holding: [...waiting.slice(1), held('al-cccccccc', 'cpu', 0)] }))).not.toBeNull();
  });

  it('asks a person only for what is bigger or longer than the rule, or while somebody waits', () => {
    const [pool] = testPolicy().pools;
    const rule = (nobodyWaits?: boolean) =>
      testPolicy({
        pools: [
          {
            ...pool,
            maxDuration: '24h',
            approval: { unless: { gpus: 1, duration: '8h', ...(nobodyWaits === undefined ? {} : { nobodyWaits }) } },
          },
        ],
      });
    const state = (change: Partial<RequestAsk>, rest: Partial<RequestFacts> = {}) =>
      grant(facts(change, { policy: rule(), ...rest }))?.state;
    expect(state({ durationSeconds: 8 * 3600 })).toBe('queued');
    expect(state({ durationSeconds: 8 * 3600 + 1 })).toBe('requested');
    expect(state({ devices: 2 })).toBe('requested');
    const waiting = new Map([['a100', 1]]);
    expect(state({}, { waiting })).toBe('requested');
    expect(state({}, { waiting, policy: rule(false) })).toBe('queued');
    expect(state({}, { waiting: new Map([['l4', 1]]) })).toBe('queued');
  });

  it('counts CPU containers by themselves', () => {
    expect(grant(facts({ pool: 'cpu', devices: 0 }, using(2000)))).toMatchObject({
      pool: 'cpu',
      capacityMilli: 0,
      state: 'queued',
    });
    const holding = [held('al-aaaaaaaa', 'cpu', 0), held('al-bbbbbbbb', 'cpu', 0)];
    expect(refusal(facts({ pool: 'cpu', devices: 0 }, { holding }))).toEqual({ code: 'over_cpu_limit', held: 2, limit: 2, holding });
  });

  it('refuses at once what no host can ever hold', () => {
    expect(refusal(facts({ pool: 'l4', devices: 2 }))).toEqual({ code: 'never_fits', pool: 'l4', asked: 2, biggestHost: 1, host: null });
    expect(refusal(facts({ host: 'gpu-02' }))).toEqual({ code: 'never_fits', pool: 'a100', asked: 1, biggestHost: 0, host: 'gpu-02' });
    expect(refusal(facts({ pool: 'cpu', devices: 0 }, { hosts: [] }))?.code).toBe('never_fits');
  });

  it('chooses the first pool that fits when none is named', () => {
    expect(grant(facts({ pool: null, memoryMibMin: 24 * 1024 }))?.pool).toBe('a100');
    expect(grant(facts({ pool: null }, { hosts: [{ name: 'gpu-02', driver: null, devices: new Map([['l4', 1]]) }] }))?.pool).toBe('l4');
    expect(refusal(facts({ pool: null, memoryMibMin: 200 * 1024 }))?.code).toBe('no_pool_fits');
  });

  it('takes the default duration, never longer than the pool allows', () => {
    expect(grant(facts({ durationSeconds: null }))?.durationSeconds).toBe(4 * 3600);
    const policy = testPolicy({ defaultDuration: '20h' });
    expect(grant(facts({ pool: 'l4', durationSeconds: null }, { policy }))?.durationSeconds).toBe(12 * 3600);
    expect(refusal(facts({ durationSeconds: 25 * 3600 }))).toEqual({
      code: 'duration_too_long',
      pool: 'a100',
      askedSeconds: 90_000,
      maxSeconds: 86_400,
      source: null,
    });
  });

  it('measures a fixed end from now, and refuses one that has passed', () => {
    expect(grant(facts({ durationSeconds: null, until: '2026-03-02T12:30:00.000Z' }))).toMatchObject({
      durationSeconds: 12_600,
      until: moment(Date.parse('2026-03-02T12:30:00Z')),
    });
    expect(refusal(facts({ durationSeconds: null, until: '2026-03-02T09:00:00.000Z' }))?.code).toBe('until_past');
    expect(refusal(facts({ durationSeconds: null, until: '2026-03-02T09:00:00.999Z' }))?.code).toBe('until_past');
    expect(grant(facts({ durationSeconds: null, until: '2026-03-02T09:00:01.000Z' }))?.durationSeconds).toBe(1);
  });

  it('refuses when nobody could approve, the requester not counted', () => {
    expect(refusal(facts({}, { policy: testPolicy({ approvers: [] }) }))).toEqual({ code: 'no_approver', pool: 'a100' });
    expect(refusal(facts({}, { policy: testPolicy({ approvers: [people.ada] }) }))?.code).toBe('no_approver');
    expect(grant(facts({}, { policy: testPolicy({ approvers: [people.ada], selfApproval: true }) }))).not.toBeNull();
  });

  it('refuses an image that no host with the pool has the driver for, and chooses a pool where one has', () => {
    const images = [
      { name: 'plain', reference: 'plain:1' },
      { name: 'new', reference: 'new:1', minDriver: '550.54' },
      { name: 'trainer', reference: 'trainer:1', class: 'batch' },
    ];
    const policy = testPolicy({ images });
    const hosts = (a100: string | null, l4: string | null) => [
      { name: 'gpu-01', driver: a100, devices: new Map([['a100', 8]]) },
      { name: 'gpu-02', driver: l4, devices: new Map([['l4', 1]]) },
    ];
    const given = (drivers: readonly [string | null, string | null], change: Partial<RequestAsk> = {}) =>
      facts({ image: 'new', ...change }, { policy, hosts: hosts(...drivers) });
    expect(grant(given(['550.54', null]))).toMatchObject({ pool: 'a100', minDriver: '550.54' });
    expect(refusal(given(['535.183.01', '550.90']))).toEqual({
      code: 'driver_too_old',
      pool: 'a100',
      image: 'new',
      minDriver: '550.54',
      drivers: ['535.183.01'],
    });
    expect(refusal(given([null, '550.90']))).toMatchObject({ code: 'driver_too_old', drivers: [null] });
    expect(grant(given(['535.183.01', '550.90'], { pool: null }))?.pool).toBe('l4');
    expect(refusal(given(['535.183.01', null], { pool: null }))).toMatchObject({ code: 'driver_too_old', pool: 'a100' });
    // Too many is said first: no driver would help.
    expect(refusal(given([null, '535.1'], { pool: 'l4', devices: 2 }))?.code).toBe('never_fits');
    expect(grant(given([null, null], { image: 'plain' }))?.minDriver).toBeNull();
    expect(grant(given([null, null], { pool: 'cpu', devices: 0 }))?.minDriver).toBeNull();
  });

  it('gives the first interactive image when none is named, and none for batch jobs', () => {
    const trainer = { name: 'trainer', reference: 'trainer:1', class: 'batch' };
    const policy = testPolicy({ images: [trainer, { name: 'plain', reference: 'plain:1' }] });
    expect(grant(facts({}, { policy }))?.image).toBe('plain:1');
    expect(refusal(facts({ image: 'trainer' }, { policy }))).toEqual({ code: 'image_for_batch', name: 'trainer' });
    expect(() => testPolicy({ images: [trainer] })).toThrow('at least one has to be interactive');
  });

  it('says which pools and images there are', () => {
    expect(refusal(facts({ pool: 'h100' }))).toEqual({ code: 'unknown_pool', name: 'h100', nearest: 'a100', pools: ['a100', 'l4', 'cpu'] });
    expect(refusal(facts({ image: 'nope' }))).toEqual({ code: 'unknown_image', name: 'nope', nearest: null, images: ['test'] });
    expect(refusal(facts({ command: 'python x.py' }))).toEqual({ code: 'batch_not_yet', pool: 'a100' });
  });

  it('gives each device its share of the host', () => {
    expect(grant(facts({ devices: 2 }))?.limits).toEqual({ cpuMilli: 2000, memoryMib: 2048, shmMib: 512, pids: 64 });
  });
});
