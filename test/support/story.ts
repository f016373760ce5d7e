// A whole Berth for a story: local Slack, a ledger of its own, bots inside this process or as processes, and agents.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBot, type RunningBot } from '../../src/bot.ts';
import { importPolicy } from '../../src/app/import-policy.ts';
import type { BotConfig } from '../../src/config.ts';
import type { Policy } from '../../src/domain/policy.ts';
import { systemClock, systemTicks, type Clock } from '../../src/domain/time.ts';
import { openLedger, type Ledger } from '../../src/ledger/connect.ts';
import { startLocalSlack, type LocalSlack } from '../../src/local/slack/local-slack.ts';
import { createLog, type Log } from '../../src/log.ts';
import { freshDatabase } from './database.ts';
import { CHANNEL, people, testPolicy } from './policy.ts';
import { startBotProcess, type BotProcess } from './bot-process.ts';
import { startSimulatedHost, type SimulatedHost, type SimulatedHostOptions } from './simulated-host.ts';

export interface StoryOptions {
  readonly transport?: 'http' | 'socket';
  /** `inside`: in this process, with the story's clock; `processes`: two `berth bot` on one database, by the real clock. */
  readonly bots?: 'inside' | 'two inside' | 'two processes';
  readonly policy?: Policy;
  readonly clock?: Clock;
  /** Name of the slash command; /gpu when left out. */
  readonly command?: string;
  readonly log?: Log;
  /** A database that exists already and outlives the story; a fresh one when left out. */
  readonly databaseUrl?: string;
}

export interface Story {
  readonly slack: LocalSlack;
  readonly ledger: Ledger;
  readonly databaseUrl: string;
  readonly clock: Clock;
  readonly directory: string;
  /** In-process bots, in order of their start. */
  readonly bots: RunningBot[];
  readonly processes: BotProcess[];
  /** How each bot was started, to start one again. */
  readonly configs: BotConfig[];
  /** Sockets on which the bots hear agents. */
  readonly agentSockets: string[];
  /** Origins on which the bots hear Slack (nobody listens there in Socket Mode) and show their metrics, in order of their start. */
  readonly origins: { readonly slack: string; readonly metrics: string }[];
  /** `/gpu TEXT`, or whatever it is called, in the approvers' channel (or `channel`); the private answer, whichever way it comes. */
  gpu(user: string, text: string, channel?: string): Promise<string>;
  /** Presses a button of the newest message in `channel` that `user` sees and that has it. */
  press(user: string, channel: string, button: string, options?: { stale?: boolean }): Promise<void>;
  /** Chooses from a menu of the newest message in `channel` that `user` sees and that has it, by the words of the choice. */
  choose(user: string, channel: string, menu: string, words: string): Promise<void>;
  /** Fills in the modal that `user` has before them, by block, and submits it; what became of it. */
  fillIn(user: string, words: Readonly<Record<string, string>>): Promise<Awaited<ReturnType<LocalSlack['submit']>>>;
  /** Waits for a message that `user` sees in `channel` and whose words match. */
  sees(
    user: string,
    channel: string,
    words: RegExp,
    timeoutMs?: number,
  ): Promise<{ text: string; words: string; ts: string; buttons: readonly { actionId: string }[] }>;
  /** Words of everything `user` sees in `channel`. */
  screen(user: string, channel: string): string[];
  startHost(options: SimulatedHostOptions): Promise<SimulatedHost>;
  /** Imports the policy and waits until every bot answers by it. */
  setPolicy(policy: Policy): Promise<void>;
  /** Waits until it holds in the ledger, looking again after each change of anything. */
  until<T>(look: () => Promise<T | null | undefined | false>, what: string, timeoutMs?: number): Promise<T>;
  end(): Promise<void>;
}

export { CHANNEL, people };

