// Many decisions in one moment: from the click on Approve until the card shows it, with Slack's rate limits on.
import { median, milliseconds, percentile, type Figure } from './figures.ts';
import { startSimulatedHost } from '../test/support/simulated-host.ts';
import type { Ground } from './ground.ts';
import { APPROVER, CHANNEL, startScene, until } from './scene.ts';

const DECISIONS = 50;
const MEMBERS = 10;
const AIM_MS = 1000;

export async function decisionsFigure(ground: Ground): Promise<Figure> {
  const scene = await startScene(ground, 'decisions', MEMBERS, 'berth-test:1', 'required', true);
  const { slack, sql, members, settled } = scene;
  const host = await startSimulatedHost(ground.directory, scene.agentSocket, { name: 'gpu-01', gpus: 1, model: 'NVIDIA A100 80GB' });
  ground.later(() => host.stop());
  await until(async () => (await sql`select 1 from devices`).length === 1, 'the host to report its GPU');
  slack.deliverTo({ kind: 'http', url: `http://127.0.0.1:${scene.port}/slack/events` });
  for (let index = 0; index < DECISIONS; index++) {
    await slack.command(members[index % MEMBERS] ?? '', CHANNEL, '/gpu', 'request 1 a100 for 2h -- sweep');
  }
  // One message a second is what Slack takes in a channel.
  const cards = () =>
    slack.messagesSeenBy(APPROVER, CHANNEL).filter(({ buttons }) => buttons.some(({ actionId }) => actionId === 'approve'));
  await until(async () => cards().length === DECISIONS, `${DECISIONS} cards`, 120_000);
  await settled();

  const open = cards();
  const shownAt = new Map<string, number>();
  // One look at each change for all of them: fifty would measure themselves.
  const allShown = slack.waitFor(
    () => {
      const now = performance.now();
      for (const { ts, words } of slack.messagesSeenBy(APPROVER, CHANNEL)) {
        if (!shownAt.has(ts) && words.includes('Approved by <') && words.includes(' asks for ')) shownAt.set(ts, now);
      }
      return shownAt.size === DECISIONS;
    },
    60_000,
    'all decisions to be shown',
  );
  const clickedAt = new Map<string, number>();
  await Promise.all(
    open.map(async ({ ts }) => {
      clickedAt.set(ts, performance.now());
      await slack.click(APPROVER, { channel: CHANNEL, ts }, 'approve');
    }),
  );
  await allShown;
  const took = open.map(({ ts }) => (shownAt.get(ts) ?? Number.NaN) - (clickedAt.get(ts) ?? Number.NaN));
  const p95 = percentile(took, 0.95);
  return {
    what: `${DECISIONS} approvals in one moment: click → its card shows the decision, p95`,
    aim: `≤ ${AIM_MS} ms`,
    measured: milliseconds(p95),
    met: p95 <= AIM_MS,
    notes: [
      `p50 ${milliseconds(median(took))}, the last ${milliseconds(Math.max(...took))}; local Slack with the rate limits of Slack, over signed HTTP.`,
    ],
  };
}
