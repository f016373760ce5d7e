// What goes wrong while a container comes up or lives: said in words, nothing left, nothing touched that is not ours (scenarios 15, 16, 18).
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { DesiredContainer, ObservedAllocation } from '../../src/domain/host-protocol.ts';
import { desired, GPU_A, GPU_B } from '../support/agent-desired.ts';
import { IMAGES } from '../support/docker-images.ts';
import { inside, newAllocation, removeContainers, scene } from '../support/docker-scene.ts';

const here = scene();
const cards = [{ uuid: GPU_A }, { uuid: GPU_B }];

async function up(over: Partial<DesiredContainer> = {}): Promise<{ allocation: string; id: string; name: string }> {
  const allocation = newAllocation();
  here.bot.want(desired({ allocation, ...over }));
  const { containerId: id, containerName: name } = await here.bot.state(allocation, 'running');
  return { allocation, id, name };
}

const left = async (allocation: string): Promise<number> =>
  (await here.docker.listContainers({ all: true, filters: { label: [`berth.allocation=${allocation}`] } })).length;

/** A container made past the agent. */
async function byHand(name: string, labels: Record<string, string>, user = ''): Promise<string> {
  const container = await here.docker.createContainer({
    name,
    Image: IMAGES.plain,
    Cmd: ['sleep', 'infinity'],
    User: user,
    Labels: { 'berth.test': here.agent.host, ...labels },
    HostConfig: { NetworkMode: 'none' },
  });
  await container.start();
  return container.id;
}

const state = async (id: string): Promise<string> => (await here.docker.getContainer(id).inspect()).State.Status;

afterEach(async () => {
  here.agent.gpus.show(cards);
  await removeContainers(here.docker, 'berth.test', here.agent.host);
});

describe('a container that cannot come up', () => {
  it.each<[string, Partial<DesiredContainer>, string, RegExp]>([
    ['its image is not here', { image: 'berth-none:1' }, 'image_missing', /berth-none:1/],
    ['its image name is none', { image: '../../containers' }, 'image_missing', /containers/],
    ['its image declares a VOLUME', { image: IMAGES.volume }, 'refused_by_host', /VOLUME \(\/data\)/],
    ['a GPU was never here', { devices: ['GPU-1f2e3d4c-0a1b-4c2d-8e3f-0000000000ff'] }, 'device_missing', /0000000000ff/],
    ['the engine refuses its limits', { limits: { cpuMilli: 100, memoryMib: 1, shmMib: 1, pids: 8 } }, 'engine_failed', /memory/i],
  ])('because %s: fails in words and leaves nothing', async (_what, over, code, words) => {
    const allocation = newAllocation();
    here.bot.want(desired({ allocation, ...over }));
    expect(await here.bot.state(allocation, 'failed')).toMatchObject({ code, detail: expect.stringMatching(words) });
    expect(await left(allocation)).toBe(0);
  });

  it("because a stranger has its name: fails and leaves the stranger's container alone", async () => {
    const allocation = newAllocation();
    const stranger = await byHand(`berth-${allocation}`, {});
    here.bot.want(desired({ allocation }));
    expect(await here.bot.state(allocation, 'failed')).toMatchObject({
      code: 'name_taken',
      detail: expect.stringContaining(`berth-${allocation}`),
    });
    expect(await state(stranger)).toBe('running');
  });

  it('because its GPU vanished: fails, and the card is missing from the reports', async () => {
    here.agent.gpus.show([{ uuid: GPU_B }]);
    await here.bot.report((report) => report.devices?.length === 1 && report === here.bot.reports.at(-1));
    const allocation = newAllocation();
    here.bot.want(desired({ allocation, devices: [GPU_A] }));
    expect(await here.bot.state(allocation, 'failed')).toMatchObject({ code: 'device_missing', detail: expect.stringContaining(GPU_A) });
    expect(await left(allocation)).toBe(0);
  });

  it('because what came up under its labels is not what was asked: stopped, removed, failed', async () => {
    const allocation = newAllocation();
    const labels = { 'berth.ledger': here.bot.ledger, 'berth.host': here.agent.host, 'berth.allocation': allocation, 'berth.fence': '5' };
    await byHand(`berth-${allocation}`, labels, '0:0');
    here.bot.want(desired({ allocation }));
    expect(await here.bot.state(allocation, 'failed')).toMatchObject({
      code: 'engine_failed',
      detail: 'it came up as user 0:0 instead of 200001:200001',
    });
    expect(await left(allocation)).toBe(0);
  });

  it('and then is wanted no more is stopped, and comes up under a new fence', async () => {
    const allocation = newAllocation();
    here.bot.want(desired({ allocation, image: 'berth-none:1' }));
    await here.bot.state(allocation, 'failed');
    here.bot.want(desired({ allocation, image: 'berth-none:1', wanted: 'stopped' }));
    await here.bot.state(allocation, 'stopped');
    here.bot.want(desired({ allocation, fence: 6 }));
    expect(await here.bot.state(allocation, 'running')).toMatchObject({ fence: 6 });
  });

  it('because a GPU has seen a higher fence: fails, whatever is free', async () => {
    await up({ devices: [GPU_B], fence: 9 });
    const allocation = newAllocation();
    here.bot.want(desired({ allocation, devices: [GPU_B], fence: 8 }));
    expect(await here.bot.state(allocation, 'failed')).toMatchObject({ code: 'stale_fence' });
  });
});

