// The whole agent: its parts put together and its loops run until one signal ends them.
import { PROTOCOL } from '../domain/host-protocol.ts';
import { systemTicks } from '../domain/time.ts';
import type { Log } from '../log.ts';
import { hostAccounts } from './accounts.ts';
import { backoff } from './backoff.ts';
import { botClient } from './bot-client.ts';
import { runCommand } from './command.ts';
import type { AgentConfig } from './config.ts';
import { type Engine, LABELS } from './engine.ts';
import { execute } from './executors.ts';
import type { Ground } from './ground.ts';
import { createHost } from './host.ts';
import { openMemory, prepareDirectory, readState } from './memory.ts';
import type { NetworkGuard } from './network.ts';
import { type Bell, bell, pause } from './pause.ts';
import { probeFeed } from './probe/feed.ts';
import type { GpuProbe } from './probe/probe.ts';
import { converse } from './session.ts';
import { holdAlone } from './single.ts';
import { trustSocket } from './socket-trust.ts';
import { workers } from './workers.ts';

export type AgentParts = {
  readonly config: AgentConfig;
  readonly engine: Engine;
  readonly probe: GpuProbe;
  readonly network: NetworkGuard;
  readonly version: string;
  readonly log: Log;
};

const LEAVE_WITHIN = 3000;

/** Null when it ran until `signal` aborted; else the sentence why it could not begin. Containers are left running. */
export async function runAgent(parts: AgentParts, signal: AbortSignal): Promise<string | null> {
  const { config, engine, log } = parts;
  const euid = process.geteuid?.() ?? 0;
  if (engine.kind === 'docker' && euid !== 0) return 'next to a Docker Engine it must run as root';
  const trust = await trustSocket(config.botSocket, euid);
  if (trust.kind === 'unsafe') return `BERTH_AGENT_SOCKET: ${trust.detail}`;
  const untrusted = await prepareDirectory(config.dir);
  if (untrusted !== null) return untrusted;
  const read = await readState(config.dir);
  if (read.kind === 'broken') return read.detail;
  const alone = await holdAlone(config.dir);
  if (alone === null) return `another agent runs with ${config.dir}`;

  const look = bell();
  const random = Math.random;
  const ground: Ground = {
    ...parts,
    accounts: hostAccounts(runCommand),
    probes: probeFeed(parts.probe, systemTicks, pause),
    memory: openMemory(config.dir, read.kind === 'state' ? read.state : null),
    ticks: systemTicks,
    pause,
    failures: new Map(),
    released: new Set(),
    health: { network: { kind: 'safe' }, networkCheckedAt: -Infinity },
  };
  const crew = workers({ execute: (step, giveUp) => execute(step, ground, giveUp), onEnd: () => look.ring(), pause, random, log });
  const host = createHost(ground, crew, look);
  const hello = async () => {
    const [version, driver] = await Promise.all([engine.version(), parts.probe.driver()]);
    return {
      protocol: PROTOCOL,
      host: config.host,
      agentVersion: parts.version,
      engine: { kind: engine.kind, version: version.kind === 'version' ? version.version.slice(0, 80) : 'unreachable' },
      gpus: config.gpus.kind,
      driver,
      labels: [...config.labels],
    };
  };
  log.info({ host: config.host, engine: engine.kind, gpus: config.gpus.kind, socket: config.botSocket }, 'agent runs');
  const broken = new AbortController();
  const until = AbortSignal.any([signal, broken.signal]);
  try {
    await Promise.all([
      host.run(until),
      ground.probes.loop(config.probeEverySeconds * 1000, () => look.ring(), until),
      followEngine(engine, config.host, look, until),
      converse({ bot: botClient(config.botSocket, euid), host, hello, pause, random, log }, until),
    ]);
  } finally {
    // Should one loop break on a bug, the others end too: an agent that runs by half is worse than one that is restarted.
    broken.abort();
  }
  // A stop with a long grace goes on in the engine without the agent.
  const left = new AbortController();
  await Promise.race([crew.stop(), pause(LEAVE_WITHIN, left.signal)]);
  left.abort();
  alone.close();
  log.info('agent stops; containers stay');
  return null;
}

/** Events only shorten the wait: after every break the host is looked at as a whole. */
async function followEngine(engine: Engine, host: string, look: Bell, signal: AbortSignal): Promise<void> {
  const wait = backoff(250, 10_000, Math.random);
  while (!signal.aborted) {
    await engine.follow(
      { [LABELS.host]: host },
      () => {
        wait.reset();
        look.ring();
      },
      signal,
    );
    look.ring();
    await pause(wait.next(), signal);
  }
}
