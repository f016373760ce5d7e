// Starts the PostgreSQL that Berth brings along: no TCP, nothing another account could read, one living holder per data directory.
import { join } from 'node:path';
import postgres from 'postgres';
import type { Log } from '../../log.ts';
import { isRoot, ownAccount, postgresAccount } from './account.ts';
import { readyBinaries } from './binaries.ts';
import { checkVersion, clusterPassword, hasData, makeCluster, NAME, type Cluster } from './cluster.ts';
import { holdHome } from './holder.ts';
import { clusterOwner, existingHome, leaveSocketDirectory, newHome, ownDataDir, socketDirectory } from './home.ts';
import { startServer, stopOrphan } from './server.ts';

export interface EmbeddedPostgres {
  /** `postgres://berth:…@localhost/berth?host=%2Fsocket%2Fdirectory`; `host` says where, `localhost` is only there for URL parsers. */
  url: string;
  /** Where the cluster lies: the data directory, or one that its link `cluster` names. */
  home: string;
  /** Rejects, with words for people, when PostgreSQL ends without having been told to. */
  died: Promise<never>;
  stop: () => Promise<void>;
}

/**
 * Starts the cluster of `dataDir`, made there (or, for root, where the account of PostgreSQL can reach it) when there is none.
 * A postmaster that a killed process left behind is stopped first. Throws an Error whose message says what to do: another process holds
 * the directory, its owner or mode is unsafe, or PostgreSQL cannot run here.
 *
 * `durable: false` (tests) trades safety against a crash of the machine for speed.
 */
export async function startEmbeddedPostgres(options: { dataDir: string; log: Log; durable?: boolean }): Promise<EmbeddedPostgres> {
  const { dataDir, log, durable = true } = options;
  await ownDataDir(dataDir);
  const existing = await existingHome(dataDir);
  const account = isRoot() ? ((await clusterOwner(existing)) ?? (await postgresAccount(log))) : ownAccount();
  const home = existing ?? (await newHome(dataDir, account));
  const hold = await holdHome(home);
  try {
    const cluster: Cluster = { home, account, binaries: await readyBinaries(account), durable };
    const password = await clusterPassword(home);
    if (await hasData(home)) {
      await checkVersion(cluster);
      await stopOrphan(cluster, log);
    } else {
      await makeCluster(cluster, password);
    }
    const sockets = await socketDirectory(home, account);
    const server = await startServer(cluster, sockets);
    try {
      await ensureDatabase(sockets, password);
    } catch (error) {
      await server.stop();
      throw error;
    }
    log.info({ home, pid: server.pid }, 'embedded PostgreSQL started');
    let stopped: Promise<void> | undefined;
    const end = async (): Promise<void> => {
      await server.stop();
      await leaveSocketDirectory(home, sockets);
      await hold.release();
    };
    const stop = (): Promise<void> => (stopped ??= end());
    const url = `postgres://${NAME}:${password}@localhost/${NAME}?host=${encodeURIComponent(sockets)}`;
    return { url, home, died: server.died, stop };
  } catch (error) {
    await hold.release();
    throw error;
  }
}

/** Logs in, which proves that password and cluster belong together, and makes our database at the first start. */
async function ensureDatabase(sockets: string, password: string): Promise<void> {
  const path = join(sockets, '.s.PGSQL.5432');
  const sql = postgres({ path, user: NAME, password, database: 'postgres', max: 1, connect_timeout: 10, onnotice: () => undefined });
  try {
    const found = await sql`select 1 from pg_database where datname = ${NAME}`;
    if (found.length === 0) await sql`create database ${sql(NAME)}`;
  } finally {
    await sql.end();
  }
}