describe('a container that ends by itself', () => {
  it('stopped by hand: ended with its exit code, and not started again', async () => {
    const { allocation, id } = await up();
    await here.docker.getContainer(id).stop({ t: 1 });
    expect(await here.bot.state(allocation, 'ended')).toMatchObject({ cause: 'exited', exitCode: 143 });
    expect(await state(id)).toBe('exited');
    here.bot.want(desired({ allocation, wanted: 'stopped' }));
    await here.bot.state(allocation, 'stopped');
    expect(await left(allocation)).toBe(0);
  });

  it('removed by hand: ended, told apart from one that never came up', async () => {
    const { allocation, id } = await up();
    await here.docker.getContainer(id).remove({ force: true });
    expect(await here.bot.state(allocation, 'ended')).toMatchObject({ cause: 'removed' });
  });

  it('out of memory: ended, and said so although the engine blames a child', async () => {
    const allocation = newAllocation();
    here.bot.want(desired({ allocation, image: IMAGES.hungry, limits: { cpuMilli: 1000, memoryMib: 24, shmMib: 4, pids: 16 } }));
    expect(await here.bot.state(allocation, 'ended')).toMatchObject({ cause: 'out_of_memory', exitCode: 137 });
  });
});

describe('what is not on the list', () => {
  it('an unknown container with our labels is an orphan: reported, left running', async () => {
    const labels = {
      'berth.ledger': here.bot.ledger,
      'berth.host': here.agent.host,
      'berth.allocation': 'al-forgotten',
      'berth.fence': '3',
    };
    const id = await byHand('left-over', labels);
    here.bot.want();
    const { orphans } = await here.bot.report((report) => report.orphans.some((orphan) => orphan.containerId === id && orphan.running));
    expect(orphans.find((orphan) => orphan.containerId === id)).toEqual({
      allocation: 'al-forgotten',
      fence: 3,
      containerId: id,
      containerName: 'left-over',
      running: true,
    });
    expect(await state(id)).toBe('running');
  });

  it("another ledger's and another host's containers are neither reported nor touched", async () => {
    const others = [
      await byHand('other-ledger', {
        'berth.ledger': randomUUID(),
        'berth.host': here.agent.host,
        'berth.allocation': 'al-elsewhere',
        'berth.fence': '1',
      }),
      await byHand('other-host', {
        'berth.ledger': here.bot.ledger,
        'berth.host': 'other',
        'berth.allocation': 'al-elsewhere',
        'berth.fence': '1',
      }),
    ];
    here.bot.want(desired({ allocation: 'al-elsewhere', wanted: 'stopped' }));
    await here.bot.state('al-elsewhere', 'stopped');
    expect(await Promise.all(others.map(state))).toEqual(['running', 'running']);
    expect(here.bot.reports.at(-1)!.orphans.map(({ containerId }) => containerId)).not.toEqual(expect.arrayContaining(others));
  });
});

