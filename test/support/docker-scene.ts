// One agent on the tests' engine with a bot of its own, and what stories about it need.
import Docker from 'dockerode';
import { afterAll, beforeAll, inject } from 'vitest';
import { LABELS } from '../../src/agent/engine.ts';
import { startBot, type TestBot } from './agent-bot.ts';
import { GPU_A, GPU_B } from './agent-desired.ts';
import { type AgentOptions, removeAgent, type RunningAgent, startAgent } from './docker-agent.ts';
import type { TestEngine } from './docker-engine.ts';

export type Scene = {
  readonly engine: TestEngine;
  readonly docker: Docker;
  bot: TestBot;
  agent: RunningAgent;
};

let counter = 0;

/** An allocation id no other test of this file uses. */
export function newAllocation(): string {
  counter += 1;
  return `al-${process.pid.toString(36)}t${counter.toString(36).padStart(4, '0')}`.slice(0, 19);
}

/** Starts bot and agent before the file's tests and takes away everything they made afterwards. */
export function scene(options: Partial<AgentOptions> = {}): Scene {
  const made: Partial<Scene> = {};
  beforeAll(async () => {
    const engine = inject('docker');
    const host = options.host ?? `gpu-${process.pid}`;
    const bot = await startBot(host);
    const agent = startAgent({ engine, botSocket: bot.socket, host, gpus: [{ uuid: GPU_A }, { uuid: GPU_B }], ...options });
    Object.assign(made, { engine, docker: new Docker({ socketPath: engine.socket }), bot, agent });
    await bot.report((report) => report.devices !== null);
  });
  afterAll(async () => {
    const { agent, bot, docker } = made as Scene;
    await agent.stop();
    await removeContainers(docker, LABELS.host, agent.host);
    await bot.close();
    removeAgent(agent);
  });
  return made as Scene;
}

/** Removes, by force, every container with this label; those that the agent takes away at the same moment are gone as well. */
export async function removeContainers(docker: Docker, label: string, value: string): Promise<void> {
  for (const { Id } of await docker.listContainers({ all: true, filters: { label: [`${label}=${value}`] } })) {
    try {
      await docker.getContainer(Id).remove({ force: true });
    } catch (error) {
      if (![404, 409].includes((error as { statusCode?: number }).statusCode ?? 0)) throw error;
    }
  }
}

/** Output of a command run inside a container, as a member's `docker exec` would. */
export async function inside(docker: Docker, container: string, ...command: string[]): Promise<string> {
  const exec = await docker.getContainer(container).exec({ Cmd: command, AttachStdout: true, AttachStderr: true, Tty: true });
  const stream = await exec.start({ Tty: true });
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8').replaceAll('\r', '').trim();
}
