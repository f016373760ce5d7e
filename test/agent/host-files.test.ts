// The agent's environment, and what it trusts and makes on the host's disk.
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommand } from '../../src/agent/command.ts';
import { readAgentConfig } from '../../src/agent/config.ts';
import { identityPaths, writeIdentity } from '../../src/agent/identity-files.ts';
import { holdAlone } from '../../src/agent/single.ts';
import { trustSocket } from '../../src/agent/socket-trust.ts';
import { prepareWorkspace } from '../../src/agent/workspace.ts';

const root = process.geteuid!() === 0;
const euid = process.geteuid!();
let dir = '';
beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'berth-files-')));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('the environment', () => {
  const socket = { BERTH_AGENT_SOCKET: '/run/berth/agents.sock' };

  it('has a default for all but the socket', () => {
    expect(readAgentConfig(socket)).toMatchObject({
      kind: 'config',
      config: {
        gpus: { kind: 'nvidia' },
        engine: { kind: 'docker', socket: '/var/run/docker.sock' },
        uids: { first: 200_000, last: 299_999 },
        network: { blocked: [] },
      },
    });
    expect(readAgentConfig({})).toMatchObject({ kind: 'invalid', problems: [expect.stringContaining('BERTH_AGENT_SOCKET')] });
  });

  it('reads simulated cards', () => {
    const read = readAgentConfig({ ...socket, BERTH_AGENT_GPUS: 'simulated:2xNVIDIA A100-SXM4-40GB:40960,1 x H200:143771' });
    const a100 = { model: 'NVIDIA A100-SXM4-40GB', memoryMib: 40_960 };
    expect(read).toMatchObject({
      kind: 'config',
      config: { gpus: { kind: 'simulated', cards: [a100, a100, { model: 'H200', memoryMib: 143_771 }] } },
    });
  });

  it('reads networks that containers may not reach, each once', () => {
    const read = readAgentConfig({ ...socket, BERTH_AGENT_BLOCKED: '192.168.7.0/24, 10.0.0.0/8,10.0.0.0/8, 203.0.113.9/32, 128.0.0.0/1' });
    expect(read).toMatchObject({
      kind: 'config',
      config: { network: { blocked: ['10.0.0.0/8', '128.0.0.0/1', '192.168.7.0/24', '203.0.113.9/32'] } },
    });
  });

  it('reads labels', () => {
    expect(readAgentConfig({ ...socket, BERTH_AGENT_LABELS: ' nvlink, rack=a ' })).toMatchObject({
      config: { labels: ['nvlink', 'rack=a'] },
    });
    expect(readAgentConfig(socket)).toMatchObject({ config: { labels: [] } });
  });

  it.each([
    ['BERTH_AGENT_BLOCKED', '10.0.0.0'],
    ['BERTH_AGENT_BLOCKED', '10.0.0.1/8'],
    ['BERTH_AGENT_BLOCKED', '10.0.0.0/33'],
    ['BERTH_AGENT_BLOCKED', '0.0.0.0/0'],
    ['BERTH_AGENT_BLOCKED', '10.0.0.0/8,10.256.0.0/16'],
    ['BERTH_AGENT_BLOCKED', '010.0.0.0/8'],
    ['BERTH_AGENT_BLOCKED', 'fd00::/8'],
    ['BERTH_AGENT_BLOCKED', '10.0.0.0/8 -j ACCEPT'],
    ['BERTH_AGENT_GPUS', 'two'],
    ['BERTH_AGENT_GPUS', 'simulated:'],
    ['BERTH_AGENT_GPUS', 'simulated:2xA100'],
    ['BERTH_AGENT_UIDS', '0-10'],
    ['BERTH_AGENT_UIDS', '3000-2000'],
    ['BERTH_AGENT_HOST', 'GPU 1'],
    ['BERTH_AGENT_LABELS', 'nvlink, Rack A'],
    ['BERTH_AGENT_SUBNET', '10.0.0.0/8'],
    ['BERTH_AGENT_BRIDGE', 'berth; reboot'],
    ['BERTH_AGENT_SOCKET', 'agents.sock'],
    ['DOCKER_HOST', 'tcp://10.0.0.1:2375'],
  ])('%s=%s is refused by name', (name, value) => {
    expect(readAgentConfig({ ...socket, [name]: value })).toMatchObject({ kind: 'invalid', problems: [expect.stringContaining(name)] });
  });
});