describe('GPUs', () => {
  it("a stranger's process is reported with its owner, ours is not (18)", async () => {
    const { name, id } = await up({ devices: [GPU_A] });
    const stranger: ChildProcess = spawn('sleep', ['300'], { uid: 65_534, stdio: 'ignore' });
    const mine = Number((await here.docker.getContainer(id).inspect()).State.Pid);
    here.agent.gpus.show(
      [
        { uuid: GPU_A, usedMib: 3000 },
        { uuid: GPU_B, usedMib: 700 },
      ],
      [
        { uuid: GPU_A, pid: mine, name: 'python', usedMib: 2500 },
        { uuid: GPU_B, pid: stranger.pid!, name: '/home/ada/train, fast', usedMib: 700 },
      ],
    );
    // Memory and processes are read one after the other, so a report may have the one from before and the other from after.
    const { devices } = await here.bot.report(
      ({ devices }) => devices?.[0]?.memoryUsedMib === 3000 && devices[1]?.foreign[0]?.owner === 'nobody',
    );
    expect(devices).toMatchObject([
      { uuid: GPU_A, memoryUsedMib: 3000, foreignMemoryMib: 500, foreign: [] },
      { uuid: GPU_B, foreignMemoryMib: 700, foreign: [{ pid: stranger.pid, owner: 'nobody', command: '/home/ada/train, fast' }] },
    ]);
    stranger.kill();
    expect(await inside(here.docker, name, 'id', '-u')).toBe('200001');
  });

  it('a GPU process that outlives its container keeps it from being called stopped', async () => {
    const { allocation, id } = await up({ devices: [GPU_A] });
    const stuck: ChildProcess = spawn('sleep', ['300'], { stdio: 'ignore' });
    const release = moveToContainer(stuck.pid!, id);
    try {
      here.agent.gpus.show(cards, [{ uuid: GPU_A, pid: stuck.pid!, name: 'python', usedMib: 100 }]);
      here.bot.want(desired({ allocation, devices: [GPU_A], wanted: 'stopped' }));
      await expect.poll(() => state(id)).toBe('exited');
      await expect.poll(() => here.agent.log()).toContain(`"allocation":"${allocation}","goal":"stopped:5","step":"stop"`);
      await here.bot.report(
        (report) =>
          report === here.bot.reports.at(-1) &&
          report.allocations.some(
            (one) => one.allocation === allocation && one.status === 'pending' && one.detail.startsWith('waiting until its GPUs'),
          ),
      );
      here.agent.gpus.fail('Failed to initialize NVML: Driver/library version mismatch', 18);
      await here.bot.report((report) => report.problems.some((problem) => problem.code === 'probe_failed'));
      expect(await state(id)).toBe('exited');
    } finally {
      here.agent.gpus.show(cards);
      await release();
    }
    await here.bot.state(allocation, 'stopped');
    expect(
      here.bot.reports.filter((report) =>
        report.allocations.some((one) => one.allocation === allocation && one.status === 'stopped' && report.problems.length > 0),
      ),
    ).toEqual([]);
    expect(await left(allocation)).toBe(0);
  });

  it('whose processes cannot be counted keep it from being called stopped too', async () => {
    const { allocation, id } = await up({ devices: [GPU_A] });
    here.agent.gpus.fail('Failed to initialize NVML: Driver/library version mismatch', 18);
    here.bot.want(desired({ allocation, devices: [GPU_A], wanted: 'stopped' }));
    const waiting = (one: ObservedAllocation): boolean =>
      one.allocation === allocation && one.status === 'pending' && one.detail.startsWith('waiting until its GPUs');
    await here.bot.report((report) => report.allocations.some(waiting));
    const asked = here.agent.gpus.asked();
    await expect.poll(() => here.agent.gpus.asked(), { timeout: 10_000 }).toBeGreaterThan(asked + 4);
    expect(await state(id)).toBe('exited');
    here.agent.gpus.show(cards);
    await here.bot.state(allocation, 'stopped');
    expect(await left(allocation)).toBe(0);
  });

  it('that cannot be read are unknown, not absent, and the admin is told in words', async () => {
    here.agent.gpus.fail('Failed to initialize NVML: Driver/library version mismatch', 18);
    const { problems } = await here.bot.report(
      (report) => report.devices === null && report.problems.length > 0 && report === here.bot.reports.at(-1),
    );
    expect(problems).toMatchObject([
      { code: 'probe_failed', blocking: false, detail: expect.stringContaining('Driver/library version mismatch') },
    ]);
  });
});

/** Puts a process into a cgroup with the container's id, as one that its end did not reach; returns what takes it away again. */
function moveToContainer(pid: number, id: string): () => Promise<void> {
  const root = existsSync('/sys/fs/cgroup/pids') ? '/sys/fs/cgroup/pids' : '/sys/fs/cgroup';
  const group = join(root, `berth-test-${id}`);
  mkdirSync(group);
  writeFileSync(join(group, 'cgroup.procs'), String(pid));
  return async () => {
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => readFileSync(join(group, 'cgroup.procs'), 'utf8')).toBe('');
    rmdirSync(group);
  };
}
