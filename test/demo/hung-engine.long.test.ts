// The demo when the engine stops answering: it takes as long as the engine's time-outs, so it is not among the daily tests.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { DemoProcess } from '../support/demo-process.ts';
import { BRIDGES, docker, frontOfEngine, nothing, startBesideEngine, tracesOf } from '../support/demo-traces.ts';

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

it('ends although the engine hangs, says what is left, and does not start again before that is gone', async () => {
  const front = await startFront();
  demo = await start({ socket: front.socket });
  await demo.visit();
  front.hang();
  expect(await demo.end('SIGINT')).toBe(1);
  const words = demo.words();
  expect(words).toContain('Not everything could be taken away:');
  expect(words).toMatch(/- containers of the host demo-[0-9a-f]{6}: the engine did not answer in time\. By hand:\n\s+docker -H unix:/);
  expect(words).toMatch(/- the bridge berthdemo[0-9a-f]{6} and its firewall rules: /);
  expect(words).toContain(`rm -r ${join(directory, 'demo')}`);
  expect(await traces()).toMatchObject({ containers: 1, networks: 1, images: 1, directory: true });

  await expect(start({ socket: front.socket })).rejects.toThrow('An earlier demo has left what still cannot be taken away:');
  expect(await traces()).toMatchObject({ containers: 1, directory: true });

  front.recover();
  demo = await start({ socket: front.socket });
  expect(await traces()).toMatchObject({ containers: 0, images: 1 });
  // The new demo may have made its own by now.
  expect((await docker.listNetworks()).map(({ Name }) => Name)).not.toContain(BRIDGES.exec(words)?.[0]);
  expect(await demo.end('SIGINT')).toBe(0);
  expect(await traces()).toEqual(nothing);
}, 180_000);
