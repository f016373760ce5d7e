// Row A10: what a bot writes is for its own account only, whatever the umask was under which it was started.
import { chmodSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { BotConfig } from '../../src/config.ts';
import { startBotProcess } from '../support/bot-process.ts';
import { freePort, startStory, type Story } from '../support/story.ts';

let story: Story;
let umask: number;
beforeAll(async () => {
  story = await startStory();
  umask = process.umask(0);
});
afterAll(async () => {
  process.umask(umask);
  await story.end();
});

it('makes files and directories that only it can enter', async () => {
  const dataDir = join(story.directory, 'data');
  const { slack } = story;
  const config: BotConfig = {
    databaseUrl: story.databaseUrl,
    dataDir,
    policyFile: join(story.directory, 'policy.yaml'),
    slack: {
      botToken: slack.botToken,
      apiUrl: slack.apiUrl,
      command: '/gpu',
      transport: { kind: 'http', signingSecret: slack.signingSecret },
    },
    listen: {
      slack: { kind: 'tcp', host: '127.0.0.1', port: await freePort() },
      agents: { kind: 'unix', path: join(dataDir, 'agents', 'agents.sock') },
      metrics: { kind: 'unix', path: join(dataDir, 'metrics', 'metrics.sock') },
    },
    logLevel: 'debug',
  };
  const bot = await startBotProcess(config);
  const made = readdirSync(dataDir, { recursive: true, encoding: 'utf8' });
  expect(made.toSorted()).toEqual(['agents', 'agents/agents.sock', 'metrics', 'metrics/metrics.sock']);
  for (const name of ['', ...made]) expect([name, lstatSync(join(dataDir, name)).mode & 0o077]).toEqual([name, 0]);
  await bot.stop();
});

it('does not start with a policy that others can write, and says so', async () => {
  const file = join(story.directory, 'policy.yaml');
  chmodSync(file, 0o666);
  const dataDir = join(story.directory, 'unused');
  mkdirSync(dataDir, { mode: 0o700 });
  const config: BotConfig = {
    databaseUrl: story.databaseUrl,
    dataDir,
    policyFile: file,
    slack: { botToken: 'xoxb-none', apiUrl: story.slack.apiUrl, command: '/gpu', transport: { kind: 'http', signingSecret: 'none' } },
    listen: {
      slack: { kind: 'unix', path: join(dataDir, 's', 's') },
      agents: { kind: 'unix', path: join(dataDir, 'a', 'a') },
      metrics: { kind: 'unix', path: join(dataDir, 'm', 'm') },
    },
    logLevel: 'info',
  };
  await expect(startBotProcess(config)).rejects.toThrow(/others may write to it \(mode 666\); run: chmod go-w /);
  expect(readdirSync(dataDir)).toEqual([]);
});
