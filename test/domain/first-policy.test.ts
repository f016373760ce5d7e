import { describe, expect, it } from 'vitest';
import { firstPolicy } from '../../src/domain/first-policy.ts';
import { poolOfDevice } from '../../src/domain/policy.ts';
import { parsePolicy } from '../../src/policy-file.ts';

const named = { admin: 'U0ADMIN01', channel: 'C0APPROVE' };
const poolsFor = (gpus: readonly { model: string; memoryMib: number }[]) => parsePolicy(firstPolicy({ ...named, gpus }), 'first.yaml');

describe('the first policy', () => {
  it('is right for whatever was found, and each device is in a pool of its own kind', () => {
    const gpus = [
      { model: 'NVIDIA A100-SXM4-80GB', memoryMib: 81_920 },
      { model: 'NVIDIA A100-SXM4-80GB', memoryMib: 81_920 },
      { model: 'NVIDIA A100-PCIE-40GB', memoryMib: 40_536 },
      { model: 'NVIDIA GeForce RTX 3090', memoryMib: 24_576 },
      { model: 'NVIDIA H200', memoryMib: 143_771 },
      { model: 'Tesla V100-SXM2-16GB', memoryMib: 16_160 },
    ];
    const policy = poolsFor(gpus);
    expect(policy.pools.map(({ name }) => name)).toEqual(['h200', 'a100', 'a100-40', '3090', 'v100']);
    expect(gpus.map((gpu) => poolOfDevice(policy, { ...gpu, host: 'gpu-01', labels: [] }))).toEqual([
      'a100',
      'a100',
      'a100-40',
      '3090',
      'h200',
      'v100',
    ]);
    expect(policy).toMatchObject({ admins: ['U0ADMIN01'], quota: { gpus: 2 }, selfApproval: true });
  });

  it('is right without any GPU, and for models that are named oddly', () => {
    expect(poolsFor([]).pools).toEqual([]);
    const odd = ['CPU', '', '":\n- x', 'Graphics Device', 'Graphics Device '].map((model, index) => ({
      model,
      memoryMib: 1024 * (index + 1),
    }));
    const { pools } = poolsFor(odd.filter(({ model }) => model !== ''));
    expect(new Set(pools.map(({ name }) => name)).size).toBe(4);
    expect(pools.map(({ name }) => name)).not.toContain('cpu');
  });

  it('names the line when the admin is no Slack user', () => {
    expect(() => parsePolicy(firstPolicy({ ...named, admin: 'ada', gpus: [] }), 'first.yaml')).toThrow(/first\.yaml:\d+: admins\.0/);
  });
});
