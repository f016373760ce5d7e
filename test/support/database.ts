// A migrated database for one test, cloned from the run's template (support/postgres.ts).
import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { inject } from 'vitest';
import { connectionOptions } from '../../src/ledger/connect.ts';

export interface FreshDatabase {
  url: string;
  /** Ends every session of the database and removes it. */
  drop(): Promise<void>;
}

/** Needs the project `pg` or `docker`: their globalSetup starts the cluster. */
export async function freshDatabase(): Promise<FreshDatabase> {
  const clusterUrl = inject('clusterUrl');
  const name = `test_${randomBytes(6).toString('hex')}`;
  // Measured without fsync: file_copy 8–10 ms, wal_log 11–22 ms for a ledger of 8 MB.
  await asAdmin(clusterUrl, (sql) => sql.unsafe(`create database ${name} template ledger_template strategy file_copy`));
  const url = new URL(clusterUrl);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => asAdmin(clusterUrl, (sql) => sql.unsafe(`drop database if exists ${name} with (force)`)) };
}

async function asAdmin(url: string, run: (sql: postgres.Sql) => PromiseLike<unknown>): Promise<void> {
  const sql = postgres({ ...connectionOptions(url), max: 1 });
  try {
    await run(sql);
  } finally {
    await sql.end();
  }
}
