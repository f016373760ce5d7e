// `berth demo`: all of Berth on this machine, with nothing configured; takes away what it started when it ends.
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { dataDirectory, environment } from '../config.ts';
import { systemClock } from '../domain/time.ts';
import { startChild, type Child } from '../local/demo/children.ts';
import { makeDemoImage } from '../local/demo/image.ts';
import { DEMO_GPUS, demoPolicy, demoSeed } from '../local/demo/lab.ts';
import { namesOf, newMark, readMark, writeMark, type Mark } from '../local/demo/mark.ts';
import { freeSubnet } from '../local/demo/subnet.ts';
import { engineAnswers, removeTraces, type Leftover } from '../local/demo/traces.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../local/postgres/start.ts';
import { startLocalSlack, type LocalSlack } from '../local/slack/local-slack.ts';
import { createLog, type Log } from '../log.ts';
import { untilToldToStop } from './signals.ts';

/** So many ports are tried from the wanted one on. */
const PORTS_TRIED = 20;

/** What has to be undone, in the order it was done. */
type Undo = { readonly what: string; readonly step: () => Promise<readonly Leftover[] | void> }[];

export async function demo({ port }: { port: number }): Promise<number> {
  process.umask(0o077);
  const directory = join(dataDirectory(), 'demo');
  const undo: Undo = [];
  const code = await run(port, directory, undo).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  });
  if (code !== 0 && undo.length > 0) console.error('Stopping, and taking away what this demo has started…');
  const left = await takeAway(undo);
  if (left.length === 0) return code;
  console.error(leftWords('Not everything could be taken away:', left, directory));
  return 1;
}

async function run(port: number, directory: string, undo: Undo): Promise<number> {
  const began = performance.now();
  const log = createLog('demo', 'warn', { write: (line) => process.stderr.write(line) });
  const told = untilToldToStop();
  const postgres = await startAfresh(directory, log);
  undo.push(
    { what: `the files in ${directory}`, step: async () => removeFiles(directory, postgres) },
    { what: 'PostgreSQL', step: () => postgres.stop() },
  );

  const socket = await usableEngine();
  const mark = newMark(socket);
  await writeMark(directory, mark);
  undo.push({ what: 'containers, bridge and image', step: () => removeTraces(mark) });
  if (socket !== null) await makeDemoImage(socket, namesOf(mark).image);

  const slack = await startSlack(port);
  undo.push({ what: 'the local Slack', step: () => slack.close() });
  slack.deliverTo({ kind: 'socket' });
  const bot = await startBotChild(directory, postgres.url, slack, mark);
  undo.push({ what: 'the bot', step: () => bot.stop() });
  const agent = await startAgentChild(directory, mark);
  undo.push({ what: 'the agent', step: () => agent.stop() });

  console.log(greeting(slack.pageUrl, socket !== null, directory, (performance.now() - began) / 1000));
  const signal = await Promise.race([told, postgres.died, bot.died, agent.died]);
  console.log(`\n${signal}: stopping, and taking away what this demo has started…`);
  return 0;
}

/** PostgreSQL in an empty directory. Holding it means that no other demo of this data directory runs: what a killed one has left is ours to take away. */
async function startAfresh(directory: string, log: Log): Promise<EmbeddedPostgres> {
  const postgres = await startPostgres(directory, log);
  try {
    const mark = readMark(directory);
    if (mark === null) return postgres;
    const left = await removeTraces(mark);
    if (left.length > 0) throw new Error(leftWords('An earlier demo has left what still cannot be taken away:', left, directory));
  } catch (error) {
    await postgres.stop();
    throw error;
  }
  await postgres.stop();
  removeFiles(directory, postgres);
  return startPostgres(directory, log);
}

/** Every step, the last first, whatever became of the others; only the first, which removes the files, needs all to have worked. */
async function takeAway(undo: Undo): Promise<readonly Leftover[]> {
  const left: Leftover[] = [];
  for (const { what, step } of undo.slice(1).toReversed()) left.push(...(await attempt(what, step)));
  const [files] = undo;
  return left.length > 0 || files === undefined ? left : attempt(files.what, files.step);
}

async function attempt(what: string, step: Undo[number]['step']): Promise<readonly Leftover[]> {
  try {
    return (await step()) ?? [];
  } catch (error) {
    return [{ what, why: error instanceof Error ? error.message : String(error), byHand: null }];
  }
}

function leftWords(head: string, left: readonly Leftover[], directory: string): string {
  const lines = left.map(({ what, why, byHand }) => `- ${what}: ${why}.${byHand === null ? '' : ` By hand:\n    ${byHand}`}`);
  return [
    head,
    ...lines,
    `\`berth demo\` takes them away when it starts again and can. If you have done it by hand: rm -r ${directory}`,
  ].join('\n');
}

/** PostgreSQL may have had to lie elsewhere. */
function removeFiles(directory: string, { home }: EmbeddedPostgres): void {
  for (const path of [home, directory]) rmSync(path, { recursive: true, force: true });
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

async function startSlack(port: number): Promise<LocalSlack> {
  for (let tried = 0; ; tried++) {
    try {
      return await startLocalSlack({ clock: systemClock, port: port + tried, seed: demoSeed });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || tried >= PORTS_TRIED) throw error;
    }
  }
}

async function startAgentChild(directory: string, mark: Mark): Promise<Child> {
  const { host, bridge, image } = namesOf(mark);
  const engine =
    mark.socket === null
      ? { BERTH_AGENT_ENGINE: 'simulated', BERTH_AGENT_SIMULATED_IMAGES: image }
      : {
          BERTH_AGENT_ENGINE: 'docker',
          BERTH_AGENT_DOCKER_SOCKET: mark.socket,
          BERTH_AGENT_BRIDGE: bridge,
          BERTH_AGENT_SUBNET: await freeSubnet(mark.socket, Number.parseInt(mark.tag.slice(0, 2), 16)),
        };
  return startChild({
    name: 'agent',
    env: {
      ...inherited(),
      ...engine,
      BERTH_AGENT_HOST: host,
      BERTH_AGENT_SOCKET: join(directory, 'agents', 'agents.sock'),
      BERTH_AGENT_DIR: join(directory, 'agent'),
      BERTH_AGENT_WORKSPACES: join(directory, 'workspaces'),
      BERTH_AGENT_GPUS: DEMO_GPUS,
      LOG_LEVEL: 'info',
    },
    logFile: join(directory, 'agent.log'),
    readyWhen: '"msg":"welcome"',
    readyWithinMs: 30_000,
  });
}

async function startBotChild(directory: string, databaseUrl: string, slack: LocalSlack, mark: Mark): Promise<Child> {
  const policyFile = join(directory, 'policy.yaml');
  writeFileSync(policyFile, JSON.stringify(demoPolicy(namesOf(mark).image)), { mode: 0o600 });
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
