// vitest globalSetup: one embedded PostgreSQL for the run, with a migrated template that every test's database is cloned from.
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import postgres from 'postgres';
import type { TestProject } from 'vitest/node';
import { connectionOptions } from '../../src/ledger/connect.ts';
import { migrate } from '../../src/ledger/migrate.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/local/postgres/start.ts';
import { createLog } from '../../src/log.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A superuser's address of the run's cluster. */
    clusterUrl: string;
  }
}

/** Named in database.ts too, which runs in the workers and must not load all this. */
const TEMPLATE = 'ledger_template';

let cluster: EmbeddedPostgres | undefined;
let directory: string | undefined;

export async function setup(project: TestProject): Promise<void> {
  directory = await mkdtemp('/tmp/berth-cluster-');
  await chmod(directory, 0o711); // under root PostgreSQL's account passes through
  cluster = await startEmbeddedPostgres({ dataDir: join(directory, 'postgres'), log: createLog('test', 'silent'), durable: false });
  await makeTemplate(cluster.url);
  project.provide('clusterUrl', cluster.url);
}

export async function teardown(): Promise<void> {
  await cluster?.stop();
  if (directory !== undefined) await rm(directory, { recursive: true, force: true });
}

async function makeTemplate(url: string): Promise<void> {
  const admin = postgres({ ...connectionOptions(url), max: 1 });
  try {
    await admin`create database ${admin(TEMPLATE)}`;
    const template = new URL(url);
    template.pathname = `/${TEMPLATE}`;
    await migrate(template.href);
    await admin`alter database ${admin(TEMPLATE)} with is_template true allow_connections false`;
  } finally {
    await admin.end();
  }
}
