// The bridge members' containers are on: they reach the outside and nothing of this host or of each other (A6).
import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { dockerEngine } from '../../src/agent/docker-engine.ts';
import { bridgeGuard } from '../../src/agent/network.ts';
import { desired } from '../support/agent-desired.ts';
import { runCommand } from '../../src/agent/command.ts';
import { besideEngine, inNamespace, startHolder } from '../support/docker-engine.ts';
import { inside, newAllocation, removeContainers, scene } from '../support/docker-scene.ts';

const BRIDGE = 'berthnet0';
const SUBNET = '10.217.0.0/24';
const GATEWAY = '10.217.0.1';
const OUTSIDE = '198.51.100.2';
const HOST = '198.51.100.1';
const METADATA = '169.254.169.254';
/** Beyond the host as well, in a network that the agent's setting blocks. */
const STORAGE = '203.0.113.7';
const BLOCKED = '203.0.113.0/24';

const here = scene({ env: { BERTH_AGENT_BRIDGE: BRIDGE, BERTH_AGENT_SUBNET: SUBNET, BERTH_AGENT_BLOCKED: BLOCKED } });
const helpers: ChildProcess[] = [];
const beside = (...command: string[]): Promise<string> => besideEngine(here.engine, ...command);
const rules = async (): Promise<string[]> =>
  (await beside('iptables', '-S')).split('\n').filter((line) => line.includes(`berth:${BRIDGE}`));

/** Runs a long-lived helper; `nsenter` arguments choose where. */
function helper(...command: string[]): ChildProcess {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { stdio: 'ignore' });
  helpers.push(child);
  return child;
}

let inPeer: (...command: string[]) => Promise<string>;

/** A network beyond the host: one that containers may reach, with a metadata service and a storage server beside it. */
async function makeOutside(): Promise<void> {
  const peer = await startHolder();
  helpers.push(peer);
  inPeer = (...command) => besideEngine({ ...here.engine, holder: peer.pid! }, ...command);
  await beside('ip', 'link', 'add', 'out0', 'type', 'veth', 'peer', 'name', 'in0', 'netns', String(peer.pid));
  await beside('ip', 'addr', 'add', `${HOST}/24`, 'dev', 'out0');
  await beside('ip', 'link', 'set', 'out0', 'up');
  await inPeer('ip', 'addr', 'add', `${OUTSIDE}/24`, 'dev', 'in0');
  await inPeer('ip', 'addr', 'add', `${METADATA}/32`, 'dev', 'in0');
  await inPeer('ip', 'addr', 'add', `${STORAGE}/32`, 'dev', 'in0');
  await inPeer('ip', 'link', 'set', 'in0', 'up');
  for (const address of [METADATA, STORAGE]) await beside('ip', 'route', 'add', address, 'via', OUTSIDE);
  for (const pid of [peer.pid!, here.engine.holder]) {
    helper('nsenter', ...inNamespace({ holder: pid }, ['busybox', 'nc', '-ll', '-p', '7777', '-e', 'echo', 'hello']));
  }
}

/** A container of our own making, answering on port 7777. */
async function handMade(name: string, network: string, published?: string): Promise<{ name: string; address: string }> {
  const container = await here.docker.createContainer({
    name,
    Image: 'berth-test:1',
    Cmd: ['nc', '-ll', '-p', '7777', '-e', 'echo', 'hello'],
    Labels: { 'berth.test': BRIDGE },
    ExposedPorts: { '7777/tcp': {} },
    HostConfig: { NetworkMode: network, ...(published === undefined ? {} : { PortBindings: { '7777/tcp': [{ HostPort: published }] } }) },
  });
  await container.start();
  const info: Docker.ContainerInspectInfo = await container.inspect();
  return { name, address: info.NetworkSettings.Networks[network]!.IPAddress };
}

const answers = async (from: string, address: string, port = '7777'): Promise<boolean> =>
  (await inside(here.docker, from, 'timeout', '2', 'nc', '-w', '1', address, port)) === 'hello';

