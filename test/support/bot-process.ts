// `berth bot` as a process of its own, for tests that kill it or run two of them.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { BotConfig, Listen } from '../../src/config.ts';
import { CLI } from './build.ts';

export interface BotProcess {
  readonly child: ChildProcess;
  /** Everything it has logged so far. */
  readonly lines: string[];
  /** Its exit code. */
  readonly ended: Promise<number | null>;
  kill(): Promise<void>;
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 30_000;

export async function startBotProcess(config: BotConfig, extra: Record<string, string> = {}): Promise<BotProcess> {
  const { transport } = config.slack;
  const child = spawn(process.execPath, [CLI, 'bot'], {
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      ...(config.databaseUrl === null ? {} : { DATABASE_URL: config.databaseUrl }),
      BERTH_DATA_DIR: config.dataDir,
      BERTH_POLICY: config.policyFile ?? '',
      BERTH_LISTEN_SLACK: listenText(config.listen.slack),
      BERTH_LISTEN_AGENTS: listenText(config.listen.agents),
      BERTH_LISTEN_METRICS: listenText(config.listen.metrics),
      BERTH_COMMAND: config.slack.command,
      SLACK_BOT_TOKEN: config.slack.botToken,
      SLACK_API_URL: config.slack.apiUrl ?? '',
      LOG_LEVEL: config.logLevel,
      ...(transport.kind === 'http' ? { SLACK_SIGNING_SECRET: transport.signingSecret } : { SLACK_APP_TOKEN: transport.appToken }),
      ...extra,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const ended = once(child, 'exit').then(([code]: (number | null)[]) => code ?? null);
  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(
      () => reject(new Error(`the bot was not ready in ${READY_WITHIN_MS} ms:\n${lines.join('\n')}`)),
      READY_WITHIN_MS,
    );
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        if (line.includes('Berth is ready')) {
          clearTimeout(late);
          resolve();
        }
      });
    }
    void ended.then(() => {
      clearTimeout(late);
      reject(new Error(`the bot ended before it was ready:\n${lines.join('\n')}`));
    });
  });
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await ended;
  };
  return { child, lines, ended, kill: () => end('SIGKILL'), stop: () => end('SIGTERM') };
}

function listenText(listen: Listen): string {
  return listen.kind === 'unix' ? `unix:${listen.path}` : `${listen.host}:${listen.port}`;
}
