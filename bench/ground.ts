// What figures share: Berth as it is built, a temporary directory, and a PostgreSQL with an empty database for each figure.
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { connectionOptions } from '../src/ledger/connect.ts';
import { startEmbeddedPostgres } from '../src/local/postgres/start.ts';
import { createLog } from '../src/log.ts';
import { CLI, setup as build } from '../test/support/build.ts';

export interface Ground {
  readonly directory: string;
  /** Arguments of `node` that start the built `berth` as its first line does. */
  readonly berth: readonly string[];
  /** Address of a new, empty database. */
  database(name: string): Promise<string>;
  /** Undone in reverse order at the end, also after a failure. */
  later(undo: () => Promise<unknown>): void;
  end(): Promise<void>;
}

export async function prepareGround(): Promise<Ground> {
  build();
  const undo: (() => Promise<unknown>)[] = [];
  const directory = await mkdtemp(join(tmpdir(), 'berth-bench-'));
  undo.push(() => rm(directory, { recursive: true, force: true }));
  // The account of PostgreSQL passes through.
  await chmod(directory, 0o711);
  let cluster: Promise<{ url: string }> | undefined;
  return {
    directory,
    berth: [...firstLineFlags(), CLI],
    database: async (name) => {
      cluster ??= startCluster(join(directory, 'postgres'), undo);
      const url = new URL((await cluster).url);
      const sql = postgres({ ...connectionOptions(url.href), max: 1 });
      await sql`create database ${sql(name)}`;
      await sql.end();
      url.pathname = `/${name}`;
      return url.href;
    },
    later: (step) => undo.push(step),
    end: async () => {
      for (const step of undo.splice(0).toReversed()) await step();
    },
  };
}

/** With every commit on disk, as in production. */
async function startCluster(dataDir: string, undo: (() => Promise<unknown>)[]): Promise<{ url: string }> {
  const cluster = await startEmbeddedPostgres({ dataDir, log: createLog('bench', 'silent') });
  undo.push(() => cluster.stop());
  return cluster;
}

/** `#!/usr/bin/env -S node FLAGS`: what `berth` is started with once it is installed. */
function firstLineFlags(): string[] {
  const [line = ''] = readFileSync(CLI, 'utf8').split('\n', 1);
  return line.split(' ').filter((word) => word.startsWith('--'));
}