beforeAll(async () => {
  await vi.waitUntil(async () => (await rules()).length > 0, 10_000);
  await makeOutside();
});

afterAll(async () => {
  for (const child of helpers) child.kill('SIGKILL');
  await removeContainers(here.docker, 'berth.test', BRIDGE);
  await beside('ip', 'link', 'del', 'out0').catch(() => undefined);
});

describe('containers on the bridge', () => {
  let a = { name: '', address: '' };
  let b = { name: '', address: '' };
  let free = { name: '', address: '' };
  beforeAll(async () => {
    a = await handMade('net-a', BRIDGE);
    b = await handMade('net-b', BRIDGE, '17777');
    free = await handMade('net-free', 'bridge');
  });

  it('would reach all of it from an ordinary Docker network: what follows is the rules and nothing else', async () => {
    await expect.poll(() => answers(free.name, OUTSIDE)).toBe(true);
    expect(await answers(free.name, METADATA)).toBe(true);
    expect(await answers(free.name, STORAGE)).toBe(true);
    expect(await answers(free.name, HOST)).toBe(true);
    expect(await answers(free.name, HOST, '17777')).toBe(true);
  });

  it('reach the outside', async () => {
    expect(await answers(a.name, OUTSIDE)).toBe(true);
  });

  it.each<[string, () => [string, string?]]>([
    ['another container', () => [b.address]],
    ['a container on another network', () => [free.address]],
    ["the host's services at the gateway", () => [GATEWAY]],
    ["the host's services at its own address", () => [HOST]],
    ["another container's published port at the gateway", () => [GATEWAY, '17777']],
    ["another container's published port at the host's address", () => [HOST, '17777']],
    ['the cloud metadata service', () => [METADATA]],
    ['a network that the setting blocks', () => [STORAGE]],
  ])('do not reach %s', async (_what, target) => {
    expect(await answers(a.name, ...target())).toBe(false);
  });

  it('do not ping the host or each other', async () => {
    for (const address of [GATEWAY, HOST, b.address])
      expect(await inside(here.docker, a.name, 'ping', '-c', '1', '-W', '1', address)).toMatch(/100% packet loss|permitted/);
  });

  it("answer on a published port from the host's side, and to a network they may not reach themselves", async () => {
    expect((await beside('busybox', 'nc', '-w', '2', '127.0.0.1', '17777')).trim()).toBe('hello');
    await inPeer('ip', 'route', 'add', `${HOST}/32`, 'dev', 'in0', 'src', STORAGE);
    expect((await inPeer('busybox', 'nc', '-w', '2', HOST, '17777')).trim()).toBe('hello');
  });
});

