// What a granted container is, as the engine records it and as it looks from inside (scenarios 13 and 14; A4, A5, C4).
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { desired, GPU_A, GPU_B } from '../support/agent-desired.ts';
import { besideEngine } from '../support/docker-engine.ts';
import { IMAGES } from '../support/docker-images.ts';
import { inside, newAllocation, scene } from '../support/docker-scene.ts';

const here = scene();

it('has exactly the two GPUs, the limits, and no privilege', async () => {
  const allocation = newAllocation();
  here.bot.want(desired({ allocation, devices: [GPU_A, GPU_B] }));
  const running = await here.bot.state(allocation, 'running');
  expect(running).toMatchObject({ devices: [GPU_A, GPU_B], containerName: `berth-${allocation}`, fence: 5 });
  const { Config, HostConfig, Mounts } = await here.docker.getContainer(running.containerId).inspect();
  expect(HostConfig.DeviceRequests).toEqual([
    expect.objectContaining({ Driver: 'nvidia', Count: 0, DeviceIDs: [GPU_A, GPU_B], Capabilities: [['gpu', 'compute', 'utility']] }),
  ]);
  expect(HostConfig).toMatchObject({
    Memory: 128 * 1024 * 1024,
    MemorySwap: 128 * 1024 * 1024,
    NanoCpus: 1_000_000_000,
    PidsLimit: 64,
    ShmSize: 32 * 1024 * 1024,
    OomScoreAdj: 500,
    CapAdd: null,
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges:true'],
    Privileged: false,
    PidMode: '',
    RestartPolicy: { Name: 'no' },
    LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
  });
  expect(HostConfig.Binds ?? []).toEqual([]);
  expect(Config).toMatchObject({ User: '200001:200001', Healthcheck: { Test: ['NONE'] } });
  expect(Object.fromEntries(Mounts.map(({ Destination, RW }) => [Destination, RW]))).toEqual({
    '/etc/group': false,
    '/etc/passwd': false,
    '/workspace': true,
  });
});

it("is the member's from inside: name, home, workspace, GPUs, and nothing else; the same by the line a member is given", async () => {
  const allocation = newAllocation();
  here.bot.want(desired({ allocation, devices: [GPU_A], member: { id: 'm-2', uid: 200_002, gid: 200_002 } }));
  const { containerName: name } = await here.bot.state(allocation, 'running');
  const run = (...command: string[]): Promise<string> => inside(here.docker, name, ...command);
  expect(await run('id')).toBe('uid=200002(berth) gid=200002(berth) groups=200002(berth)');
  expect(await run('sh', '-c', 'echo $HOME $PWD $USER $NVIDIA_VISIBLE_DEVICES; hostname')).toBe(
    `/workspace /workspace berth ${GPU_A}\n${allocation}`,
  );
  expect(await run('sh', '-c', 'echo hello > file && cat file')).toBe('hello');
  expect(await run('sh', '-c', 'touch /etc/passwd')).toMatch(/Read-only|denied/);
  expect(await run('sh', '-c', 'grep -E "^(CapEff|CapPrm|CapBnd|NoNewPrivs)" /proc/self/status')).toMatch(
    /^CapPrm:\t0+\nCapEff:\t0+\nCapBnd:\t0+\nNoNewPrivs:\t1$/,
  );
  // A setuid root program gains nothing.
  expect(await run('busybox-suid', 'su')).toMatch(/must be suid to work properly/);
  const line = [
    'docker',
    '-H',
    `unix://${here.engine.socket}`,
    'exec',
    name,
    'sh',
    '-c',
    'id -u; echo $HOME; cat /workspace/file; echo $NVIDIA_VISIBLE_DEVICES',
  ];
  expect((await besideEngine(here.engine, ...line)).trim()).toBe(`200002\n/workspace\nhello\n${GPU_A}`);
  const file = join(here.agent.workspaces, 'm-2/file');
  expect([readFileSync(file, 'utf8'), statSync(file).uid]).toEqual(['hello\n', 200_002]);
});

it('meets its limits: processes, shared memory, memory', async () => {
  const allocation = newAllocation();
  here.bot.want(desired({ allocation, limits: { cpuMilli: 500, memoryMib: 32, shmMib: 8, pids: 16 } }));
  const { containerName: name } = await here.bot.state(allocation, 'running');
  expect(await inside(here.docker, name, 'sh', '-c', 'for i in $(seq 40); do sleep 2 & done')).toMatch(/fork/);
  expect(await inside(here.docker, name, 'sh', '-c', 'df -k /dev/shm | tail -1 | tr -s " " | cut -d" " -f2')).toBe('8192');
  // The member's own process is killed, the container lives on.
  expect(await inside(here.docker, name, 'sh', '-c', 'sh -c "x=aaaaaaaa; while :; do x=\\$x\\$x; done"; echo ended $?')).toMatch(
    /ended 137$/,
  );
  expect((await here.docker.getContainer(name).inspect()).State.Running).toBe(true);
});

