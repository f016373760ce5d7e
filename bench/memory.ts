// Resident memory of a bot process, PostgreSQL not counted: after its start, and after 200 requests.
import { setTimeout as sleep } from 'node:timers/promises';
import { residentMib } from './children.ts';
import { startCatcher, target } from './deliveries.ts';
import type { Figure } from './figures.ts';
import type { Ground } from './ground.ts';
import { CHANNEL, knowHost, startScene } from './scene.ts';

const REQUESTS = 200;
const AIM_MIB = 150;
const SETTLE_MS = 3000;

export async function memoryFigure(ground: Ground): Promise<Figure> {
  const scene = await startScene(ground, 'memory', 20);
  await knowHost(ground, scene);
  const catcher = await startCatcher(scene.slack);
  ground.later(() => catcher.close());
  const berth = target(scene.port, scene.slack.signingSecret, 1);
  ground.later(async () => berth.close());

  await sleep(SETTLE_MS);
  const before = await residentMib(scene.bot.pid);
  let highest = before;
  for (let sent = 0; sent < REQUESTS; sent++) {
    const member = scene.members[sent % scene.members.length] ?? '';
    await berth.burst([await catcher.command(member, CHANNEL, 'request 1 a100 for 2h -- fine-tune')]);
    highest = Math.max(highest, await residentMib(scene.bot.pid));
  }
  await scene.settled();
  await scene.expectOutcomes('requested', REQUESTS);
  await sleep(SETTLE_MS);
  const after = await residentMib(scene.bot.pid);
  highest = Math.max(highest, after);
  return {
    what: 'bot, resident memory',
    aim: `≤ ${AIM_MIB} MiB`,
    measured: `${highest.toFixed(0)} MiB`,
    met: highest <= AIM_MIB,
    notes: [
      `built, without PostgreSQL: ${before.toFixed(0)} MiB after the start, ${after.toFixed(0)} MiB after ${REQUESTS} requests one after another, ${highest.toFixed(0)} MiB at most.`,
    ],
  };
}
