// Scenario 6: defaults ← team ← member ← override, each changing only the key it names.
import { describe, expect, it } from 'vitest';
import { sliceMilli } from '../../src/domain/capacity.ts';
import { poolOfDevice, poolTerms } from '../../src/domain/policy.ts';
import { limitsOf, payingTeam, teamLimits, type Override } from '../../src/domain/quota.ts';
import { people, testPolicy } from '../support/policy.ts';

const policy = testPolicy({
  quota: { gpus: 2, gpusPerRequest: 2, cpuContainers: 3, gpuHours: 100 },
  teams: [
    { name: 'vision', members: { list: [people.ada, people.bob] }, each: { gpus: 4, maxDuration: '2 days' }, total: { gpus: 6 } },
    { name: 'speech', members: { group: 'S0SPEECH1' }, each: { gpus: 1 } },
  ],
  people: [{ user: people.ada, quota: { gpus: 0.5 } }],
});
const override = (change: Partial<Override>): Override => ({
  limit: 'gpus',
  value: 8000,
  until: '2026-03-09T00:00:00.000Z',
  by: `member:${people.root}`,
  reason: 'deadline',
  ...change,
});
const limits = (user: string, team: string | null, overrides: readonly Override[] = []) => limitsOf(policy, { user, team, overrides });

describe('a member’s limits', () => {
  it('are the defaults where nothing else is said, in the ledger’s units', () => {
    const { gpus, gpusPerRequest, cpuContainers, maxDuration, gpuHours } = limits('U0NOBODY1', null);
    expect([gpus, gpusPerRequest, cpuContainers, maxDuration, gpuHours].map(({ value }) => value)).toEqual([
      2000,
      2000,
      3,
      null,
      360_000_000,
    ]);
    expect(gpus.source).toEqual({ layer: 'default' });
  });

  it('take from the team only what it names', () => {
    expect(limits(people.bob, 'vision')).toMatchObject({
      gpus: { value: 4000, source: { layer: 'team', team: 'vision' } },
      maxDuration: { value: 172_800, source: { layer: 'team', team: 'vision' } },
      gpusPerRequest: { value: 2000, source: { layer: 'default' } },
    });
  });

  it('take from the member only what it names, fractions included', () => {
    expect(limits(people.ada, 'vision')).toMatchObject({
      gpus: { value: 500, source: { layer: 'member' } },
      maxDuration: { value: 172_800, source: { layer: 'team', team: 'vision' } },
    });
  });

  it('take from an override only its one limit, with who, why and until when', () => {
    expect(limits(people.ada, 'vision', [override({})])).toMatchObject({
      gpus: {
        value: 8000,
        source: { layer: 'override', by: `member:${people.root}`, reason: 'deadline', until: '2026-03-09T00:00:00.000Z' },
      },
      gpusPerRequest: { value: 2000, source: { layer: 'default' } },
    });
    expect(limits(people.ada, null, [override({ limit: 'cpuContainers', value: 0 })]).cpuContainers.value).toBe(0);
  });
});

describe('the team that pays', () => {
  it('is the first that has the member, by list or by a group', () => {
    const groups = new Map([['S0SPEECH1', new Set([people.ada, people.pat])]]);
    expect(payingTeam(policy, people.ada, groups)).toEqual({ team: 'vision' });
    expect(payingTeam(policy, people.pat, groups)).toEqual({ team: 'speech' });
    expect(payingTeam(policy, people.root, groups)).toEqual({ team: null });
  });

  it('cannot be told behind a group that could not be read, and can before it', () => {
    expect(payingTeam(policy, people.pat, new Map())).toEqual({ unreadable: 'speech' });
    expect(payingTeam(policy, people.ada, new Map())).toEqual({ team: 'vision' });
  });

  it('has totals of its own, and none once the policy does not name it', () => {
    expect(teamLimits(policy, 'vision')).toEqual({ gpus: 6000, gpuHours: null });
    expect(teamLimits(policy, 'gone')).toEqual({ gpus: null, gpuHours: null });
  });
});

