// `berth demo` as root next to a Docker Engine: real containers, simulated GPUs, and afterwards nothing of it is left.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LABELS } from '../../src/agent/engine.ts';
import { childrenOf } from '../support/children-of.ts';
import { inside } from '../support/docker-scene.ts';
import { IMAGES } from '../support/docker-images.ts';
import type { DemoProcess } from '../support/demo-process.ts';
import {
  containersOfDemos as ofDemo,
  docker,
  frontOfEngine,
  nothing,
  rulesOfDemos as rules,
  startBesideEngine,
  tracesOf,
} from '../support/demo-traces.ts';

let directory: string;
let demo: DemoProcess | undefined;

beforeEach(() => {
  directory = mkdtempSync('/tmp/berth-demo-');
});
afterEach(async () => {
  await demo?.end('SIGINT');
  demo = undefined;
  rmSync(directory, { recursive: true, force: true });
});

const start = async ({ socket, dataDir = directory }: { socket?: string; dataDir?: string } = {}) => startBesideEngine(dataDir, socket);
const startFront = async () => frontOfEngine(directory);
const traces = async () => tracesOf(directory);
/** PostgreSQL outlives a killed demo until the next start; the bot and the agent do not. */
const isNode = (pid: number) => {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('node');
  } catch {
    return false;
  }
};

describe('berth demo next to an engine', () => {
  it('runs a real container without any device request, the way in works, and Ctrl-C takes everything away and only that', async () => {
    const bystander = await docker.createContainer({
      Image: IMAGES.plain,
      Cmd: ['sleep', 'infinity'],
      Labels: { [LABELS.host]: 'gpu-production' },
    });
    await bystander.start();
    try {
      demo = await start();
      expect(demo.words()).toContain('Containers are real');
      const dm = await demo.visit();
      expect(dm).toContain('The container is real; its GPUs are simulated.');
      const [container] = await ofDemo();
      const inspected = await docker.getContainer(container?.Id ?? '').inspect();
      expect(inspected.HostConfig.DeviceRequests ?? []).toEqual([]);
      expect(inspected.Config.Env).toContain('NVIDIA_VISIBLE_DEVICES=void');
      expect(inspected.Config.Env.find((line) => line.startsWith('BERTH_DEVICES='))).toMatch(/^BERTH_DEVICES=GPU-[0-9a-f-]{36}$/);
      const name = /docker exec -it (\S+) sh/.exec(dm)?.[1] ?? '';
      expect(await inside(docker, name, 'sh', '-c', 'id -u; echo $HOME; touch /workspace/mine && ls /workspace')).toMatch(
        /^2\d{5}\n\/workspace\nmine$/,
      );

      expect(await demo.end('SIGINT')).toBe(0);
      expect(await traces()).toEqual(nothing);
      expect((await bystander.inspect()).State.Running).toBe(true);
    } finally {
      await bystander.remove({ force: true });
    }
  });

  it('killed in the middle, its bot and agent end too, and the next start takes away what was left', async () => {
    demo = await start();
    await demo.visit();
    const children = childrenOf(demo.pid);
    expect(children.length).toBeGreaterThanOrEqual(2);
    await demo.end('SIGKILL');
    expect((await traces()).containers).toBe(1);
    for (const pid of children) await vi.waitUntil(() => !isNode(pid), { timeout: 15_000 });
    demo = await start();
    expect((await traces()).containers).toBe(0);
    await demo.visit('release');
    await demo.end('SIGINT');
    expect(await traces()).toEqual(nothing);
  }, 120_000);

  it('ends next to another one, whose container, bridge, rules and image stay and work', async () => {
    const other = mkdtempSync('/tmp/berth-demo-');
    try {
      demo = await start();
      await demo.visit();
      const second = await start({ dataDir: other });
      const name = /docker exec -it (\S+) sh/.exec(await second.visit())?.[1] ?? '';
      const { NetworkSettings } = await docker.getContainer(name).inspect();
      const [bridge = ''] = Object.keys(NetworkSettings.Networks);
      const ofSecond = async () => (await rules()).filter((line) => line.includes(bridge)).toSorted();
      const before = await ofSecond();

      expect(await demo.end('SIGINT')).toBe(0);
      expect(await ofSecond()).toEqual(before);
      expect(await traces()).toEqual({ containers: 1, networks: 1, rules: before.length, images: 1, directory: false });
      expect((await docker.getContainer(name).inspect()).State.Running).toBe(true);
      await second.visit('release');
      expect(await second.end('SIGINT')).toBe(0);
      expect(await traces()).toEqual(nothing);
    } finally {
      rmSync(other, { recursive: true, force: true });
    }
  }, 120_000);

  it('ends in the middle of a release, when the engine is removing the container already', async () => {
    const front = await startFront();
    demo = await start({ socket: front.socket });
    await demo.visit();
    await demo.visit('releasing');
    front.refuseNextRemoval();
    expect(await demo.end('SIGINT')).toBe(0);
    expect(front.refused()).toBe(1);
    expect(await traces()).toEqual(nothing);
  }, 120_000);
});