describe("the bot's socket", () => {
  it('is trusted only in a directory nobody else can write or enter', async () => {
    expect(await trustSocket(join(dir, 's'), euid)).toEqual({ kind: 'safe' });
    expect(await trustSocket(join(dir, 'later/s'), euid)).toEqual({ kind: 'absent' });
    symlinkSync(dir, join(dir, 'link'));
    mkdirSync(join(dir, 'below'), { mode: 0o700 });
    for (const path of ['link/s', 'link/below/s'])
      expect(await trustSocket(join(dir, path), euid)).toMatchObject({ kind: 'unsafe', detail: expect.stringContaining('link') });
    chmodSync(dir, 0o710);
    expect(await trustSocket(join(dir, 's'), euid)).toMatchObject({ kind: 'unsafe', detail: expect.stringContaining('0700') });
  });

  it.runIf(root)("is not trusted in another user's directory", async () => {
    const { chownSync } = await import('node:fs');
    chownSync(dir, 200_777, 0);
    expect(await trustSocket(join(dir, 's'), 0)).toMatchObject({ kind: 'unsafe', detail: expect.stringContaining('200777') });
  });
});

describe.runIf(root)('a workspace (A5)', () => {
  const member = { id: 'm-1', uid: 200_001, gid: 200_002 };
  const owner = (path: string): string => `${lstatSync(path).uid}:${lstatSync(path).gid}`;

  it("is the member's own below a root nobody can list or write, and is kept as it is afterwards", async () => {
    const path = join(dir, 'w/m-1');
    expect(await prepareWorkspace(join(dir, 'w'), member)).toEqual({ kind: 'ready', path });
    expect(owner(path)).toBe('200001:200002');
    expect([statSync(join(dir, 'w')).mode & 0o777, statSync(path).mode & 0o777]).toEqual([0o711, 0o700]);
    chmodSync(path, 0o750);
    expect(await prepareWorkspace(join(dir, 'w'), member)).toMatchObject({ kind: 'ready' });
    expect(statSync(path).mode & 0o777).toBe(0o750);
  });

  it.each<[string, (w: string) => void]>([
    ['the root is a link', (w) => symlinkSync(join(dir, 'elsewhere'), w)],
    [
      'the member directory is a link',
      (w) => {
        mkdirSync(w, { mode: 0o711 });
        symlinkSync(join(dir, 'elsewhere'), join(w, 'm-1'));
      },
    ],
    [
      'the member directory is a dangling link',
      (w) => {
        mkdirSync(w, { mode: 0o711 });
        symlinkSync(join(dir, 'nowhere'), join(w, 'm-1'));
      },
    ],
    [
      'the root is writable by others',
      (w) => {
        mkdirSync(w);
        chmodSync(w, 0o777);
      },
    ],
  ])('is refused, and nothing is given away, when %s', async (_what, make) => {
    mkdirSync(join(dir, 'elsewhere'));
    make(join(dir, 'w'));
    expect(await prepareWorkspace(join(dir, 'w'), member)).toMatchObject({ kind: 'unusable' });
    expect(owner(join(dir, 'elsewhere'))).toBe('0:0');
  });

  it('below a path with a link in it is refused', async () => {
    mkdirSync(join(dir, 'real'));
    symlinkSync(join(dir, 'real'), join(dir, 'link'));
    expect(await prepareWorkspace(join(dir, 'link/w'), member)).toMatchObject({
      kind: 'unusable',
      detail: expect.stringContaining('link'),
    });
  });

  it('of one member is not given to another', async () => {
    await prepareWorkspace(join(dir, 'w'), member);
    expect(await prepareWorkspace(join(dir, 'w'), { ...member, uid: 200_009 })).toMatchObject({
      kind: 'unusable',
      detail: expect.stringContaining('200001'),
    });
    expect(owner(join(dir, 'w/m-1'))).toBe('200001:200002');
  });
});

it('the identity files name the member berth and are readable inside', async () => {
  await writeIdentity(dir, 200_001, 200_002);
  const { passwd, group } = identityPaths(dir, 200_001, 200_002);
  expect(readFileSync(passwd, 'utf8')).toContain('berth:x:200001:200002:Berth member:/workspace:/bin/sh\n');
  expect(readFileSync(group, 'utf8')).toContain('berth:x:200002:\n');
  expect(statSync(passwd).mode & 0o777).toBe(0o644);
});

it('one agent at a time holds a directory, and the next gets it when the first is gone', async () => {
  const first = await holdAlone(dir);
  expect(await holdAlone(dir)).toBeNull();
  await new Promise((resolve) => first!.close(resolve));
  const second = await holdAlone(dir);
  expect(second).not.toBeNull();
  second!.close();
});

describe('a program of the host', () => {
  it('is killed at its time limit with all it started', async () => {
    const marker = join(dir, 'pid');
    expect(await runCommand('sh', ['-c', `sleep 60 & echo $! > ${marker}; wait`], 300)).toEqual({ kind: 'timed_out' });
    const pid = Number(readFileSync(marker, 'utf8'));
    await expect.poll(() => isRunning(pid)).toBe(false);
  });

  it('that does not exist is a value', async () => {
    expect(await runCommand('berth-no-such-program', [], 1000)).toMatchObject({ kind: 'missing' });
    expect(await runCommand('sh', ['-c', 'echo $LC_ALL; exit 3'], 1000)).toEqual({ kind: 'ended', code: 3, stdout: 'C\n', stderr: '' });
  });
});

/** A zombie that nobody waits for yet has ended too. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