export async function startStory(options: StoryOptions = {}): Promise<Story> {
  const {
    transport = 'http',
    clock = systemClock,
    policy = testPolicy(),
    command = '/gpu',
    log = createLog('story', process.env['STORY_LOG'] ?? 'silent'),
  } = options;
  const directory = await mkdtemp(join(tmpdir(), 'berth-story-'));
  const database = options.databaseUrl === undefined ? await freshDatabase() : { url: options.databaseUrl, drop: async () => undefined };
  const slack = await startLocalSlack({
    clock: systemClock,
    seed: {
      members: Object.entries(people).map(([name, id]) => ({ id, name, tz: name === 'ada' ? 'Europe/Berlin' : 'UTC' })),
      channels: [{ id: CHANNEL, name: 'gpu-approvals', members: Object.values(people) }],
    },
  });
  const policyFile = join(directory, 'policy.yaml');
  await writeFile(policyFile, JSON.stringify(asDocument(policy)), { mode: 0o600 });

  const count = options.bots === undefined || options.bots === 'inside' ? 1 : 2;
  const bots: RunningBot[] = [];
  const processes: BotProcess[] = [];
  const slackPorts: number[] = [];
  const agentSockets: string[] = [];
  const configs: BotConfig[] = [];
  const origins: { slack: string; metrics: string }[] = [];
  for (let index = 0; index < count; index++) {
    const [slackPort, metricsPort] = await Promise.all([freePort(), freePort()]);
    const config: BotConfig = {
      databaseUrl: database.url,
      dataDir: directory,
      policyFile,
      slack: {
        botToken: slack.botToken,
        apiUrl: slack.apiUrl,
        command,
        transport:
          transport === 'http' ? { kind: 'http', signingSecret: slack.signingSecret } : { kind: 'socket', appToken: slack.appToken },
      },
      listen: {
        slack: { kind: 'tcp', host: '127.0.0.1', port: slackPort },
        agents: { kind: 'unix', path: join(directory, `agents-${index}`, 'agents.sock') },
        metrics: { kind: 'tcp', host: '127.0.0.1', port: metricsPort },
      },
      logLevel: 'info',
    };
    agentSockets.push(join(directory, `agents-${index}`, 'agents.sock'));
    slackPorts.push(slackPort);
    configs.push(config);
    origins.push({ slack: `http://127.0.0.1:${slackPort}`, metrics: `http://127.0.0.1:${metricsPort}` });
    if (options.bots !== 'two processes') bots.push(await startBot(config, { databaseUrl: database.url, clock, ticks: systemTicks, log }));
  }
  if (options.bots === 'two processes') processes.push(...(await Promise.all(configs.map((config) => startBotProcess(config)))));
  const ledger = await openLedger(database.url);
  const hosts: SimulatedHost[] = [];

  let turn = 0;
  /** Each delivery goes to the next bot, so that two of them really share the work. */
  const nextBot = () => {
    if (transport === 'socket') slack.deliverTo({ kind: 'socket' });
    else slack.deliverTo({ kind: 'http', url: `http://127.0.0.1:${slackPorts[turn++ % slackPorts.length]}/slack/events` });
  };
  nextBot();

  const until: Story['until'] = async (look, what, timeoutMs = 15_000) => {
    const endsAt = performance.now() + timeoutMs;
    for (;;) {
      const found = await look();
      if (found !== null && found !== undefined && found !== false) return found;
      if (performance.now() > endsAt)
        throw new Error(
          `waited ${timeoutMs} ms for: ${what}\nThe approver sees: ${slack
            .messagesSeenBy(people.pat, CHANNEL)
            .map((message) => message.words)
            .slice(-4)
            .join(' / ')}`,
        );
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  return {
    slack,
    ledger,
    databaseUrl: database.url,
    clock,
    directory,
    bots,
    processes,
    configs,
    agentSockets,
    origins,
    until,
    gpu: async (user, text, channel = CHANNEL) => {
      nextBot();
      const before = new Set(slack.messagesSeenBy(user, channel).map(({ ts }) => ts));
      const result = await slack.command(user, channel, command, text);
      if (result.message !== undefined) return result.message.words;
      if (result.outcome !== 'acked') return result.outcome;
      const answer = await slack.waitFor(
        () => slack.messagesSeenBy(user, channel).find(({ ts, ephemeral }) => ephemeral && !before.has(ts)),
        8000,
        `an answer to ${command} ${text}`,
      );
      return answer.words;
    },
    press: async (user, channel, button, pressOptions = {}) => {
      nextBot();
      const message = slack
        .messagesSeenBy(user, channel)
        .toReversed()
        .find(({ buttons }) => buttons.some(({ actionId }) => actionId === button));
      if (message === undefined) throw new Error(`no message with the button ${button}`);
      const { outcome, status } = await slack.click(user, { channel, ts: message.ts }, button, pressOptions);
      if (outcome !== 'acked') throw new Error(`the click was not taken: ${outcome} ${status ?? ''}`);
    },
    choose: async (user, channel, menu, words) => {
      nextBot();
      const found = slack
        .messagesSeenBy(user, channel)
        .toReversed()
        .flatMap(({ ts, fields }) => fields.flatMap((field) => (field.actionId === menu ? [{ ts, blockId: field.blockId }] : [])))[0];
      if (found === undefined) throw new Error(`no message with the menu ${menu}`);
      const place = { channel, ts: found.ts };
      const { outcome } = await slack.choose(user, found.blockId, words, { place, actionId: menu });
      if (outcome !== 'acked') throw new Error(`the choice was not taken: ${outcome}`);
    },
    fillIn: async (user, words) => {
      await slack.waitFor(() => slack.modalSeenBy(user), 8000, `a modal for ${user}`);
      for (const [block, text] of Object.entries(words)) await slack.type(user, block, text);
      nextBot();
      return slack.submit(user);
    },
    sees: (user, channel, words, timeoutMs = 15_000) =>
      slack.waitFor(
        () => slack.messagesSeenBy(user, channel).find((message) => words.test(message.words)),
        timeoutMs,
        `${user} to see ${words} among: ${slack
          .messagesSeenBy(user, channel)
          .map((message) => message.words)
          .join(' / ')}`,
      ),
    screen: (user, channel) => slack.messagesSeenBy(user, channel).map((message) => message.words),
    startHost: async (hostOptions) => {
      const host = await startSimulatedHost(directory, agentSockets[0] ?? '', hostOptions);
      hosts.push(host);
      return host;
    },
    setPolicy: async (policy) => {
      const version = await importPolicy({ ledger, clock }, policy);
      const says = `berth_policy_version ${version}\n`;
      const metrics = async (origin: string) => (await fetch(`${origin}/metrics`)).text();
      for (const bot of origins) await until(async () => (await metrics(bot.metrics)).includes(says), `policy ${version} in force`);
    },
    end: async () => {
      await Promise.all(hosts.map((host) => host.stop()));
      await Promise.all(processes.map((bot) => bot.stop()));
      for (const bot of bots) await bot.stop();
      await ledger.close();
      await slack.close();
      await database.drop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Keys of the policy whose value is a duration. */
const durations = new Set([
  'step',
  'perWeek',
  'defaultDuration',
  'approvalLapse',
  'queueLapse',
  'groupWait',
  'approvalReminder',
  'after',
  'maxDuration',
  'duration',
]);

const durationText = (seconds: number) => (seconds === 0 ? 'none' : `${seconds}s`);

/** The policy as a file would write it: durations as text. */
export function asDocument(policy: Policy): unknown {
  const written: unknown = JSON.parse(
    JSON.stringify(policy, (key, value: unknown) => (durations.has(key) && typeof value === 'number' ? durationText(value) : value)),
  );
  return written;
}

export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