describe('the rules', () => {
  const NEEDED = 4;
  const run: typeof runCommand = (program, args, limit) => runCommand('nsenter', inNamespace(here.engine, [program, ...args]), limit);

  it('are put back before the next start when somebody took them away', async () => {
    expect(await rules()).toHaveLength(NEEDED);
    for (const rule of await rules()) await beside('iptables', '-D', ...words(rule));
    expect(await rules()).toEqual([]);
    const allocation = newAllocation();
    here.bot.want(desired({ allocation }));
    await here.bot.state(allocation, 'running');
    expect(await rules()).toHaveLength(NEEDED);
  });

  it('that cannot be put back keep anything from starting, and the admin is told', async () => {
    const broken = join(here.agent.gpus.bin, 'iptables');
    writeFileSync(broken, '#!/bin/sh\necho "iptables: Permission denied" >&2\nexit 4\n', { mode: 0o755 });
    try {
      const allocation = newAllocation();
      here.bot.want(desired({ allocation }));
      expect(await here.bot.state(allocation, 'failed')).toMatchObject({
        code: 'network_unsafe',
        detail: expect.stringContaining('Permission denied'),
      });
      await expect(here.docker.getContainer(`berth-${allocation}`).inspect()).rejects.toMatchObject({ statusCode: 404 });
      const { problems } = await here.bot.report(({ problems: list }) => list.length > 0);
      expect(problems).toMatchObject([{ code: 'network_unsafe', blocking: true }]);
    } finally {
      rmSync(broken);
    }
    const next = newAllocation();
    here.bot.want(desired({ allocation: next }));
    await here.bot.state(next, 'running');
    expect(here.bot.reports.at(-1)!.problems).toEqual([]);
  });

  it("let through the host's own name server and nothing else, and go away with the bridge", async () => {
    const spec = { name: 'berthnet1', subnet: '10.217.1.0/24', labels: {}, blocked: [] };
    const guard = bridgeGuard(dockerEngine(here.engine.socket), spec, run, async () => [HOST]);
    const made = async (): Promise<string[]> =>
      (await beside('iptables', '-S', 'INPUT')).split('\n').filter((line) => line.includes('berth:berthnet1'));
    expect([await guard.ensure(), await guard.ensure()]).toEqual([{ kind: 'safe' }, { kind: 'safe' }]);
    expect((await made()).map((line) => /-j (\w+)$/.exec(line)?.[1])).toEqual(['ACCEPT', 'ACCEPT', 'DROP']);
    await beside('iptables', '-D', ...words((await made()).at(-1)!));
    expect(await guard.ensure()).toEqual({ kind: 'safe' });
    expect((await made()).map((line) => /-j (\w+)$/.exec(line)?.[1])).toEqual(['ACCEPT', 'ACCEPT', 'DROP']);
    expect(await guard.remove()).toBeNull();
    expect(await beside('iptables', '-S')).not.toContain('berthnet1');
    expect(await here.docker.listNetworks({ filters: { name: ['berthnet1'] } })).toEqual([]);
    expect(await guard.remove()).toBeNull();
  });

  it('block what the setting names today and no longer what it named before, and go away with the bridge', async () => {
    const guard = (...blocked: string[]) =>
      bridgeGuard(
        dockerEngine(here.engine.socket),
        { name: 'berthnet3', subnet: '10.217.3.0/24', labels: {}, blocked },
        run,
        async () => [],
      );
    const blocked = async (): Promise<string[]> =>
      (await beside('iptables', '-S', 'DOCKER-USER'))
        .split('\n')
        .filter((line) => line.includes('berth:berthnet3'))
        .flatMap((line) => / -d (\S+)/.exec(line)?.[1] ?? [])
        .toSorted();
    await guard('192.0.2.0/24', '192.0.2.9/32').ensure();
    expect(await blocked()).toEqual(['169.254.0.0/16', '192.0.2.0/24', '192.0.2.9/32']);
    const today = guard('198.18.0.0/15', '192.0.2.0/24');
    expect([await today.ensure(), await today.ensure()]).toEqual([{ kind: 'safe' }, { kind: 'safe' }]);
    expect(await blocked()).toEqual(['169.254.0.0/16', '192.0.2.0/24', '198.18.0.0/15']);
    expect(await guard().remove()).toBeNull();
    expect(await blocked()).toEqual([]);
  });

  it('a network of our name that lets containers talk is not used', async () => {
    await here.docker.createNetwork({ Name: 'berthnet2', IPAM: { Config: [{ Subnet: '10.217.2.0/24' }] } });
    const guard = bridgeGuard(
      dockerEngine(here.engine.socket),
      { name: 'berthnet2', subnet: '10.217.2.0/24', labels: {}, blocked: [] },
      run,
      async () => [],
    );
    expect(await guard.ensure()).toMatchObject({ kind: 'unsafe', detail: expect.stringContaining('its containers may reach each other') });
    await guard.remove();
  });
});

/** Words of an `iptables -S` line after `-A`. */
function words(rule: string): string[] {
  return rule.replaceAll('"', '').split(' ').slice(1);
}
