// The bot's environment, validated; the only place of the bot that reads process.env (the agent has its own).
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { COMMAND_NAME, DEFAULT_COMMAND } from './slack/ids.ts';

interface UnixListen {
  readonly kind: 'unix';
  readonly path: string;
}
/** Where to listen: "HOST:PORT", or "unix:/path/to.sock". */
export type Listen = UnixListen | { readonly kind: 'tcp'; readonly host: string; readonly port: number };

const ListenText = z.string().transform((text, context): Listen => {
  if (text.startsWith('unix:/')) return { kind: 'unix', path: text.slice('unix:'.length) };
  const [, host, port] = /^\[?([0-9A-Za-z.:-]+?)\]?:(\d{1,5})$/.exec(text) ?? [];
  if (host !== undefined && Number(port) <= 65_535) return { kind: 'tcp', host, port: Number(port) };
  context.addIssue({ code: 'custom', message: `"${text}" is neither HOST:PORT nor unix:/path` });
  return z.NEVER;
});

/** Nothing proves yet that an agent is one, so only who may open the socket is heard. */
const AgentsListen = ListenText.transform((listen, context): UnixListen => {
  if (listen.kind === 'unix') return listen;
  context.addIssue({ code: 'custom', message: 'has to be unix:/path; agents on other machines cannot be told from strangers yet' });
  return z.NEVER;
});

const Environment = z.object({
  DATABASE_URL: z.string().optional(),
  BERTH_DATA_DIR: z.string().startsWith('/', 'has to be an absolute path').optional(),
  BERTH_POLICY: z.string().optional(),
  BERTH_LISTEN_SLACK: ListenText.default({ kind: 'tcp', host: '127.0.0.1', port: 3000 }),
  BERTH_LISTEN_AGENTS: AgentsListen.optional(),
  BERTH_LISTEN_METRICS: ListenText.default({ kind: 'tcp', host: '127.0.0.1', port: 9464 }),
  BERTH_COMMAND: z.string().regex(COMMAND_NAME, 'is no name of a slash command; write for example /berth').default(DEFAULT_COMMAND),
  SLACK_BOT_TOKEN: z.string().min(1, 'is missing: the bot token (xoxb-…) of the Slack app'),
  SLACK_SIGNING_SECRET: z.string().min(1).optional(),
  SLACK_APP_TOKEN: z.string().min(1).optional(),
  SLACK_API_URL: z.url().optional(),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
});

export interface BotConfig {
  /** Null: the bot starts a PostgreSQL of its own under `dataDir`. */
  readonly databaseUrl: string | null;
  readonly dataDir: string;
  /** Null: the policy in the ledger stays in force. */
  readonly policyFile: string | null;
  readonly slack: {
    readonly botToken: string;
    readonly apiUrl: string | undefined;
    /** Name of the slash command, with its slash. */
    readonly command: string;
    /** Signed HTTP, or Socket Mode. */
    readonly transport: { readonly kind: 'http'; readonly signingSecret: string } | { readonly kind: 'socket'; readonly appToken: string };
  };
  readonly listen: { readonly slack: Listen; readonly agents: UnixListen; readonly metrics: Listen };
  readonly logLevel: string;
}

/** What was wrong, one line per variable, never repeating a value that may be secret. */
export class ConfigError extends Error {}

export function dataDirectory(env: NodeJS.ProcessEnv = process.env): string {
  return env['BERTH_DATA_DIR'] ?? (process.getuid?.() === 0 ? '/var/lib/berth' : join(homedir(), '.local', 'share', 'berth'));
}

/** The environment, for commands that hand parts of it on to their children. */
export function environment(): NodeJS.ProcessEnv {
  return process.env;
}

/** Pure apart from its default argument. Throws ConfigError. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): BotConfig {
  const parsed = Environment.safeParse(env);
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'));
  }
  const { data } = parsed;
  const dataDir = dataDirectory(env);
  return {
    databaseUrl: data.DATABASE_URL ?? null,
    dataDir,
    policyFile: data.BERTH_POLICY ?? null,
    slack: {
      botToken: data.SLACK_BOT_TOKEN,
      apiUrl: withSlash(data.SLACK_API_URL),
      command: data.BERTH_COMMAND,
      transport: transport(data),
    },
    listen: {
      slack: data.BERTH_LISTEN_SLACK,
      agents: data.BERTH_LISTEN_AGENTS ?? { kind: 'unix', path: join(dataDir, 'agents', 'agents.sock') },
      metrics: data.BERTH_LISTEN_METRICS,
    },
    logLevel: data.LOG_LEVEL,
  };
}

function transport(data: z.infer<typeof Environment>): BotConfig['slack']['transport'] {
  if (data.SLACK_APP_TOKEN !== undefined) return { kind: 'socket', appToken: data.SLACK_APP_TOKEN };
  if (data.SLACK_SIGNING_SECRET !== undefined) return { kind: 'http', signingSecret: data.SLACK_SIGNING_SECRET };
  throw new ConfigError('Set SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (signed HTTP).');
}

function withSlash(url: string | undefined): string | undefined {
  return url === undefined || url.endsWith('/') ? url : `${url}/`;
}
