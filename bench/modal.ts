// A field changes in the window that asks for GPUs → the window shows what comes of it: on a pool with people in line.
import { median, milliseconds, percentile, type Figure } from './figures.ts';
import { startSimulatedHost } from '../test/support/simulated-host.ts';
import type { Ground } from './ground.ts';
import { CHANNEL, startScene, until, type Scene } from './scene.ts';

const MEMBERS = 5;
const ROUNDS = 200;
const WARM_UP = 20;
const GPUS = 8;
const WAITING = 100;
const AIM_MS = 300;

export async function modalFigure(ground: Ground): Promise<Figure> {
  const scene = await startScene(ground, 'modal', MEMBERS, 'berth-test:1', 'none');
  const host = await startSimulatedHost(ground.directory, scene.agentSocket, { name: 'gpu-01', gpus: GPUS, model: 'NVIDIA A100 80GB' });
  ground.later(() => host.stop());
  await until(async () => (await scene.sql`select 1 from devices`).length === GPUS, 'the host to report its GPUs');
  scene.slack.deliverTo({ kind: 'http', url: `http://127.0.0.1:${scene.port}/slack/events` });
  await fillPool(scene);

  const [member = ''] = scene.members;
  const opened = await timed(scene, member, /Your GPUs at once/, () => scene.slack.command(member, CHANNEL, '/gpu', 'request'));
  const took: number[] = [];
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    const devices = String((round % 4) + 1);
    const one = await timed(scene, member, new RegExp(`${devices} × a100\\* `), () =>
      scene.slack.choose(member, 'request_devices', devices),
    );
    if (round >= WARM_UP) took.push(one);
  }
  const p95 = percentile(took, 0.95);
  return {
    what: 'modal: a field changes → the window says what comes of it, p95',
    aim: `≤ ${AIM_MS} ms`,
    measured: milliseconds(p95),
    met: p95 <= AIM_MS,
    notes: [
      `${ROUNDS} changes in turn, over signed HTTP, with ${WAITING} requests in line for ${GPUS} GPUs, all held; from the choice until local Slack shows the new version.`,
      `p50 ${milliseconds(median(took))}, p99 ${milliseconds(percentile(took, 0.99))}`,
      `from the command to the window with its first answer: ${milliseconds(opened)}`,
    ],
  };
}

/** Every GPU is held, and others wait. */
async function fillPool({ slack, sql, members, settled }: Scene): Promise<void> {
  for (let index = 0; index < GPUS + WAITING; index++) {
    const member = members[index % members.length] ?? '';
    await slack.command(member, CHANNEL, '/gpu', `request 1 a100 for ${(index % 20) + 1}h -- sweep`);
    if (index % 20 === 19) await settled();
  }
  await settled();
  await until(async () => (await sql`select 1 from allocations where state = 'active'`).length === GPUS, 'every GPU to be held');
}

async function timed({ slack }: Scene, member: string, words: RegExp, act: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  const shown = slack
    .waitFor(() => words.test(slack.modalSeenBy(member)?.words ?? ''), 10_000, `${words} in the window`)
    .then(() => performance.now());
  await act();
  return (await shown) - from;
}
