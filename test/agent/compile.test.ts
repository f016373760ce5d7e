// Desired container × host → engine options or refusal.
import { describe, expect, it } from 'vitest';
import { boundDevices, compile, type HostFacts } from '../../src/agent/compile.ts';
import type { ContainerSpec, ImageFacts } from '../../src/agent/engine.ts';
import { DesiredContainer } from '../../src/domain/host-protocol.ts';
import { desired, GPU_A, GPU_B } from '../support/agent-desired.ts';

const image: ImageFacts = { id: 'sha256:abc', env: ['PATH=/bin'], volumes: [] };
const facts: HostFacts = {
  ledger: '6e0f1d6e-8f57-4a33-9b52-0c8a54f6f9a1',
  host: 'gpu-1',
  gpus: 'nvidia',
  inventory: new Set([GPU_A, GPU_B]),
  uids: { first: 200_000, last: 299_999 },
  uidKnown: false,
  gidKnown: false,
  cpus: 8,
  network: 'berth0',
  workspace: '/srv/w/m-1',
  passwdFile: '/state/p',
  groupFile: '/state/g',
};

function spec(want = desired(), more: Partial<HostFacts> = {}, from = image): ContainerSpec {
  const compiled = compile(want, from, { ...facts, ...more });
  if (compiled.kind === 'refused') throw new Error(compiled.detail);
  return compiled.spec;
}

const refusal = (want = desired(), more: Partial<HostFacts> = {}, from = image): string | null => {
  const compiled = compile(want, from, { ...facts, ...more });
  return compiled.kind === 'refused' ? compiled.code : null;
};

it('takes every privilege away and sets every limit', () => {
  const { HostConfig, ...rest } = spec(desired({ limits: { cpuMilli: 1500, memoryMib: 64, shmMib: 16, pids: 32 } }));
  expect(rest).toMatchObject({
    User: '200001:200001',
    Entrypoint: ['sleep'],
    Cmd: ['infinity'],
    WorkingDir: '/workspace',
    Healthcheck: { Test: ['NONE'] },
    StopTimeout: 5,
  });
  expect(HostConfig).toEqual({
    Init: true,
    Memory: 64 * 1024 * 1024,
    MemorySwap: 64 * 1024 * 1024,
    NanoCpus: 1_500_000_000,
    PidsLimit: 32,
    ShmSize: 16 * 1024 * 1024,
    OomScoreAdj: 500,
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges:true'],
    LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
    RestartPolicy: { Name: 'no' },
    NetworkMode: 'berth0',
    Mounts: [
      { Type: 'bind', Source: '/srv/w/m-1', Target: '/workspace', ReadOnly: false },
      { Type: 'bind', Source: '/state/p', Target: '/etc/passwd', ReadOnly: true },
      { Type: 'bind', Source: '/state/g', Target: '/etc/group', ReadOnly: true },
    ],
    DeviceRequests: [],
  });
});

it('runs the image that was inspected, whatever its name means by then', () => {
  expect(spec().Image).toBe('sha256:abc');
  expect(spec().Labels).toMatchObject({
    'berth.image': 'berth-test:1',
    'berth.allocation': 'al-aaaaaa',
    'berth.fence': '5',
    'berth.host': 'gpu-1',
  });
});

it('asks for no more CPUs than there are, which the engine would refuse', () => {
  expect(spec(desired({ limits: { ...desired().limits, cpuMilli: 64_000 } })).HostConfig.NanoCpus).toBe(8_000_000_000);
});