it('with an image that wants to be root: no capability, also through exec, and its entry point does not run', async () => {
  const allocation = newAllocation();
  here.bot.want(desired({ allocation, image: IMAGES.root }));
  const { containerName: name } = await here.bot.state(allocation, 'running');
  expect(await inside(here.docker, name, 'sh', '-c', 'id -u; grep CapEff /proc/self/status /proc/1/status')).toMatch(
    /^200001\n.*CapEff:\t0{16}\n.*CapEff:\t0{16}$/,
  );
});

it('without GPUs sees none, whatever the image asks for, and drops what the image would smuggle in', async () => {
  const allocation = newAllocation();
  here.bot.want(desired({ allocation, image: IMAGES.grabby }));
  const { containerName: name, containerId } = await here.bot.state(allocation, 'running');
  const environment = await inside(here.docker, name, 'env');
  expect(environment).toContain('NVIDIA_VISIBLE_DEVICES=void');
  expect(environment).toContain('NVIDIA_REQUIRE_CUDA=cuda>=12.0');
  expect(environment).not.toMatch(/LD_PRELOAD|DRIVER_CAPABILITIES/);
  const { Config, HostConfig, State } = await here.docker.getContainer(containerId).inspect();
  expect(HostConfig.DeviceRequests ?? []).toEqual([]);
  expect(Config.Labels['berth.allocation']).toBe(allocation);
  expect(State.Health).toBeUndefined();
});

it('has the variables that the policy gives, over those of the image, also through exec; a later list changes nothing of it', async () => {
  const allocation = newAllocation();
  const environment = { OMP_NUM_THREADS: '8', NOTE: 'two words, "$HOME" and = signs' };
  here.bot.want(desired({ allocation, devices: [GPU_A], environment }));
  const { containerName: name, containerId } = await here.bot.state(allocation, 'running');
  const say = () => inside(here.docker, name, 'sh', '-c', 'echo "$OMP_NUM_THREADS|$NOTE|$HOME|$NVIDIA_VISIBLE_DEVICES"');
  expect(await say()).toBe(`8|two words, "$HOME" and = signs|/workspace|${GPU_A}`);
  here.bot.want(desired({ allocation, devices: [GPU_A], environment: { OMP_NUM_THREADS: '1' } }));
  expect(await here.bot.state(allocation, 'running')).toMatchObject({ containerId });
  expect(await say()).toMatch(/^8\|/);
});

it('is told to end, has its grace, and is gone; the files stay for the next one', async () => {
  const allocation = newAllocation();
  const member = { id: 'm-4', uid: 200_004, gid: 200_004 };
  here.bot.want(desired({ allocation, member, image: IMAGES.stubborn, devices: [GPU_B] }));
  const { containerId } = await here.bot.state(allocation, 'running');
  writeFileSync(join(here.agent.workspaces, 'm-4/kept'), 'work');
  const before = performance.now();
  here.bot.want(desired({ allocation, member, image: IMAGES.stubborn, devices: [GPU_B], wanted: 'stopped', stopGraceSeconds: 2 }));
  await here.bot.state(allocation, 'stopped');
  expect(performance.now() - before).toBeGreaterThan(1900);
  await expect(here.docker.getContainer(containerId).inspect()).rejects.toMatchObject({ statusCode: 404 });
  expect(readFileSync(join(here.agent.workspaces, 'm-4/term'), 'utf8')).toBe('term\n');
  const next = newAllocation();
  here.bot.want(desired({ allocation: next, member, fence: 6, devices: [GPU_B] }));
  await here.bot.state(next, 'running');
  expect(await inside(here.docker, `berth-${next}`, 'cat', 'kept')).toBe('work');
});

it('is refused for an account of this host, and nothing is made for it', async () => {
  const allocation = newAllocation();
  // A name service that knows the uid, as LDAP on a shared host would.
  const getent = join(here.agent.gpus.bin, 'getent');
  writeFileSync(getent, '#!/bin/sh\n[ "$2" = 200666 ] && echo "ada:x:200666:200666::/home/ada:/bin/sh" && exit 0\nexit 2\n', {
    mode: 0o755,
  });
  try {
    here.bot.want(desired({ allocation, member: { id: 'm-6', uid: 200_666, gid: 200_666 } }));
    expect(await here.bot.state(allocation, 'failed')).toMatchObject({
      code: 'refused_by_host',
      detail: expect.stringContaining('200666'),
    });
    expect(existsSync(join(here.agent.workspaces, 'm-6'))).toBe(false);
  } finally {
    execFileSync('rm', [getent]);
  }
  for (const member of [
    { id: 'm-7', uid: 1, gid: 200_001 },
    { id: 'm-7', uid: 200_001, gid: dockerGroup() },
  ]) {
    const other = newAllocation();
    here.bot.want(desired({ allocation: other, member }));
    expect(await here.bot.state(other, 'failed')).toMatchObject({ code: 'refused_by_host' });
  }
  expect(existsSync(join(here.agent.workspaces, 'm-7'))).toBe(false);
});

function dockerGroup(): number {
  return Number(/^docker:[^:]*:(\d+):/m.exec(readFileSync('/etc/group', 'utf8'))?.[1] ?? 999);
}
