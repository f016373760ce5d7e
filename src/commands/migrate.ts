// `berth migrate`.
import { environment } from '../config.ts';
import { migrate } from '../ledger/migrate.ts';

export async function migrateDatabase(): Promise<number> {
  const url = environment()['DATABASE_URL'];
  if (url === undefined) {
    console.error('Set DATABASE_URL. A bot without it brings its own PostgreSQL up to date by itself.');
    return 2;
  }
  await migrate(url);
  console.log('The database is up to date.');
  return 0;
}
