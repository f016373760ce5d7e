// A story whose host is real: the agent as a process next to the tests' own Docker Engine, with a made-up nvidia-smi.
import Docker from 'dockerode';
import { inject } from 'vitest';
import { LABELS } from '../../src/agent/engine.ts';
import { removeAgent, startAgent, type AgentOptions, type RunningAgent } from './docker-agent.ts';
import type { TestEngine } from './docker-engine.ts';
import { removeContainers } from './docker-scene.ts';
import { people, startStory, type Story, type StoryOptions } from './story.ts';

type FakeGpu = NonNullable<AgentOptions['gpus']>[number];

export interface DockerStory extends Story {
  readonly docker: Docker;
  readonly engine: TestEngine;
  readonly agent: RunningAgent;
  readonly gpus: readonly FakeGpu[];
  /** Containers of this story's host, running or not. */
  containers(): Promise<Docker.ContainerInfo[]>;
}

function storyGpus(count: number): FakeGpu[] {
  const tag = process.pid.toString(16).padStart(4, '0').slice(-4);
  return Array.from({ length: count }, (_, index) => ({
    uuid: `GPU-5706${tag}-0000-4000-8000-00000000000${index}`,
    name: 'NVIDIA A100 80GB PCIe',
    memoryMib: 81_920,
  }));
}

export async function startDockerStory(options: StoryOptions & { gpus?: number } = {}): Promise<DockerStory> {
  const engine = inject('docker');
  const story = await startStory(options);
  const gpus = storyGpus(options.gpus ?? 4);
  const host = `story-${process.pid}`;
  const agent = startAgent({
    engine,
    botSocket: story.agentSockets[0] ?? '',
    host,
    gpus,
  });
  const docker = new Docker({ socketPath: engine.socket });
  const filters = { label: [`${LABELS.host}=${host}`] };
  await story.until(
    async () => (await story.gpu(people.ada, 'status')).includes(`${gpus.length} of ${gpus.length}`),
    `the host: ${agent.log()}`,
  );
  return {
    ...story,
    docker,
    engine,
    agent,
    gpus,
    containers: () => docker.listContainers({ all: true, filters }),
    end: async () => {
      await agent.stop();
      await removeContainers(docker, LABELS.host, host);
      await story.end();
      removeAgent(agent);
    },
  };
}
