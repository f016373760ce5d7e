// Scenario 18b: the bot is pointed at an empty database. No container stops, the alarm is raised, and only `accept` on the host changes that.
import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { startBot } from '../../src/bot.ts';
import { systemClock, systemTicks } from '../../src/domain/time.ts';
import { connectionOptions, openLedger, type Ledger } from '../../src/ledger/connect.ts';
import { allHosts } from '../../src/ledger/hosts.ts';
import { createLog } from '../../src/log.ts';
import { startBotProcess } from '../support/bot-process.ts';
import { startDockerStory, type DockerStory } from '../support/docker-story.ts';
import { CHANNEL, people, type StoryOptions } from '../support/story.ts';

const variants: readonly (readonly [string, StoryOptions])[] = [
  ['one bot', {}],
  ['two bot processes', { bots: 'two processes' }],
];
const asAdmin = async (statement: string) => {
  const client = postgres({ ...connectionOptions(inject('clusterUrl')), max: 1 });
  try {
    await client.unsafe(statement);
  } finally {
    await client.end();
  }
};

describe.each(variants)('with %s', (_, options) => {
  const name = `empty_${randomBytes(4).toString('hex')}`;
  let story: DockerStory;
  let later: { stop(): Promise<void> }[] = [];
  let ledger: Ledger | undefined;
  beforeAll(async () => {
    story = await startDockerStory(options);
  });
  afterAll(async () => {
    await Promise.all(later.map((bot) => bot.stop()));
    await ledger?.close();
    await story.end();
    await asAdmin(`drop database if exists ${name} with (force)`);
  });

  /** The same bots once more, on this database. */
  async function startOn(databaseUrl: string) {
    const configs = story.configs.map((config) => ({ ...config, databaseUrl }));
    const ports = { databaseUrl, clock: systemClock, ticks: systemTicks, log: createLog('test', 'silent') };
    later = await Promise.all(
      configs.map((config) => (options.bots === 'two processes' ? startBotProcess(config) : startBot(config, ports))),
    );
  }

  it('scenario 18b: on an empty database no container stops, the bot shows the alarm, and accept makes the host obey', async () => {
    await story.gpu(people.ada, 'request 1 a100 for 1h -- keeps running');
    await story.sees(people.pat, CHANNEL, /keeps running/);
    await story.press(people.pat, CHANNEL, 'approve');
    await story.sees(people.ada, story.slack.dm(people.ada), /Your container runs/, 30_000);
    const [before] = await story.containers();
    if (before === undefined) throw new Error('nothing runs');

    await Promise.all([...story.bots, ...story.processes].map((bot) => bot.stop()));
    await asAdmin(`create database ${name} template template0`);
    const url = new URL(inject('clusterUrl'));
    url.pathname = `/${name}`;
    await startOn(url.href);
    const empty = await openLedger(url.href);
    ledger = empty;
    const host = async () => (await allHosts(empty.reads)).find((row) => row.name === story.agent.host);
    await story.until(
      async () => (await host())?.problems.some(({ code, blocking }) => code === 'ledger_changed' && blocking),
      'the alarm',
      30_000,
    );
    for (const _bot of later) {
      const status = await story.gpu(people.ada, 'status');
      expect(status).toContain('0 of 4 GPUs are free');
      expect(status).toContain('takes no new containers: this bot has another database');
    }
    await story.sees(people.root, story.slack.dm(people.root), /takes no new containers.*nothing is stopped.*berth agent accept/);
    const state = async () => (await story.docker.getContainer(before.Id).inspect()).State;
    expect((await state()).Running).toBe(true);

    const accepted = await story.agent.accept();
    expect(accepted).toMatchObject({ code: 0, words: expect.stringContaining(empty.id) });
    await story.until(async () => (await host())?.problems.length === 0, 'the host to obey', 30_000);
    expect((await state()).Running).toBe(true);
  });
});
