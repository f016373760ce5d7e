// A longer lease: what is read, what is refused, and who would wait longer for it.
import { describe, expect, it } from 'vitest';
import { extendedEnd, refusalOfExtension, type ExtensionFacts } from '../../src/domain/decide-extension.ts';
import { delaysOfLaterEnd } from '../../src/domain/delays.ts';
import { parseExtension } from '../../src/domain/grammar/extend-ask.ts';
import { limitsOf } from '../../src/domain/quota.ts';
import type { PlanHost, QueuedAsk } from '../../src/domain/queue-plan.ts';
import { HOUR, parseMoment, plusSeconds } from '../../src/domain/time.ts';
import { people, testPolicy } from '../support/policy.ts';

const at = parseMoment('2026-03-02T09:00:00Z');
const policy = testPolicy({
  quota: { gpus: 2, gpusPerRequest: 2, cpuContainers: 2, gpuHours: 10 },
  extension: { step: '4h', perWeek: '6h' },
});
const limits = limitsOf(policy, { user: people.ada, team: null, overrides: [] });
const facts = (change: Partial<ExtensionFacts> = {}): ExtensionFacts => ({
  id: 'al-7k3q9xwd',
  pool: 'a100',
  chargeMilli: 1000,
  leaseEndsAt: plusSeconds(at, HOUR),
  endsAt: plusSeconds(at, 5 * HOUR),
  policy,
  limits,
  use: { heldMilli: 1000, silentMilli: 0, committed: HOUR * 1000 },
  team: null,
  refillsAt: plusSeconds(at, 7 * 24 * HOUR),
  extendedSeconds: 0,
  weekEndsAt: plusSeconds(at, 7 * 24 * HOUR),
  delays: [],
  at,
  ...change,
});

describe('what follows "extend"', () => {
  it.each([
    ['', { ok: true, id: null, seconds: null, until: null }],
    ['4h', { ok: true, id: null, seconds: 4 * HOUR, until: null }],
    ['by 90 min', { ok: true, id: null, seconds: 5400, until: null }],
    ['for 2h more', { ok: true, id: null, seconds: 2 * HOUR, until: null }],
    ['al-7k3q9xwd', { ok: true, id: 'al-7k3q9xwd', seconds: null, until: null }],
    ['`AL-7k3q9xwd`  for an hour', { ok: true, id: 'al-7k3q9xwd', seconds: HOUR, until: null }],
    ['al-7k3q9xwd until fri 18:00', { ok: true, id: 'al-7k3q9xwd', seconds: null, until: '2026-03-06T17:00:00.000Z' }],
    ['until yesterday', { ok: false, typed: 'until yesterday' }],
    ['-4h', { ok: false, typed: '-4h' }],
    ['al-7k3q9xwd a bit', { ok: false, typed: 'a bit' }],
  ])('%j', (text, parsed) => {
    expect(parseExtension(text, at, 'Europe/Berlin')).toEqual(parsed);
  });
});

describe('an extension', () => {
  it('counts from the end of the lease, or names the new end', () => {
    const { leaseEndsAt } = facts();
    expect(extendedEnd({ seconds: HOUR, until: null }, policy, leaseEndsAt)).toEqual(plusSeconds(at, 2 * HOUR));
    expect(extendedEnd({ seconds: null, until: null }, policy, leaseEndsAt)).toEqual(plusSeconds(at, 5 * HOUR));
    expect(extendedEnd({ seconds: null, until: '2026-03-02T12:30:00Z' }, policy, leaseEndsAt)).toEqual(parseMoment('2026-03-02T12:30:00Z'));
  });

  it('is granted up to the allowance and the budget, to the second', () => {
    expect(refusalOfExtension(facts())).toBeNull();
    expect(refusalOfExtension(facts({ extendedSeconds: 2 * HOUR }))).toBeNull();
    expect(refusalOfExtension(facts({ extendedSeconds: 2 * HOUR + 1 }))).toMatchObject({
      code: 'over_extension',
      askedSeconds: 4 * HOUR,
      usedSeconds: 2 * HOUR + 1,
      perWeek: 6 * HOUR,
    });
    const use = { heldMilli: 1000, silentMilli: 0, committed: 6 * HOUR * 1000 };
    expect(refusalOfExtension(facts({ use }))).toBeNull();
    expect(refusalOfExtension(facts({ use: { ...use, committed: use.committed + 1 } }))).toMatchObject({ code: 'over_budget' });
  });

  it('makes nothing longer than the pool allows from now on, and nothing shorter', () => {
    expect(refusalOfExtension(facts({ endsAt: plusSeconds(at, 25 * HOUR) }))).toMatchObject({
      code: 'extension_too_long',
      askedSeconds: 25 * HOUR,
      maxSeconds: 24 * HOUR,
    });
    expect(refusalOfExtension(facts({ endsAt: plusSeconds(at, HOUR) }))).toMatchObject({ code: 'not_longer' });
  });

  it('of a pool that the policy has no longer is refused by the name of that pool, and says until when it runs', () => {
    expect(refusalOfExtension(facts({ pool: 'v100' }))).toEqual({
      code: 'pool_gone',
      id: 'al-7k3q9xwd',
      pool: 'v100',
      endsAt: '2026-03-02T10:00:00.000Z',
    });
  });

  it('names those who would wait longer, with how much, in minutes that are exact', () => {
    const host: PlanHost = {
      name: 'gpu-01',
      open: true,
      driver: null,
      free: [{ uuid: 'GPU-0', index: 0 }],
      held: [{ allocation: 'al-mine', devices: 1, endsAt: plusSeconds(at, HOUR) }],
      containers: 1,
      workspaces: new Set(),
    };
    const ask = (id: string, devices: number): QueuedAsk => ({
      id,
      devices,
      host: null,
      durationSeconds: 3 * HOUR,
      until: null,
      member: 1,
      minDriver: null,
    });
    const queue = [ask('al-two', 2), ask('al-one', 1), ask('al-last', 2)];
    const plan = { pool: 'a100', queue, hosts: [host] };
    // Two cards at 10:00; one at 13:00, when both are free again; two at 16:00.
    expect(delaysOfLaterEnd(plan, 'al-mine', plusSeconds(at, 2.5 * HOUR), at)).toEqual([
      { id: 'al-two', seconds: 5400 },
      { id: 'al-one', seconds: 5400 },
      { id: 'al-last', seconds: 5400 },
    ]);
    expect(delaysOfLaterEnd({ ...plan, queue: [ask('al-one', 1)] }, 'al-mine', plusSeconds(at, 9 * HOUR), at)).toEqual([]);
    const delays = delaysOfLaterEnd({ ...plan, queue: [ask('al-two', 2)] }, 'al-mine', plusSeconds(at, 5 * HOUR), at);
    expect(refusalOfExtension(facts({ delays }))).toEqual({
      code: 'would_delay',
      id: 'al-7k3q9xwd',
      delays: [{ id: 'al-two', seconds: 4 * HOUR }],
    });
  });
});
