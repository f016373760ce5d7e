// `berth demo`: all of Berth on this machine, with nothing configured; takes away what it started when it ends.
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { randomBytes } from 'node:crypto';
import type { AgentConfig } from '../agent/config.ts';
import { readAgentConfig } from '../agent/config.ts';
import { dataDirectory, environment } from '../config.ts';
import { systemClock } from '../domain/time.ts';
import { startChild, type Child } from '../local/demo/children.ts';
import { makeDemoImage } from '../local/demo/image.ts';
import { DEMO_GPUS, DEMO_IMAGE, demoPolicy, demoSeed } from '../local/demo/lab.ts';
import { engineAnswers, removeTraces } from '../local/demo/traces.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../local/postgres/start.ts';
import { startLocalSlack, type LocalSlack } from '../local/slack/local-slack.ts';
import { createLog, type Log } from '../log.ts';
import { untilToldToStop } from './signals.ts';

/** A file that says that the image was made by a demo, and goes with it. */
const IMAGE_MADE = 'image';
/** So many ports are tried from the wanted one on. */
const PORTS_TRIED = 20;

export async function demo({ port }: { port: number }): Promise<number> {
  process.umask(0o077);
  const began = performance.now();
  const directory = join(dataDirectory(), 'demo');
  const log = createLog('demo', 'warn', { write: (line) => process.stderr.write(line) });
  const told = untilToldToStop();
  const undo: (() => Promise<unknown>)[] = [];
  try {
    // Holding its PostgreSQL means that no other demo of this data directory runs: what a killed one has left is ours to take away.
    let postgres = await startPostgres(directory, log);
    undo.push(() => postgres.stop());
    if (existsSync(join(directory, 'host'))) {
      await removeLeftTraces(directory, log);
      await postgres.stop();
      rmSync(directory, { recursive: true, force: true });
      postgres = await startPostgres(directory, log);
    }

    const dockerSocket = await usableEngine();
    const real = dockerSocket !== null;
    const agentEnv = agentEnvironment(directory, dockerSocket);
    const agentConfig = configOf(agentEnv);
    writeFileSync(join(directory, 'host'), agentConfig.host);
    const imageMade = dockerSocket !== null && (await makeDemoImage(dockerSocket, DEMO_IMAGE));
    if (imageMade) writeFileSync(join(directory, IMAGE_MADE), DEMO_IMAGE);
    undo.push(() => removeTraces(agentConfig, imageMade ? DEMO_IMAGE : null, log));

    const slack = await startSlack(port);
    undo.push(() => slack.close());
    slack.deliverTo({ kind: 'socket' });
    const bot = await startBotChild(directory, postgres.url, slack);
    undo.push(() => bot.stop());
    const agent = await startChild({
      name: 'agent',
      env: agentEnv,
      logFile: join(directory, 'agent.log'),
      readyWhen: '"msg":"welcome"',
      readyWithinMs: 30_000,
    });
    undo.push(() => agent.stop());

    console.log(greeting(slack.pageUrl, real, directory, (performance.now() - began) / 1000));
    const signal = await Promise.race([told, bot.died, agent.died]);
    console.log(`\n${signal}: stopping, and taking away what this demo has started…`);
    return 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  } finally {
    for (const step of undo.toReversed())
      await step().catch((error: unknown) => log.error({ err: error }, 'not everything could be taken away'));
    if (undo.length > 0) rmSync(directory, { recursive: true, force: true });
  }
}

/** The socket of this machine's Docker Engine when we may and can use it: as root, DOCKER_HOST or the usual place, and it answers. */
async function usableEngine(): Promise<string | null> {
  if (process.getuid?.() !== 0) return null;
  const { DOCKER_HOST: named = 'unix:///var/run/docker.sock' } = environment();
  const socket = named.startsWith('unix:///') ? named.slice('unix://'.length) : null;
  return socket !== null && (await engineAnswers(socket)) ? socket : null;
}

async function startPostgres(directory: string, log: Log): Promise<EmbeddedPostgres> {
  mkdirSync(directory, { recursive: true });
  // PostgreSQL runs as an account of its own and has to pass through; what is secret in here has its own modes.
  for (const path of [dirname(directory), directory]) chmodSync(path, 0o711);
  return startEmbeddedPostgres({ dataDir: join(directory, 'postgres'), log });
}

