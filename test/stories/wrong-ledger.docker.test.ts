// Scenario 18b: the bot is pointed at an empty database. No container stops, the alarm is raised, and only `accept` on the host changes that.
import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { startBot, type RunningBot } from '../../src/bot.ts';
import { systemClock, systemTicks } from '../../src/domain/time.ts';
import { connectionOptions } from '../../src/ledger/connect.ts';
import { allHosts } from '../../src/ledger/hosts.ts';
import { createLog } from '../../src/log.ts';
import { startDockerStory, type DockerStory } from '../support/docker-story.ts';
import { CHANNEL, people } from '../support/story.ts';

let story: DockerStory;
let second: RunningBot | undefined;
const name = `empty_${randomBytes(4).toString('hex')}`;
const asAdmin = async (statement: string) => {
  const client = postgres({ ...connectionOptions(inject('clusterUrl')), max: 1 });
  try {
    await client.unsafe(statement);
  } finally {
    await client.end();
  }
};
beforeAll(async () => {
  story = await startDockerStory();
});
afterAll(async () => {
  await second?.stop();
  await story.end();
  await asAdmin(`drop database if exists ${name} with (force)`);
});

it('scenario 18b: on an empty database no container stops, the bot shows the alarm, and accept makes the host obey', async () => {
  await story.gpu(people.ada, 'request 1 a100 for 1h -- keeps running');
  await story.sees(people.pat, CHANNEL, /keeps running/);
  await story.press(people.pat, CHANNEL, 'approve');
  await story.sees(people.ada, story.slack.dm(people.ada), /Your container runs/, 30_000);
  const [before] = await story.containers();
  const [config] = story.configs;
  if (before === undefined || config === undefined) throw new Error('nothing runs');

  await story.bots[0]?.stop();
  await asAdmin(`create database ${name} template template0`);
  const url = new URL(inject('clusterUrl'));
  url.pathname = `/${name}`;
  second = await startBot(
    { ...config, databaseUrl: url.href },
    { databaseUrl: url.href, clock: systemClock, ticks: systemTicks, log: createLog('test', 'silent') },
  );
  const { ledger } = second.app;
  const host = async () => (await allHosts(ledger.reads)).find((row) => row.name === story.agent.host);
  await story.until(
    async () => (await host())?.problems.some(({ code, blocking }) => code === 'ledger_changed' && blocking),
    'the alarm',
    30_000,
  );
  const status = await story.gpu(people.ada, 'status');
  expect(status).toContain('0 of 4 GPUs are free');
  const state = async () => (await story.docker.getContainer(before.Id).inspect()).State;
  expect((await state()).Running).toBe(true);

  const accepted = await story.agent.accept();
  expect(accepted).toMatchObject({ code: 0, words: expect.stringContaining(ledger.id) });
  await story.until(async () => (await host())?.problems.length === 0, 'the host to obey', 30_000);
  expect((await state()).Running).toBe(true);
});
