// `berth bot`: one bot process until SIGINT or SIGTERM.
import { join } from 'node:path';
import { startBot } from '../bot.ts';
import { ConfigError, readConfig } from '../config.ts';
import { systemClock, systemTicks } from '../domain/time.ts';
import { createLog } from '../log.ts';
import { untilToldToStop } from './signals.ts';

const STOP_WITHIN_MS = 20_000;

export async function bot(): Promise<number> {
  process.umask(0o077);
  let config;
  try {
    config = readConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    return 2;
  }
  const log = createLog('bot', config.logLevel);
  const told = untilToldToStop();
  const postgres = config.databaseUrl === null ? await startOwnPostgres(config.dataDir, log) : null;
  try {
    const databaseUrl = postgres?.url ?? config.databaseUrl ?? '';
    const running = await startBot(config, { databaseUrl, clock: systemClock, ticks: systemTicks, log });
    const code = await Promise.race([told, ...(postgres === null ? [] : [postgres.died])]).then(
      (signal) => {
        log.info({ signal }, 'stopping');
        return 0;
      },
      (error: unknown) => {
        log.fatal({ err: error }, 'the bot cannot go on without its PostgreSQL and stops; started again, it begins where it was');
        return 1;
      },
    );
    // Everything below is safe to be cut off: what was noted down is done by the next start.
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
    await running.stop();
    return code;
  } finally {
    await postgres?.stop();
  }
}

async function startOwnPostgres(dataDir: string, log: ReturnType<typeof createLog>) {
  const { startEmbeddedPostgres } = await import('../local/postgres/start.ts');
  return startEmbeddedPostgres({ dataDir: join(dataDir, 'postgres'), log });
}