/** Containers, bridge and rules of a demo that was killed, found by the name of its host. */
async function removeLeftTraces(directory: string, log: Log): Promise<void> {
  const env = { ...agentEnvironment(directory, await usableEngine()), BERTH_AGENT_HOST: readFileSync(join(directory, 'host'), 'utf8') };
  await removeTraces(configOf(env), existsSync(join(directory, IMAGE_MADE)) ? DEMO_IMAGE : null, log);
}

function agentEnvironment(directory: string, dockerSocket: string | null): Record<string, string> {
  const workspaces = join(directory, 'workspaces');
  return {
    ...inherited(),
    BERTH_AGENT_HOST: `demo-${randomBytes(3).toString('hex')}`,
    BERTH_AGENT_SOCKET: join(directory, 'agents', 'agents.sock'),
    BERTH_AGENT_DIR: join(directory, 'agent'),
    BERTH_AGENT_WORKSPACES: workspaces,
    ...(dockerSocket === null
      ? { BERTH_AGENT_ENGINE: 'simulated' }
      : { BERTH_AGENT_ENGINE: 'docker', BERTH_AGENT_DOCKER_SOCKET: dockerSocket }),
    BERTH_AGENT_SIMULATED_IMAGES: DEMO_IMAGE,
    BERTH_AGENT_GPUS: DEMO_GPUS,
    BERTH_AGENT_BRIDGE: 'berthdemo0',
    BERTH_AGENT_SUBNET: '10.214.0.0/24',
    LOG_LEVEL: 'info',
  };
}

function configOf(env: Record<string, string>): AgentConfig {
  const read = readAgentConfig(env);
  if (read.kind === 'invalid') throw new Error(read.problems.join('\n'));
  return read.config;
}

async function startSlack(port: number): Promise<LocalSlack> {
  for (let tried = 0; ; tried++) {
    try {
      return await startLocalSlack({ clock: systemClock, port: port + tried, seed: demoSeed });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || tried >= PORTS_TRIED) throw error;
    }
  }
}

async function startBotChild(directory: string, databaseUrl: string, slack: LocalSlack): Promise<Child> {
  const policyFile = join(directory, 'policy.yaml');
  writeFileSync(policyFile, JSON.stringify(demoPolicy), { mode: 0o600 });
  chmodSync(policyFile, 0o600);
  return startChild({
    name: 'bot',
    env: {
      ...inherited(),
      DATABASE_URL: databaseUrl,
      BERTH_DATA_DIR: directory,
      BERTH_POLICY: policyFile,
      BERTH_LISTEN_METRICS: `unix:${join(directory, 'metrics', 'metrics.sock')}`,
      SLACK_BOT_TOKEN: slack.botToken,
      SLACK_APP_TOKEN: slack.appToken,
      SLACK_API_URL: slack.apiUrl,
      LOG_LEVEL: 'info',
    },
    logFile: join(directory, 'bot.log'),
    readyWhen: 'Berth is ready',
    readyWithinMs: 30_000,
  });
}

function inherited(): Record<string, string> {
  const { PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME = '/' } = environment();
  return { PATH, HOME };
}

function greeting(pageUrl: string, real: boolean, directory: string, seconds: number): string {
  const containers = real
    ? 'Containers are real, on this machine’s Docker Engine; their GPUs are simulated, and real ones are never touched.'
    : 'Containers are simulated: they would be real if this ran as root on a machine with a Docker Engine.';
  return [
    '',
    `Berth runs (after ${seconds.toFixed(1)} s). Open this in a browser on this machine:`,
    '',
    `  ${pageUrl}`,
    '',
    'It is not Slack, and everything stays on this machine. Try, as Ada, in #gpu-approvals:',
    '  /gpu request 1 a100 for 2h -- fine-tune',
    'then choose Pat above, press Approve, and look at the message from Berth as Ada.',
    '',
    containers,
    `Logs: ${directory}/bot.log and agent.log. Ctrl-C ends the demo and takes away what it started.`,
    '',
  ].join('\n');
}
