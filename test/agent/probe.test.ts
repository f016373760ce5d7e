// What is ours on a GPU and what is not, and nvidia-smi when it fails.
import { describe, expect, it } from 'vitest';
import type { CommandResult } from '../../src/agent/command.ts';
import { observedDevices, processesOf } from '../../src/agent/probe/devices.ts';
import { probeFeed } from '../../src/agent/probe/feed.ts';
import { nvidiaProbe } from '../../src/agent/probe/nvidia-smi.ts';
import type { GpuProcess, ProbeResult, Sample } from '../../src/agent/probe/probe.ts';
import { GPU_A } from '../support/agent-desired.ts';

const gpu = { uuid: GPU_A, index: 0, model: 'A100', memoryMib: 40_960, memoryUsedMib: 3000, utilizationPercent: 5 };
const ours = new Set(['c1']);
const process = (over: Partial<GpuProcess>): GpuProcess => ({
  uuid: GPU_A,
  pid: 1,
  command: 'python',
  memoryUsedMib: 1000,
  containerId: 'c1',
  owner: '200001',
  ...over,
});
const sample = (processes: GpuProcess[] | null): Sample => ({ kind: 'sample', gpus: [gpu], processes, faults: [] });

describe('what is not ours', () => {
  it('is what our containers do not explain', () => {
    const [device] = observedDevices(sample([process({}), process({ pid: 2, containerId: null, owner: 'ada', command: 'train' })]), ours);
    expect(device).toMatchObject({ foreignMemoryMib: 2000, foreign: [{ pid: 2, owner: 'ada', command: 'train' }] });
  });

  it("counts another engine's or ledger's container as foreign", () => {
    expect(observedDevices(sample([process({ containerId: 'someone' })]), ours)[0]).toMatchObject({
      foreignMemoryMib: 3000,
      foreign: [{ pid: 1 }],
    });
  });

  it('is unknown, never 0, when a number or the processes cannot be read', () => {
    expect(observedDevices(sample(null), ours)[0]!.foreignMemoryMib).toBeNull();
    expect(observedDevices(sample([process({ memoryUsedMib: null })]), ours)[0]!.foreignMemoryMib).toBeNull();
    expect(observedDevices({ ...sample([]), gpus: [{ ...gpu, memoryUsedMib: null }] }, ours)[0]!.foreignMemoryMib).toBeNull();
  });

  it('is never negative: the driver rounds', () => {
    expect(observedDevices(sample([process({ memoryUsedMib: 3001 })]), ours)[0]!.foreignMemoryMib).toBe(0);
  });
});

it("a stopped container's processes are counted by container, unknown when they cannot be read", () => {
  expect(processesOf(sample([process({}), process({ containerId: 'c2' })]), 'c1')).toBe(1);
  expect(processesOf(sample([]), 'c1')).toBe(0);
  expect(processesOf(sample(null), 'c1')).toBeNull();
});

describe('nvidia-smi', () => {
  const accounts = { known: async () => 'free' as const, nameOf: async (uid: number) => `user${uid}` };
  const ended = (stdout: string, code = 0): CommandResult => ({ kind: 'ended', code, stdout, stderr: '' });
  const probe = (answers: Record<string, CommandResult>): Promise<ProbeResult> =>
    nvidiaProbe(async (_program, [first = '']) => answers[first.split('=')[0]!] ?? ended(''), accounts).sample();
  const row = `0, ${GPU_A}, A100, 40960, 10, 0`;

  it.each<[string, CommandResult, RegExp]>([
    ['not installed', { kind: 'missing', detail: '' }, /not installed/],
    ['hanging', { kind: 'timed_out' }, /10 s/],
    ['showing no card', ended(''), /no words/],
    ['at odds with its driver', ended('Failed to initialize NVML: Driver/library version mismatch\n', 18), /18: Failed to initialize NVML/],
  ])('%s fails the sample in words', async (_what, answer, words) => {
    const result = await probe({ '--query-gpu': answer });
    expect(result).toMatchObject({ kind: 'failed', detail: expect.stringMatching(words) });
  });

  it('with one lost card keeps the others, though it exits with an error', async () => {
    expect(await probe({ '--query-gpu': ended(`${row}\nUnable to determine the device handle\n`, 15) })).toMatchObject({
      kind: 'sample',
      gpus: [{ uuid: GPU_A }],
      faults: [/Unable/].map(() => expect.stringMatching(/Unable/)),
    });
  });

  it('that cannot read processes makes them unknown', async () => {
    const result = await probe({ '--query-gpu': ended(row), '--query-compute-apps': ended(`${GPU_A}, [Insufficient Permissions], x, y`) });
    expect(result).toMatchObject({ kind: 'sample', processes: null, faults: [expect.any(String)] });
  });

  it('is asked for the MIG mode only if it knows it', async () => {
    expect(await probe({ '--query-gpu': ended(`${row}, Enabled`), '--help-query-gpu': ended('"mig.mode.current"') })).toMatchObject({
      gpus: [],
    });
    expect(await probe({ '--query-gpu': ended(row) })).toMatchObject({ gpus: [{ uuid: GPU_A }] });
  });
});

it.each<[string, CommandResult, string | null]>([
  ['one line for each card', { kind: 'ended', code: 0, stdout: '550.54.15\n550.54.15\n', stderr: '' }, '550.54.15'],
  ['a card that is lost', { kind: 'ended', code: 15, stdout: 'Unable to determine the device handle\n570.86\n', stderr: '' }, '570.86'],
  ['an error alone', { kind: 'ended', code: 9, stdout: 'NVIDIA-SMI has failed\n', stderr: '' }, null],
  ['no answer', { kind: 'timed_out' }, null],
])('the driver is read, or unknown, never guessed: %s', async (_, answer, version) => {
  const accounts = { known: async () => 'free' as const, nameOf: async (uid: number) => `user${uid}` };
  const asked: string[] = [];
  const probe = nvidiaProbe(async (_program, args) => {
    asked.push(...args);
    return answer;
  }, accounts);
  expect(await probe.driver()).toBe(version);
  expect(asked).toContain('--query-gpu=driver_version');
});

it('a sample is shared while it is young enough, and never taken twice at a time', async () => {
  let now = 0;
  let taken = 0;
  const feed = probeFeed(
    { kind: 'nvidia', sample: async () => ({ ...sample([]), faults: [String(++taken)] }), driver: async () => null },
    { milliseconds: () => now },
    async () => undefined,
  );
  await Promise.all([feed.sample(0), feed.sample(0), feed.sample(0)]);
  expect(taken).toBe(1);
  now = 1000;
  await feed.sample(1000);
  expect(taken).toBe(1);
  await feed.sample(999);
  expect(taken).toBe(2);
});
