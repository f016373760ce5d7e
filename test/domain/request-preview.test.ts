// What a request would come to: the place in line as the scheduler gives it, who is asked and when they answer, and what could start at once.
import { approversOf } from '../../src/domain/approvers.ts';
import { describe, expect, it } from 'vitest';
import { decideRequest, type RequestFacts } from '../../src/domain/decide-request.ts';
import type { Policy } from '../../src/domain/policy.ts';
import type { PlanHost, QueuedAsk } from '../../src/domain/queue-plan.ts';
import { limitsOf } from '../../src/domain/quota.ts';
import { foresee, type PoolLine } from '../../src/domain/request-preview.ts';
import { HOUR, parseMoment, plusSeconds } from '../../src/domain/time.ts';
import { people, POOLS, testPolicy } from '../support/policy.ts';

// A Tuesday evening, after work.
const at = parseMoment('2026-11-24T21:00:00Z');
const small = { unless: { gpus: 1, duration: '8h' } };
const policyWith = (change: object = {}) =>
  testPolicy({ quota: { gpus: 8, gpusPerRequest: 8, cpuContainers: 2 }, pools: [{ ...POOLS[0], approval: small }], ...change });

function facts(devices: number, policy: Policy, waiting = 0): RequestFacts {
  return {
    ask: {
      pool: 'a100',
      devices,
      memoryMibMin: null,
      durationSeconds: 2 * HOUR,
      until: null,
      image: null,
      host: null,
      command: null,
      purpose: '',
    },
    policy,
    requester: people.ada,
    approvers: approversOf(policy.approvers, new Map()),
    beforehand: [],
    limits: limitsOf(policy, { user: people.ada, team: null, overrides: [] }),
    use: { heldMilli: 0, silentMilli: 0, committed: 0 },
    team: null,
    holding: [],
    refillsAt: at,
    waiting: new Map([['a100', waiting]]),
    hosts: [{ name: 'gpu-01', driver: null, devices: new Map([['a100', 4]]) }],
    at,
  };
}

const host = (free: number, held: PlanHost['held'] = []): PlanHost => ({
  name: 'gpu-01',
  driver: null,
  open: true,
  held,
  containers: held.length,
  workspaces: new Set(),
  free: Array.from({ length: free }, (_, index) => ({ uuid: `GPU-${index}`, index })),
});
const waits = (id: string, devices: number): QueuedAsk => ({
  id,
  devices,
  host: null,
  minDriver: null,
  durationSeconds: HOUR,
  until: null,
  member: 2,
});
const line = (hosts: PlanHost[], queue: QueuedAsk[] = [], cut = false): PoolLine => ({ hosts, queue, cut });

function foreseen(devices: number, of: PoolLine, { policy = policyWith(), waiting = 0 } = {}) {
  const given = facts(devices, policy, waiting);
  const found = foresee(given, decideRequest(given), { of, member: 1 });
  if (found.kind === 'refused') throw new Error(found.refusal.code);
  return found;
}

describe('what is foreseen', () => {
  it('is a start now without anybody, or in line behind whoever waits, by the scheduler’s own plan', () => {
    expect(foreseen(1, line([host(4)]))).toMatchObject({ place: { ahead: 0, startsAt: at }, approval: null, part: null, cost: 7_200_000 });
    const busy = host(0, [{ allocation: 'al-1', devices: 4, endsAt: plusSeconds(at, HOUR) }]);
    const policy = policyWith({ pools: [{ ...POOLS[0], approval: 'none' }] });
    expect(foreseen(4, line([busy], [waits('al-2', 4)]), { policy }).place).toEqual({ ahead: 1, startsAt: plusSeconds(at, 2 * HOUR) });
    const unknown = host(0, [{ allocation: 'al-1', devices: 4, endsAt: null }]);
    expect(foreseen(1, line([unknown])).place).toEqual({ ahead: 0, startsAt: null });
    expect(foreseen(1, line([host(4)], [], true)).place.startsAt).toBeNull();
  });

  it('names whoever may approve but the asker, and when they work again', () => {
    const hours = { zone: 'Europe/Berlin', from: '09:00', to: '17:00' };
    const policy = policyWith({ hours, daysOff: ['2026-11-25'], approvers: [people.pat, people.ada], approvalLapse: '8h' });
    expect(foreseen(2, line([host(4)]), { policy }).approval).toMatchObject({
      approvers: [people.pat],
      opensAt: parseMoment('2026-11-26T08:00:00Z'),
      lapsesAt: parseMoment('2026-11-26T16:00:00Z'),
    });
    expect(foreseen(2, line([host(4)])).approval).toMatchObject({ approvers: [people.pat, people.pia], opensAt: null });
  });

  it('offers as much as may start now without anybody, only where it would really start', () => {
    expect(foreseen(3, line([host(4)])).part).toBe(1);
    const larger = policyWith({ pools: [{ ...POOLS[0], approval: { unless: { gpus: 2, duration: '8h' } } }] });
    expect(foreseen(4, line([host(4)]), { policy: larger }).part).toBe(2);
    expect(foreseen(3, line([host(0, [{ allocation: 'al-1', devices: 4, endsAt: plusSeconds(at, HOUR) }])])).part).toBeNull();
    expect(foreseen(3, line([host(4)]), { waiting: 1 }).part).toBeNull();
    expect(foreseen(3, line([host(4)]), { policy: policyWith({ pools: POOLS }) }).part).toBeNull();
  });

  it('is a person where the request wants one, however small it is', () => {
    const given = facts(1, policyWith());
    expect(decideRequest(given)).toMatchObject({ grant: { state: 'queued' } });
    expect(decideRequest({ ...given, ask: { ...given.ask, person: true } })).toMatchObject({ grant: { state: 'requested' } });
  });
});
