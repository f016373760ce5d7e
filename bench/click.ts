// Approve click → container running in the ledger, on a real Docker Engine of our own, against `docker run -d` of the same image and flags.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import Docker from 'dockerode';
import { removeAgent, startAgent, type RunningAgent } from '../test/support/docker-agent.ts';
import { startEngine } from '../test/support/docker-engine.ts';
import { runFlags } from './docker-flags.ts';
import { median, milliseconds, percentile, times, type Figure } from './figures.ts';
import type { Ground } from './ground.ts';
import { APPROVER, CHANNEL, startScene, until, type Scene } from './scene.ts';

const ROUNDS = 20;
const WARM_UP = 2;
const GPUS = 8;
const AIM = 1.3;
const IMAGE = 'berth-test:1';

/** Milliseconds of one approval; the parts add up to `total`. */
interface Approval {
  readonly container: string;
  readonly total: number;
  readonly parts: ReadonlyMap<string, number>;
}

export async function clickFigure(ground: Ground): Promise<Figure> {
  const engine = await startEngine();
  ground.later(() => engine.stop());
  const scene = await startScene(ground, 'click', 1, IMAGE);
  const gpus = Array.from({ length: GPUS }, (_, index) => ({ uuid: `GPU-1f2e3d4c-0a1b-4c2d-8e3f-00000000000${index}` }));
  const agent = startAgent({ engine, botSocket: scene.agentSocket, gpus, env: { BERTH_AGENT_PROBE_SECONDS: '2', LOG_LEVEL: 'info' } });
  ground.later(async () => {
    await agent.stop();
    removeAgent(agent);
  });
  scene.slack.deliverTo({ kind: 'http', url: `http://127.0.0.1:${scene.port}/slack/events` });
  await until(async () => (await scene.sql`select 1 from devices`).length === GPUS, 'the agent to report its GPUs');

  const docker = new Docker({ socketPath: engine.socket });
  const approvals: Approval[] = [];
  const plain: number[] = [];
  let flags: readonly string[] = [];
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    const approval = await approve(scene, agent);
    if (round === 0) flags = runFlags(await docker.getContainer(approval.container).inspect());
    await release(scene);
    const took = await dockerRun(engine.socket, flags);
    if (round < WARM_UP) continue;
    approvals.push(approval);
    plain.push(took);
  }

  const total = approvals.map((approval) => approval.total);
  const ratio = median(total) / median(plain);
  const names = [...(approvals[0]?.parts.keys() ?? [])];
  const parts = names.map((name) => `${name} ${milliseconds(median(approvals.map(({ parts: found }) => found.get(name) ?? Number.NaN)))}`);
  const spread = (took: readonly number[]) =>
    `median ${milliseconds(median(took))}, ${milliseconds(percentile(took, 0.05))} to ${milliseconds(percentile(took, 0.95))}`;
  return {
    what: 'Approve click → container running, median',
    aim: `≤ ${AIM}× docker run -d`,
    measured: times(ratio),
    met: ratio <= AIM,
    notes: [
      `${ROUNDS} of each in turn on one engine, a host of ${GPUS} GPUs; the flags are read back from Berth's container.`,
      `docker run -d: ${spread(plain)}`,
      `Berth, until the ledger says "active": ${spread(total)}`,
      `of which, medians: ${parts.join(', ')}`,
    ],
  };
}

/** Asks, waits for the card to be complete, presses Approve, and takes the times. */
async function approve({ slack, sql, members, settled }: Scene, agent: RunningAgent): Promise<Approval> {
  const [holder = ''] = members;
  await slack.command(holder, CHANNEL, '/gpu', 'request 1 a100 for 2h -- fine-tune');
  const card = await slack.waitFor(
    () =>
      slack
        .messagesSeenBy(APPROVER, CHANNEL)
        .toReversed()
        .find(({ buttons }) => buttons.some(({ actionId }) => actionId === 'approve')),
    10_000,
    'the approval card',
  );
  await settled();
  await until(async () => (await freeGpus(sql)) > 0, 'a free GPU');

  let active = 0;
  let acked = 0;
  let clicked = 0;
  const running = new Promise<void>((resolve, reject) => {
    setTimeout(() => reject(new Error(`not running within 30 s; the agent says:\n${agent.log().slice(-3000)}`)), 30_000).unref();
    const look = async () => {
      const [row] = await sql`select 1 from allocations where state = 'active'`;
      if (row === undefined || active > 0) return;
      active = now();
      resolve();
    };
    void sql
      .listen('berth', () => void look())
      .then(async ({ unlisten }) => {
        clicked = now();
        await slack.click(APPROVER, { channel: CHANNEL, ts: card.ts }, 'approve');
        acked = now();
        await running.finally(() => void unlisten());
      });
  });
  await running;
  const [row] = await sql`select id, container_name from allocations where state = 'active'`;
  const events = await sql`select event, at from events where allocation_id = ${String(row?.['id'])}`;
  const at = (event: string) => (events.find((found) => found['event'] === event)?.['at'] as Date | undefined)?.getTime() ?? Number.NaN;
  const step = agentTimes(agent.log(), String(row?.['id']));
  await settled();
  const moments: [string, number][] = [
    ['click → acknowledged', acked],
    ['→ decision begins to place', at('place')],
    ['→ agent has the list', step.list],
    ['→ created', step.created],
    ['→ started', step.started],
    ['→ report reaches the bot', at('started')],
    ['→ active, committed', active],
  ];
  const parts = new Map(moments.map(([name, moment], index) => [name, moment - (moments[index - 1]?.[1] ?? clicked)]));
  return { container: String(row?.['container_name']), total: active - clicked, parts };
}

/** When the agent took over the list that named it, and when its steps were done, from the agent's log. */
function agentTimes(log: string, allocation: string) {
  const lines = log
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { time: string; msg: string; allocation?: string; step?: string });
  const done = (step: string) => lines.findIndex((line) => line.allocation === allocation && line.step === step);
  const moment = (index: number) => Date.parse(lines[index]?.time ?? '');
  const list = lines.findLastIndex(({ msg }, index) => msg === 'list taken over' && index < done('create'));
  return { list: moment(list), created: moment(done('create')), started: moment(done('start')) };
}

async function freeGpus(sql: Scene['sql']): Promise<number> {
  const rows = await sql`
    select 1 from devices where clear_reports >= 2
    and not exists (select 1 from leases where leases.device = devices.uuid and released_at is null)`;
  return rows.length;
}

async function release({ slack, sql, members, settled }: Scene): Promise<void> {
  await slack.command(members[0] ?? '', CHANNEL, '/gpu', 'release');
  await until(async () => (await sql`select 1 from leases where released_at is null`).length === 0, 'the GPUs to be given back');
  await settled();
}

async function dockerRun(socket: string, flags: readonly string[]): Promise<number> {
  const run = promisify(execFile);
  const host = ['-H', `unix://${socket}`];
  const began = now();
  const { stdout } = await run('docker', [...host, 'run', '-d', ...flags]);
  const took = now() - began;
  await run('docker', [...host, 'rm', '-f', stdout.trim()]);
  return took;
}

/** On the clock that the bot's events and the agent's log carry, but finer. */
function now(): number {
  return performance.timeOrigin + performance.now();
}
