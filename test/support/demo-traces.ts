// A demo beside the tests' engine, and what of it is there to be seen on that engine and on disk.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Docker from 'dockerode';
import { inject, onTestFinished } from 'vitest';
import { LABELS } from '../../src/agent/engine.ts';
import { startDemo } from './demo-process.ts';
import { besideEngine, inNamespace } from './docker-engine.ts';
import { startEngineFront } from './engine-front.ts';

export const BRIDGES = /berthdemo[0-9a-f]{6}/;
export const nothing = { containers: 0, networks: 0, rules: 0, images: 0, directory: false };

const engine = inject('docker');
export const docker = new Docker({ socketPath: engine.socket });

/** `dataDir`: of this demo. `socket`: by which it reaches the engine. */
export async function startBesideEngine(dataDir: string, socket = engine.socket) {
  return startDemo({
    around: ['nsenter', ...inNamespace(engine, [])],
    env: { DOCKER_HOST: `unix://${socket}`, BERTH_DATA_DIR: dataDir, HOME: dataDir },
    port: 8700,
  });
}

/** A way to the engine that can be made to hang. */
export async function frontOfEngine(directory: string) {
  const front = await startEngineFront(engine.socket, join(directory, 'engine.sock'));
  onTestFinished(() => front.close());
  return front;
}

export async function containersOfDemos() {
  return (await docker.listContainers({ all: true })).filter(({ Labels }) => Labels[LABELS.host]?.startsWith('demo-'));
}

export async function rulesOfDemos(): Promise<string[]> {
  return (await besideEngine(engine, 'iptables-save')).split('\n').filter((line) => BRIDGES.test(line) || line.includes('10.214.'));
}

export async function tracesOf(dataDir: string) {
  const [networks, images] = await Promise.all([docker.listNetworks(), docker.listImages()]);
  return {
    containers: (await containersOfDemos()).length,
    networks: networks.filter(({ Name }) => BRIDGES.test(Name)).length,
    rules: (await rulesOfDemos()).length,
    images: images.filter(({ RepoTags }) => RepoTags?.some((tag) => tag.startsWith('berth-demo:'))).length,
    directory: existsSync(join(dataDir, 'demo')),
  };
}