describe('devices', () => {
  it('are one request with their full UUIDs, sorted', () => {
    const { HostConfig, Env } = spec(desired({ devices: [GPU_B, GPU_A] }));
    expect(HostConfig.DeviceRequests).toEqual([
      { Driver: 'nvidia', DeviceIDs: [GPU_A, GPU_B], Capabilities: [['gpu', 'compute', 'utility']] },
    ]);
    expect(Env).toContain(`NVIDIA_VISIBLE_DEVICES=${GPU_A},${GPU_B}`);
  });

  it('without any the container sees none, whatever the image asks for', () => {
    const { Env, HostConfig } = spec(desired(), {}, { ...image, env: ['NVIDIA_VISIBLE_DEVICES=all'] });
    expect(HostConfig.DeviceRequests).toEqual([]);
    expect(Env.filter((pair) => pair.startsWith('NVIDIA_VISIBLE_DEVICES'))).toEqual(['NVIDIA_VISIBLE_DEVICES=void']);
  });

  it('simulated are named and never requested', () => {
    const { Env, HostConfig } = spec(desired({ devices: [GPU_A] }), { gpus: 'simulated' });
    expect(HostConfig.DeviceRequests).toEqual([]);
    expect(Env).toEqual(expect.arrayContaining(['NVIDIA_VISIBLE_DEVICES=void', `BERTH_DEVICES=${GPU_A}`]));
    expect(boundDevices({ deviceIds: [], env: Env }, 'simulated')).toEqual([GPU_A]);
  });

  it('not on this host are refused', () => {
    expect(refusal(desired({ devices: [GPU_A] }), { inventory: new Set([GPU_B]) })).toBe('device_missing');
    expect(refusal(desired({ devices: [GPU_A] }), { gpus: 'none' })).toBe('device_missing');
    expect(refusal(desired({ devices: [GPU_A, GPU_A] }))).toBe('refused_by_host');
  });
});

it("takes away the image's NVIDIA_* and LD_PRELOAD but not its own check of the driver", () => {
  const env = [
    'NVIDIA_VISIBLE_DEVICES=all',
    'NVIDIA_DRIVER_CAPABILITIES=all',
    'NVIDIA_REQUIRE_CUDA=cuda>=12',
    'LD_PRELOAD=/evil.so',
    'CUDA_VERSION=12',
  ];
  expect(spec(desired({ devices: [GPU_A] }), {}, { ...image, env }).Env).toEqual([
    'NVIDIA_DRIVER_CAPABILITIES',
    'LD_PRELOAD',
    'HOME=/workspace',
    'USER=berth',
    `NVIDIA_VISIBLE_DEVICES=${GPU_A}`,
  ]);
});

it("gives what the policy gives over the image's own, and nothing that stands in for ours", () => {
  const given = { OMP_NUM_THREADS: '8', HF_HOME: '/workspace/hf', HOME: '/root', NVIDIA_VISIBLE_DEVICES: 'all' };
  const { Env } = spec(desired({ environment: given }), {}, { ...image, env: ['OMP_NUM_THREADS=64'] });
  expect(Env).toEqual(['OMP_NUM_THREADS=8', 'HF_HOME=/workspace/hf', 'HOME=/workspace', 'USER=berth', 'NVIDIA_VISIBLE_DEVICES=void']);
});

it.each(['NVIDIA_VISIBLE_DEVICES', 'LD_PRELOAD', 'LD_LIBRARY_PATH', 'HOME', 'PATH', 'BERTH_DEVICES', '1X', 'A-B', 'A=B', ''])(
  'a list that gives the variable "%s" is not understood at all',
  (name) => {
    const parse = (environment: object) => DesiredContainer.safeParse(desired({ environment: { ...environment } })).success;
    expect([parse({ FINE: 'x' }), parse({ [name]: 'x' })]).toEqual([true, false]);
  },
);

it.each<[string, Parameters<typeof refusal>]>([
  ['uid 0', [desired({ member: { id: 'm-1', uid: 0, gid: 200_001 } })]],
  ['gid 0', [desired({ member: { id: 'm-1', uid: 200_001, gid: 0 } })]],
  ['a uid below the range', [desired({ member: { id: 'm-1', uid: 199_999, gid: 200_001 } })]],
  ['a gid above the range', [desired({ member: { id: 'm-1', uid: 200_001, gid: 300_000 } })]],
  ['a uid that is an account of the host', [desired(), { uidKnown: true }]],
  ['a gid that is a group of the host, such as docker', [desired(), { gidKnown: true }]],
  ['an image with a VOLUME', [desired(), {}, { ...image, volumes: ['/data'] }]],
])('%s is refused', (_what, args) => {
  expect(refusal(...args)).toBe('refused_by_host');
});
