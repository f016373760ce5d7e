// Brings a database to this version's schema; many bots may start at once, so one advisory lock is held meanwhile.
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate as runMigrations } from 'drizzle-orm/postgres-js/migrator';
import postgres from 'postgres';
import { systemClock, type Clock } from '../domain/time.ts';
import { connectionOptions } from './connect.ts';
import { ledger } from './schema.ts';

/** Any fixed number of our own: the key of the advisory lock. */
const MIGRATION_LOCK = 0x6265_7274;

/** Applies what is missing and gives a new ledger its id. Waits for another process that is doing the same. */
export async function migrate(url: string, clock: Clock = systemClock): Promise<void> {
  const client = postgres({ ...connectionOptions(url), max: 1, connection: { application_name: 'berth migrate', TimeZone: 'UTC' } });
  try {
    await client`select pg_advisory_lock(${MIGRATION_LOCK})`;
    const database = drizzle(client);
    await runMigrations(database, { migrationsFolder: migrationsFolder() });
    await database.insert(ledger).values({ id: randomUUID(), createdAt: clock.now() }).onConflictDoNothing();
  } finally {
    await client.end({ timeout: 5 });
  }
}

/** `migrations/` beside package.json, from the sources and from the build alike. */
function migrationsFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'migrations', 'meta'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('migrations/ is missing from this installation of Berth');
    folder = parent;
  }
  return join(folder, 'migrations');
}
