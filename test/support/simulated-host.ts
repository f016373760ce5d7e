// The real agent inside this process, on the simulated engine with simulated GPUs.
import { join } from 'node:path';
import { mkdir } from 'node:fs/promises';
import type { AgentConfig } from '../../src/agent/config.ts';
import type { Engine } from '../../src/agent/engine.ts';
import { noNetwork } from '../../src/agent/network.ts';
import type { GpuProbe } from '../../src/agent/probe/probe.ts';
import { runAgent } from '../../src/agent/run.ts';
import { systemClock } from '../../src/domain/time.ts';
import { simulatedEngine } from '../../src/local/simulated/engine.ts';
import { simulatedGpus } from '../../src/local/simulated/gpus.ts';
import { createLog } from '../../src/log.ts';

export interface SimulatedHostOptions {
  readonly name: string;
  readonly gpus: number;
  /** "NVIDIA A100 80GB" when left out. */
  readonly model?: string;
  /** As in BERTH_AGENT_LABELS. */
  readonly labels?: readonly string[];
  /** Image references that exist there; "berth-test:1" when left out. */
  readonly images?: readonly string[];
  /** Stands between the agent and its engine or probe, to be slow or to see strangers. */
  readonly wrapEngine?: (engine: Engine) => Engine;
  readonly wrapProbe?: (probe: GpuProbe) => GpuProbe;
}

export interface SimulatedHost {
  readonly engine: Engine;
  readonly name: string;
  stop(): Promise<void>;
}

export async function startSimulatedHost(directory: string, botSocket: string, options: SimulatedHostOptions): Promise<SimulatedHost> {
  const dir = join(directory, `agent-${options.name}`);
  const workspaces = join(directory, `workspaces-${options.name}`);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const model = options.model ?? 'NVIDIA A100 80GB';
  const cards = Array.from({ length: options.gpus }, () => ({ model, memoryMib: 81_920 }));
  const images = options.images ?? ['berth-test:1'];
  const config: AgentConfig = {
    host: options.name,
    labels: options.labels ?? [],
    botSocket,
    dir,
    workspaces,
    engine: { kind: 'simulated', images },
    gpus: { kind: 'simulated', cards },
    network: { name: 'berth0', subnet: '10.213.0.0/20', blocked: [] },
    uids: { first: 200_000, last: 299_999 },
    probeEverySeconds: 1,
    logLevel: 'silent',
  };
  const facts = new Map(images.map((reference) => [reference, { id: `sha256:${'0'.repeat(64)}`, env: [], volumes: [] }]));
  const plain = simulatedEngine(join(dir, 'engine'), facts, systemClock);
  const engine = options.wrapEngine?.(plain) ?? plain;
  const probe = simulatedGpus(options.name, cards);
  const ending = new AbortController();
  const running = runAgent(
    {
      config,
      engine,
      probe: options.wrapProbe?.(probe) ?? probe,
      network: noNetwork,
      version: 'test',
      log: createLog('agent', process.env['STORY_LOG'] ?? 'silent'),
    },
    ending.signal,
  );
  return {
    engine: plain,
    name: options.name,
    stop: async () => {
      ending.abort();
      const trouble = await running;
      if (trouble !== null) throw new Error(trouble);
    },
  };
}
