// Makes a new PostgreSQL cluster: initdb in a private directory, moved into place only when it is complete.
import { randomBytes } from 'node:crypto';
import { lstat, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ownAccount } from './account.ts';
import type { Binaries } from './binaries.ts';
import { giveTo } from './home.ts';
import { runProgram, type Account } from './program.ts';

/** Superuser and database have this name. */
export const NAME = 'berth';

export interface Cluster {
  home: string;
  account: Account;
  binaries: Binaries;
  /** False only for clusters of tests: a crash of the machine may then lose or damage data. */
  durable: boolean;
}

/** The cluster's password, made at the first start; 0600 and never PostgreSQL's own, which knows only the verifier. */
export async function clusterPassword(home: string): Promise<string> {
  const path = join(home, 'password');
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) {
    if (await hasData(home)) throw new Error(`${path} is missing: restore it; without it nobody can log in to the database beside it.`);
    const draft = `${path}-${randomBytes(6).toString('hex')}`;
    await writeFile(draft, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx', flush: true });
    await rename(draft, path);
  } else if (!found.isFile() || found.uid !== ownAccount().uid || (found.mode & 0o077) !== 0) {
    throw new Error(`${path} could be read by others: it must be a file of uid ${ownAccount().uid} with mode 600.`);
  }
  return (await readFile(path, 'utf8')).trim();
}

export async function hasData(home: string): Promise<boolean> {
  return (await lstat(join(home, 'data')).catch(() => undefined)) !== undefined;
}

/** initdb, all or nothing: an interrupted one leaves only an `init-*` directory that the next start removes. */
export async function makeCluster(cluster: Cluster, password: string): Promise<void> {
  const { home, account, binaries, durable } = cluster;
  for (const entry of await readdir(home)) {
    // Best effort: an initdb that outlived its bot may still be writing; it then fails by itself.
    if (entry.startsWith('init-')) await rm(join(home, entry), { recursive: true, force: true }).catch(() => undefined);
  }
  const workshop = await mkdtemp(join(home, 'init-')); // 0700
  const passwordFile = join(workshop, 'password');
  const data = join(workshop, 'data');
  // Written while only we can enter the directory, which then changes hands.
  await writeFile(passwordFile, password, { mode: 0o600, flag: 'wx' });
  await giveTo(passwordFile, account, 0o600);
  await giveTo(workshop, account, 0o700);
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const { code, stderr } = await runProgram(
    join(binaries.bin, 'initdb'),
    [
      `--pgdata=${data}`,
      `--username=${NAME}`,
      '--auth=scram-sha-256',
      `--pwfile=${passwordFile}`,
      '--no-instructions',
      ...locale,
      ...(durable ? [] : ['--no-sync']),
    ],
    { account, temporaryDirectory: workshop, secondsMax: 120 },
  );
  if (code !== 0) {
    await rm(workshop, { recursive: true, force: true });
    throw new Error(
      `initdb of PostgreSQL ${binaries.major} failed in ${home}: ${stderr.trim() || 'without a word (are its library links there?)'}`,
    );
  }
  await rename(data, join(home, 'data'));
  await rm(workshop, { recursive: true, force: true });
}

/** Refuses a cluster of another major version, which these binaries cannot read. */
export async function checkVersion({ home, binaries }: Cluster): Promise<void> {
  const version = (await readFile(join(home, 'data', 'PG_VERSION'), 'utf8')).trim();
  if (version === binaries.major) return;
  throw new Error(
    `The database in ${home} was made by PostgreSQL ${version}; this Berth has ${binaries.major}. ` +
      'Dump it with the version that made it and restore it into an empty directory.',
  );
}
