// A bot process under measurement: built, over signed HTTP, with a ledger and a local Slack of its own.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import postgres from 'postgres';
import { systemClock } from '../src/domain/time.ts';
import { connectionOptions } from '../src/ledger/connect.ts';
import { startLocalSlack, type LocalSlack } from '../src/local/slack/local-slack.ts';
import { startSimulatedHost } from '../test/support/simulated-host.ts';
import { freePort } from './ports.ts';
import { startChild, type Child } from './children.ts';
import type { Ground } from './ground.ts';

export const CHANNEL = 'C0APPROVE';
export const APPROVER = 'U0PAT0001';

export interface Scene {
  readonly slack: LocalSlack;
  readonly bot: Child;
  readonly port: number;
  readonly url: string;
  readonly members: readonly string[];
  readonly sql: postgres.Sql;
  readonly agentSocket: string;
  /** Waits until every delivery is performed and answered, and every card is drawn. */
  settled(): Promise<void>;
  /** Asks and gets `wanted` outcomes; throws when it does not. */
  expectOutcomes(kind: string, wanted: number): Promise<void>;
}

/** One lab with room for everything that is asked here, so that each request is granted; by default it waits for its approval. */
function policy(images: readonly string[], approval: 'required' | 'none') {
  const perGpu = { cpus: 1, memoryGib: 1, pids: 128 };
  const pool = { approval, maxDuration: '7d', perGpu };
  return {
    channel: CHANNEL,
    members: 'everyone',
    approvers: [APPROVER],
    admins: [APPROVER],
    quota: { gpus: 1000, gpusPerRequest: 4, cpuContainers: 1000 },
    actionsPerMinute: 100_000,
    openRequests: 10_000,
    defaultDuration: '4h',
    approvalLapse: '24h',
    stopGraceSeconds: 2,
    pools: [
      { name: 'a100', match: { model: 'A100' }, memoryGib: 80, ...pool },
      { name: 'l4', match: { model: 'L4' }, memoryGib: 24, ...pool },
    ],
    cpu: { approval: 'required', maxDuration: '7d', share: perGpu },
    images: images.map((reference, index) => ({ name: `image${index}`, reference })),
  };
}

export async function startScene(
  ground: Ground,
  name: string,
  members: number,
  image = 'berth-test:1',
  approval: 'required' | 'none' = 'required',
  rateLimits = false,
): Promise<Scene> {
  const directory = join(ground.directory, name);
  const people = Array.from({ length: members }, (_, index) => ({
    id: `U0MEMBER${String(index).padStart(2, '0')}`,
    name: `member${index}`,
  }));
  const everybody = [...people, { id: APPROVER, name: 'pat' }];
  const slack = await startLocalSlack({
    clock: systemClock,
    rateLimits,
    seed: { members: everybody, channels: [{ id: CHANNEL, name: 'gpu-approvals', members: everybody.map(({ id }) => id) }] },
  });
  ground.later(() => slack.close());
  const policyFile = `${directory}.yaml`;
  await writeFile(policyFile, JSON.stringify(policy([image], approval)), { mode: 0o600 });
  const url = await ground.database(name);
  const [port, metricsPort] = [await freePort(), await freePort()];
  const agentSocket = join(directory, 'agents', 'agents.sock');
  const env = {
    DATABASE_URL: url,
    BERTH_DATA_DIR: directory,
    BERTH_POLICY: policyFile,
    BERTH_LISTEN_SLACK: `127.0.0.1:${port}`,
    BERTH_LISTEN_METRICS: `127.0.0.1:${metricsPort}`,
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_SIGNING_SECRET: slack.signingSecret,
    SLACK_API_URL: slack.apiUrl,
  };
  const bot = await startChild([...profilerFlags(), ...ground.berth, 'bot'], env, /Berth is ready/);
  ground.later(() => bot.stop());
  const sql = postgres({ ...connectionOptions(url), max: 2 });
  ground.later(() => sql.end());
  return {
    slack,
    bot,
    port,
    url,
    members: people.map(({ id }) => id),
    sql,
    agentSocket,
    settled: () =>
      until(
        async () => {
          const [row] = await sql`
          select (select count(*) from inbox where answered_at is null)
               + (select count(*) from outbox where shown < wanted and abandoned_at is null) as open`;
          return Number(row?.['open']) === 0;
        },
        'everything to be performed and answered',
        90_000,
      ),
    expectOutcomes: async (kind, wanted) => {
      const rows = await sql`select outcome ->> 'kind' as kind, count(*)::int as number from inbox group by 1`;
      const found = rows.find((row) => row['kind'] === kind)?.['number'];
      if (found !== wanted) throw new Error(`expected ${wanted} times "${kind}", got ${JSON.stringify(rows)}`);
    },
  };
}

/** For profiles: BENCH_BOT_FLAGS="--cpu-prof --cpu-prof-dir=/tmp/profile". */
function profilerFlags(): string[] {
  return (process.env['BENCH_BOT_FLAGS'] ?? '').split(' ').filter((flag) => flag !== '');
}

/** A simulated host tells the ledger of its GPUs once; it then goes silent, and nothing is placed on it. */
export async function knowHost(ground: Ground, scene: Scene): Promise<void> {
  const host = await startSimulatedHost(ground.directory, scene.agentSocket, { name: 'gpu-01', gpus: 4, model: 'NVIDIA A100 80GB' });
  await until(async () => (await scene.sql`select 1 from devices`).length === 4, 'the host to report its GPUs');
  await host.stop();
}

export async function until(holds: () => Promise<boolean>, what: string, timeoutMs = 30_000): Promise<void> {
  const endsAt = performance.now() + timeoutMs;
  while (!(await holds())) {
    if (performance.now() > endsAt) throw new Error(`waited ${timeoutMs} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
