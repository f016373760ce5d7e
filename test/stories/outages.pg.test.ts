// What the person who types sees while the database or Slack is away, and that nothing is lost or done twice.
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { deliver } from '../../src/app/deliver.ts';
import type { BotConfig } from '../../src/config.ts';
import { secondsBetween, systemClock } from '../../src/domain/time.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/local/postgres/start.ts';
import { createLog } from '../../src/log.ts';
import { startBotProcess } from '../support/bot-process.ts';
import { movableClock } from '../support/clock.ts';
import { childrenOf, postmasterOf } from '../support/children-of.ts';
import { CHANNEL, people, startStory, type Story } from '../support/story.ts';

const TOLD_WITHIN_MS = 3000;

describe('PostgreSQL', () => {
  let directory: string;
  let cluster: EmbeddedPostgres;
  let story: Story;
  const startCluster = () =>
    startEmbeddedPostgres({ dataDir: join(directory, 'postgres'), log: createLog('test', 'silent'), durable: false });
  beforeEach(async () => {
    directory = mkdtempSync('/tmp/berth-outage-');
    chmodSync(directory, 0o711);
    cluster = await startCluster();
  });
  afterEach(async () => {
    await story.end();
    await cluster.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const requests = async () => {
    const [row] = await story.ledger.reads.execute<{ n: number }>(sql`select count(*)::int as n from allocations`);
    return row?.n;
  };
  const begin = async (transport: 'http' | 'socket') => {
    story = await startStory({ transport, databaseUrl: cluster.url });
    await story.startHost({ name: 'gpu-01', gpus: 4 });
    await story.until(async () => (await story.gpu(people.ada, 'status')).includes('4 of 4'), 'the host');
  };
  /** Milliseconds until ada is told, once. */
  const timeUntilTold = async (channel: string, act: () => Promise<unknown>) => {
    const outages = () => story.screen(people.ada, channel).filter((words) => words.includes('cannot reach my database')).length;
    const before = outages();
    const began = performance.now();
    await act();
    await story.slack.waitFor(() => outages() === before + 1, 8000, 'word of the outage');
    return performance.now() - began;
  };

  it.each(['http', 'socket'] as const)(
    'down: told within 3 s by %s, nothing half-done, and it works again without a restart',
    async (transport) => {
      await begin(transport);
      await story.gpu(people.ada, 'request 1 a100 for 1h -- before');
      await cluster.stop();
      for (const text of ['request 1 a100 for 1h -- during', 'status', 'release'])
        expect(await timeUntilTold(CHANNEL, () => story.gpu(people.ada, text))).toBeLessThan(TOLD_WITHIN_MS);
      expect(await timeUntilTold(CHANNEL, () => story.press(people.ada, CHANNEL, 'cancel'))).toBeLessThan(TOLD_WITHIN_MS);
      const dm = story.slack.dm(people.ada);
      expect(await timeUntilTold(dm, () => story.slack.say(people.ada, dm, 'request 1 a100 for 1h -- by message'))).toBeLessThan(
        TOLD_WITHIN_MS,
      );
      cluster = await startCluster();
      await story.until(
        async () => (await story.gpu(people.ada, 'mine')).includes('Waiting for an approval'),
        'the bot to have recovered',
        30_000,
      );
      expect(await requests()).toBe(1);
      expect(await story.gpu(people.ada, 'request 1 a100 for 1h -- after')).toContain('waits for an approval');
      await story.sees(people.pat, CHANNEL, /after/);
      await story.press(people.pat, CHANNEL, 'approve');
      await story.sees(people.ada, story.slack.dm(people.ada), /Your container runs/, 30_000);
      let woken = false;
      story.bots[0]?.app.wakes.on('policy', () => (woken = true));
      const wake = async () => {
        await story.ledger.reads.execute(sql`select pg_notify('berth', 'policy')`);
        return woken;
      };
      await story.until(wake, 'wake-ups to be heard again');
    },
  );

  it('hanging: told within 3 s, and what got through after all is done once and answered', async () => {
    await begin('http');
    const postmaster = Number(readFileSync(join(directory, 'postgres', 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);
    const all = [postmaster, ...childrenOf(postmaster)];
    for (const pid of all) process.kill(pid, 'SIGSTOP');
    const ms = await timeUntilTold(CHANNEL, () => story.gpu(people.ada, 'request 1 a100 for 1h -- stuck')).finally(() => {
      for (const pid of all) process.kill(pid, 'SIGCONT');
    });
    expect(ms).toBeLessThan(TOLD_WITHIN_MS);
    // If the delivery was noted down after all, it is performed and answered; if not, there is nothing.
    await story.until(async () => (await story.gpu(people.ada, 'status')).includes('4 of 4'), 'the bot to have recovered', 30_000);
    const [noted] = await story.ledger.reads.execute<{ n: number }>(sql`select count(*)::int as n from inbox`);
    await story.ledger.reads.execute(sql`update inbox set claimed_until = received_at`);
    await story.until(async () => (await requests()) === noted?.n, 'what was noted to be done', 20_000);
  });
});

describe('a bot with a PostgreSQL of its own', () => {
  it('says so and ends with 1 when that dies, and works again when a supervisor has started it again', async () => {
    const story = await startStory();
    chmodSync(story.directory, 0o711);
    mkdirSync(join(story.directory, 'own'), { mode: 0o711 });
    const config: BotConfig = {
      ...(story.configs[0] as BotConfig),
      databaseUrl: null,
      dataDir: join(story.directory, 'own'),
      listen: {
        slack: { kind: 'unix', path: join(story.directory, 'own', 's', 's') },
        agents: { kind: 'unix', path: join(story.directory, 'own', 'a', 'a') },
        metrics: { kind: 'unix', path: join(story.directory, 'own', 'm', 'm') },
      },
    };
    const bot = await startBotProcess(config);
    onTestFinished(() => bot.kill());
    process.kill(postmasterOf(bot.child.pid ?? 0), 'SIGKILL');
    expect(await bot.ended).toBe(1);
    expect(bot.lines.filter((line) => line.includes('cannot go on without its PostgreSQL')).join()).toContain('(SIGKILL)');
    const next = await startBotProcess(config);
    await next.stop();
    expect(await next.ended).toBe(0);
    await story.end();
  });
});

describe('Slack’s API', () => {
  let story: Story;
  beforeEach(async () => {
    story = await startStory();
    await story.startHost({ name: 'gpu-01', gpus: 4 });
    await story.until(async () => (await story.gpu(people.ada, 'status')).includes('4 of 4'), 'the host');
  });
  afterEach(async () => story.end());

  it.each([
    ['an error', { error: 'fatal_error' }],
    ['429', { status: 429, retryAfter: 1 }],
    ['a reset connection', 'reset'],
  ] as const)('answering %s: the ledger goes on, and the card comes later, once', async (_, fault) => {
    story.slack.fail.next('chat.postMessage', fault);
    expect(await story.gpu(people.ada, 'request 1 a100 for 1h -- patience')).toContain('waits for an approval');
    await story.sees(people.pat, CHANNEL, /patience/);
    expect(story.screen(people.pat, CHANNEL).filter((words) => words.includes('patience'))).toHaveLength(1);
  });

  it('losing the answer to a command: the answer comes by direct message', async () => {
    await story.gpu(people.ada, 'request 1 a100 for 1h -- lost answer');
    await story.until(async () => {
      const [row] = await story.ledger.reads.execute<{ told: boolean }>(sql`select answered_at is not null as told from inbox`);
      return row?.told;
    }, 'the answer to be recorded');
    await story.ledger.reads.execute(sql`update inbox set answered_at = null, claimed_until = received_at`);
    await story.sees(people.ada, story.slack.dm(people.ada), /waits for an approval/);
    const [row] = await story.ledger.reads.execute<{ n: number }>(sql`select count(*)::int as n from allocations`);
    expect(row?.n).toBe(1);
  });
});

describe('Slack’s API, by a clock that the test moves', () => {
  let story: Story;
  afterEach(async () => story.end());

  it('failing three times in a row: asked again after growing gaps, and the card comes once', async () => {
    const clock = movableClock(systemClock.now().toISOString());
    story = await startStory({ clock });
    await story.startHost({ name: 'gpu-01', gpus: 4 });
    await story.until(async () => (await story.gpu(people.ada, 'status')).includes('4 of 4'), 'the host');
    const app = story.bots[0]?.app;
    if (app === undefined) throw new Error('there is no bot');
    const posts = () => story.slack.apiCalls.filter(({ method }) => method === 'chat.postMessage').length;
    for (const fault of [{ status: 503 }, 'reset', { error: 'fatal_error' }] as const) story.slack.fail.next('chat.postMessage', fault);
    await story.gpu(people.ada, 'request 1 a100 for 1h -- patience');
    const gaps: number[] = [];
    for (let failed = 1; failed <= 3; failed++) {
      const row = await story.until(
        async () => (await app.ledger.reads.query.outbox.findMany()).find(({ attempts }) => attempts === failed),
        `failure ${failed}`,
      );
      const gap = secondsBetween(clock.now(), row.nextAt);
      gaps.push(gap);
      clock.move(gap - 1);
      await deliver(app);
      expect(posts()).toBe(failed);
      clock.move(1);
      await deliver(app);
    }
    expect(gaps).toEqual([1, 2, 4]);
    await story.sees(people.pat, CHANNEL, /patience/);
    expect(story.screen(people.pat, CHANNEL).filter((words) => words.includes('patience'))).toHaveLength(1);
    expect(posts()).toBe(4);
  });
});
