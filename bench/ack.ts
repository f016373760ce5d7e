// Slash → ack: 20 people ask at the same moment, against a bare Bolt app that only acknowledges.
import { join } from 'node:path';
import { startChild } from './children.ts';
import { startCatcher, target, type Catcher, type Target } from './deliveries.ts';
import { median, milliseconds, percentile, times, type Figure } from './figures.ts';
import type { Ground } from './ground.ts';
import { CHANNEL, knowHost, startScene, type Scene } from './scene.ts';

const CONCURRENT = 20;
const ROUNDS = 10;
const BURSTS = 8;
const WARM_UP = 10;
const STREAM_OF = 300;
const AIM = 2;

/** One for each member in turn; every one is granted and waits for an approval. */
const ASKS = [
  'request 1 a100 for 2h -- fine-tune',
  'request 2 a100 for 90m "evaluation of run 12"',
  'request a100 until tomorrow 9am on gpu-01',
  'request 1 gpu 24gb for 4 hours -- sweep',
  'request cpu for 3h -- preprocessing',
];

export async function ackFigure(ground: Ground): Promise<Figure> {
  const scene = await startScene(ground, 'ack', CONCURRENT);
  await knowHost(ground, scene);
  const { slack } = scene;
  const catcher = await startCatcher(slack);
  ground.later(() => catcher.close());
  const bare = await startChild(
    ['--import', 'tsx', join(import.meta.dirname, 'bare-bolt.ts')],
    { SLACK_SIGNING_SECRET: slack.signingSecret, SLACK_BOT_TOKEN: slack.botToken, SLACK_API_URL: slack.apiUrl },
    /^ready on \d+$/,
  );
  ground.later(() => bare.stop());
  const toBerth = target(scene.port, slack.signingSecret, CONCURRENT);
  const toBare = target(Number(bare.ready.split(' ').at(-1)), slack.signingSecret, CONCURRENT);
  ground.later(async () => [toBerth, toBare].forEach((each) => each.close()));

  const bursts: { plain: number[]; berth: number[] }[] = [];
  for (let burst = 0; burst < WARM_UP + ROUNDS * BURSTS; burst++) {
    const bodies = await askOnce(catcher, scene, burst);
    const askBerth = async () => {
      const took = await toBerth.burst(bodies);
      // What Berth does after its acknowledgements must not slow the other one down.
      await scene.settled();
      return took;
    };
    const [plain, berth] = await inTurn(burst, () => toBare.burst(bodies), askBerth);
    bursts.push({ plain, berth });
    await cancelAll(catcher, scene, toBerth);
  }
  await scene.expectOutcomes('requested', bursts.length * CONCURRENT);
  const sustained = await stream(catcher, scene, toBare, toBerth);
  await scene.expectOutcomes('requested', bursts.length * CONCURRENT + STREAM_OF);

  const rounds = Array.from({ length: ROUNDS }, (_, round) => {
    const own = bursts.slice(WARM_UP + round * BURSTS, WARM_UP + (round + 1) * BURSTS);
    return { plain: own.flatMap(({ plain }) => plain), berth: own.flatMap(({ berth }) => berth) };
  });
  const ratios = rounds.map(({ plain, berth }) => p99(berth) / p99(plain));
  const ratio = median(ratios);
  const line = (name: string, of: (round: (typeof rounds)[number]) => number[]) =>
    `${name}: p50 ${milliseconds(median(rounds.flatMap(of)))}, p99 ${milliseconds(median(rounds.map((round) => p99(of(round)))))}`;
  return {
    what: 'slash → ack, 20 at once, p99',
    aim: `≤ ${AIM}× a bare Bolt app`,
    measured: times(ratio),
    met: ratio <= AIM,
    notes: [
      `${ROUNDS} rounds of ${BURSTS} bursts of ${CONCURRENT} signed requests to each in turn, from ${CONCURRENT} members; the p99s and their ratio are medians over the rounds.`,
      'Every request was granted, noted down in the inbox, performed and answered.',
      line('bare Bolt', ({ plain }) => plain),
      line('Berth', ({ berth }) => berth),
      `ratio in the rounds: ${times(Math.min(...ratios))} to ${times(Math.max(...ratios))}; of the p50s ${times(median(rounds.flatMap(({ berth }) => berth)) / median(rounds.flatMap(({ plain }) => plain)))}`,
      `without a pause, ${CONCURRENT} always under way, ${STREAM_OF} in all (no aim): p99 ${milliseconds(p99(sustained.berth))}, ${times(p99(sustained.berth) / p99(sustained.plain))}`,
    ],
  };
}

function p99(took: readonly number[]): number {
  return percentile(took, 0.99);
}

async function askOnce(catcher: Catcher, { members }: Scene, burst: number): Promise<string[]> {
  const bodies: string[] = [];
  for (const [index, member] of members.entries())
    bodies.push(await catcher.command(member, CHANNEL, ASKS[(index + burst) % ASKS.length] ?? ''));
  return bodies;
}

/** Whoever is first may find caches colder, so they take turns. */
async function inTurn<A, B>(turn: number, a: () => Promise<A>, b: () => Promise<B>): Promise<[A, B]> {
  if (turn % 2 === 0) return [await a(), await b()];
  const second = await b();
  return [await a(), second];
}

/** Everybody gives up what they asked for, so that the next burst meets the same ledger. */
async function cancelAll(catcher: Catcher, scene: Scene, toBerth: Target): Promise<void> {
  const bodies: string[] = [];
  for (const member of scene.members) bodies.push(await catcher.command(member, CHANNEL, 'cancel'));
  await toBerth.burst(bodies);
  await scene.settled();
}

async function stream(catcher: Catcher, scene: Scene, toBare: Target, toBerth: Target) {
  const bodies: string[] = [];
  while (bodies.length < STREAM_OF) bodies.push(...(await askOnce(catcher, scene, bodies.length)));
  const plain = await toBare.stream(bodies, CONCURRENT);
  const berth = await toBerth.stream(bodies, CONCURRENT);
  await scene.settled();
  return { plain, berth };
}
