// The bot is killed (SIGKILL) in the middle of things and started again: every effect once, every answer given, one container each.
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startBotProcess } from '../support/bot-process.ts';
import { CHANNEL, people, startStory, type Story } from '../support/story.ts';
import type { SimulatedHost } from '../support/simulated-host.ts';

let story: Story;
let host: SimulatedHost;
beforeEach(async () => {
  story = await startStory({ bots: 'two processes' });
  host = await story.startHost({ name: 'gpu-01', gpus: 4 });
  await story.until(async () => (await story.gpu(people.ada, 'status')).includes('4 of 4'), 'the host');
});
afterEach(async () => story.end());

const rows = () => story.ledger.reads.execute<{ id: string; state: string }>(sql`select id, state from allocations order by requested_at`);
const killAll = () => Promise.all(story.processes.splice(0).map((bot) => bot.kill()));
const restart = async () => {
  story.processes.push(...(await Promise.all(story.configs.map((config) => startBotProcess(config)))));
  // What the dead had claimed is due at once, instead of after its 30 and 60 seconds.
  await story.ledger.reads.execute(sql`update inbox set claimed_until = received_at where answered_at is null`);
  await story.ledger.reads.execute(sql`update outbox set claimed_until = null`);
};
const running = async () => {
  const listed = await host.engine.list({});
  return listed.kind === 'listed' ? listed.containers.filter(({ state }) => state === 'running').length : -1;
};

describe('both bots killed', () => {
  // The moment differs from run to run; what must hold does not depend on it.
  it.each([0, 5, 20])('%s ms after a request was sent: it is done once and answered, or not noted and not done', async (afterMs) => {
    const asked = story.slack.command(people.ada, CHANNEL, '/gpu', 'request 1 a100 for 1h -- crash');
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    await killAll();
    await asked;
    const [noted] = await story.ledger.reads.execute<{ n: number }>(sql`select count(*)::int as n from inbox`);
    await restart();
    await story.until(async () => (await rows()).length === noted?.n, 'what was noted to be done');
    if (noted?.n === 1) {
      await story.sees(people.pat, CHANNEL, /crash/);
      const told = () => [...story.screen(people.ada, CHANNEL), ...story.screen(people.ada, story.slack.dm(people.ada))];
      await story.until(async () => told().some((words) => words.includes('waits for an approval')), 'the answer');
    }
    expect((await rows()).length).toBeLessThanOrEqual(1);
  });

  it.each([0, 5, 20])('%s ms after a window was sent: it is done once and answered, or not noted and not done', async (afterMs) => {
    await story.slack.command(people.ada, CHANNEL, '/gpu', 'request');
    await story.slack.waitFor(() => story.slack.modalSeenBy(people.ada)?.words.includes('Free now'), 5000, 'the window');
    await story.slack.type(people.ada, 'request_purpose', 'crash');
    const sent = story.slack.submit(people.ada);
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    await killAll();
    await sent;
    const [noted] = await story.ledger.reads.execute<{ n: number }>(sql`select count(*)::int as n from inbox`);
    await restart();
    // Whoever saw that it did not get through sends it again, and nothing comes of that if it did.
    if (story.slack.modalSeenBy(people.ada)?.trouble !== undefined && noted?.n === 1) await story.slack.submit(people.ada);
    await story.until(async () => (await rows()).length === noted?.n, 'what was noted to be done');
    if (noted?.n === 1) {
      await story.sees(people.pat, CHANNEL, /crash/);
      const told = () => [...story.screen(people.ada, story.slack.dm(people.ada)), story.slack.modalSeenBy(people.ada)?.words ?? ''];
      await story.until(async () => told().some((words) => words.includes('waits for an approval')), 'the answer');
    }
    expect((await rows()).length).toBeLessThanOrEqual(1);
  });

  it('after Approve, after running and after Release: one container while active, none afterwards, the card right', async () => {
    await story.gpu(people.ada, 'request 1 a100 for 1h -- crash');
    await story.sees(people.pat, CHANNEL, /crash/);
    await story.press(people.pat, CHANNEL, 'approve');
    await killAll();
    await restart();
    await story.until(async () => (await rows())[0]?.state === 'active', 'it to run', 30_000);
    expect(await running()).toBe(1);
    await story.sees(people.ada, story.slack.dm(people.ada), /Your container runs/);

    await killAll();
    expect(await running()).toBe(1);
    await restart();
    await story.press(people.ada, story.slack.dm(people.ada), 'release');
    await killAll();
    await restart();
    await story.until(async () => (await rows())[0]?.state === 'retired', 'it to be retired', 30_000);
    await story.until(async () => (await running()) === 0, 'no container to be left');
    await story.sees(people.pat, CHANNEL, /Ended .*released/);
    expect(story.screen(people.pat, CHANNEL).filter((words) => words.includes('asks for'))).toHaveLength(1);
    const [live] = await story.ledger.reads.execute<{ n: number }>(sql`select count(*)::int as n from leases where released_at is null`);
    expect(live?.n).toBe(0);
  }, 60_000);
});