describe('capacity of a slice', () => {
  it.each([
    ['1g.10gb', 'NVIDIA H100', 142],
    ['2g.20gb', 'NVIDIA A100', 285],
    ['3g.40gb', 'NVIDIA A100', 428],
    ['7g.80gb', 'NVIDIA A100', 1000],
    ['1g.6gb', 'NVIDIA A30', 250],
    ['2g.12gb', 'a30', 500],
    ['1g.18gb', 'NVIDIA H200 NVL', 142],
    ['3g.90gb', 'NVIDIA GB200', 428],
    ['1g.24gb', 'NVIDIA RTX PRO 6000 Blackwell Server Edition', 250],
    ['1g.24gb', 'NVIDIA RTX PRO 5000 Blackwell', 500],
    ['4g.24gb', 'NVIDIA A30', 1000],
  ])('%s of a %s is %i milli-GPU', (profile, model, milli) => {
    expect(sliceMilli(profile, model)).toBe(milli);
  });

  it('is never 0: what cannot be read counts as a whole GPU', () => {
    for (const profile of ['', 'g', '0g.5gb', '9g.5gb', 'MIG', '2', 'N/A', '1g']) expect(sliceMilli(profile, 'A100')).toBeGreaterThan(0);
    expect(sliceMilli('MIG', 'A100')).toBe(1000);
    expect(sliceMilli('1g.10gb', 'NVIDIA')).toBe(1000);
  });
});

describe('pools', () => {
  const device = { model: 'NVIDIA A100-SXM4-80GB', memoryMib: 81_920, host: 'gpu-01', labels: [] as string[] };
  const pool = (name: string, match: Record<string, unknown>) => ({ ...testPolicy().pools[0], name, maxDuration: '24h', match });
  const matching = testPolicy({
    pools: [
      pool('slices', { mig: '2g.20gb', model: 'A100' }),
      pool('small', { model: 'a100', memoryGib: 40 }),
      pool('lab', { model: 'a100', host: ['gpu-09'] }),
      pool('linked', { model: 'a100', label: ['nvlink', 'rack=a'] }),
      pool('a100', { model: 'a100' }),
    ],
  });

  it('take a device by all that their match names, the first that fits', () => {
    expect(poolOfDevice(matching, device)).toBe('a100');
    expect(poolOfDevice(matching, { ...device, memoryMib: 40_536 })).toBe('small');
    expect(poolOfDevice(matching, { ...device, host: 'gpu-09' })).toBe('lab');
    expect(poolOfDevice(matching, { ...device, model: 'NVIDIA L4' })).toBeNull();
    expect(poolOfDevice(matching, { ...device, labels: ['rack=a', 'old', 'nvlink'] })).toBe('linked');
    expect(poolOfDevice(matching, { ...device, labels: ['nvlink', 'rack=b'] })).toBe('a100');
  });

  it('keep slices and whole cards apart', () => {
    expect(poolOfDevice(matching, { ...device, model: 'NVIDIA A100-SXM4-80GB MIG 2g.20gb' })).toBe('slices');
    expect(poolOfDevice(matching, { ...device, model: 'NVIDIA A100-SXM4-80GB MIG 1g.10gb' })).toBeNull();
    expect(poolTerms(matching).map(({ name, deviceMilli }) => [name, deviceMilli])).toEqual([
      ['slices', 285],
      ['small', 1000],
      ['lab', 1000],
      ['linked', 1000],
      ['a100', 1000],
      ['cpu', 0],
    ]);
  });

  it('of slices count by their card, which the policy has to name', () => {
    const slices = (match: Record<string, unknown>) => testPolicy({ pools: [pool('slices', { mig: '2g.12gb', ...match })] });
    expect(poolTerms(slices({ model: 'A30' }))[0]?.deviceMilli).toBe(500);
    for (const match of [{}, { model: 'NVIDIA' }, { model: 'RTX A3000' }]) expect(() => slices(match)).toThrow('name the card with mig');
  });
});
