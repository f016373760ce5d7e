// Where a cluster lives and who may look inside: `home` holds data/, socket/, password, server.log and the holder's mark.
import { chmod, lchown, lstat, mkdir, mkdtemp, readlink, realpath, rmdir, stat, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRoot, ownAccount } from './account.ts';
import { runProgram, type Account } from './program.ts';

/** Root's place for what another account must reach; 0711, so that nobody can list it. */
export const SYSTEM_DIRECTORY = '/var/lib/berth';

/** `sun_path` holds 107 bytes on Linux and 103 on macOS. */
const SOCKET_PATH_BYTES_MAX = 103;
const SOCKET_NAME = '.s.PGSQL.5432';

/** Owner of an existing cluster, which PostgreSQL insists on; undefined where there is none yet. */
export async function clusterOwner(home: string | undefined): Promise<Account | undefined> {
  if (home === undefined) return undefined;
  const found = await stat(join(home, 'data')).catch(() => undefined);
  return found === undefined ? undefined : { uid: found.uid, gid: found.gid };
}

/** The home a data directory already has: below itself, or where its link `cluster` points. */
export async function existingHome(dataDir: string): Promise<string | undefined> {
  const target = await readlink(join(dataDir, 'cluster')).catch(() => undefined);
  if (target !== undefined) {
    await own(target, 'the target of its link "cluster"').catch((cause: unknown) => {
      throw new Error(
        `The database of ${dataDir} is not usable; restore it, or remove ${join(dataDir, 'cluster')} to begin with an empty one.`,
        {
          cause,
        },
      );
    });
    return realpath(target);
  }
  const below = await lstat(join(dataDir, 'data')).catch(() => undefined);
  return below === undefined ? undefined : realpath(dataDir);
}

/** Makes the data directory ours alone, and refuses one that others could have written to. */
export async function ownDataDir(dataDir: string): Promise<void> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  await own(dataDir, 'the database directory');
  // Under root the account of PostgreSQL passes through, without listing.
  await chmod(dataDir, isRoot() ? 0o711 : 0o700);
}

/**
 * A home for a new cluster: the data directory itself where `account` can reach it and socket paths are short enough, else (root only)
 * a directory of its own below /var/lib/berth that the link `cluster` names. A link, not a hash of the path: it moves with the directory,
 * and removing the directory begins anew.
 */
export async function newHome(dataDir: string, account: Account): Promise<string> {
  const inPlace = await realpath(dataDir);
  if (!isRoot()) return inPlace;
  const reach = await runProgram('/bin/sh', ['-c', 'cd "$1"', 'sh', inPlace], { account, secondsMax: 10 });
  if (reach.code === 0 && fits(join(inPlace, 'socket'))) return inPlace;

  await systemDirectory();
  const home = await mkdtemp(join(SYSTEM_DIRECTORY, 'postgres-'));
  await chmod(home, 0o711);
  try {
    await symlink(home, join(dataDir, 'cluster'));
  } catch (error) {
    await rmdir(home);
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return realpath(await readlink(join(dataDir, 'cluster'))); // a start at the same moment was first; the holder's mark decides
  }
  await writeFile(join(home, 'origin'), `${inPlace}\n`, { mode: 0o600 });
  return home;
}

export async function systemDirectory(): Promise<void> {
  await mkdir(SYSTEM_DIRECTORY, { mode: 0o711 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  const { mode } = await own(SYSTEM_DIRECTORY, "Berth's system directory");
  await chmod(SYSTEM_DIRECTORY, (mode & 0o777) | 0o711);
}

/** The directory of the server's socket, 0700 and the account's: `home/socket`, or a short one that `home/socket` links to. */
export async function socketDirectory(home: string, account: Account): Promise<string> {
  const place = join(home, 'socket');
  if (fits(place)) {
    await privateDirectory(place, account);
    return place;
  }
  const target = await readlink(place).catch(() => undefined);
  const known = target === undefined ? undefined : await lstat(target).catch(() => undefined);
  if (target !== undefined && known?.isDirectory() === true && known.uid === account.uid && (known.mode & 0o777) === 0o700) return target;
  if (target !== undefined) await unlink(place);
  const short = await mkdtemp(join(fits(join(tmpdir(), 'berth-XXXXXX')) ? tmpdir() : '/tmp', 'berth-'));
  await symlink(short, place);
  return short;
}

/** Removes a socket directory that lies elsewhere; call it after the server's end. */
export async function leaveSocketDirectory(home: string, directory: string): Promise<void> {
  const place = join(home, 'socket');
  if (directory === place) return;
  await rmdir(directory).catch(() => undefined);
  await unlink(place).catch(() => undefined);
}

/** A directory below a home that only `account` (and root) can enter. Its parent is ours alone, so nobody swaps it meanwhile. */
async function privateDirectory(path: string, account: Account): Promise<void> {
  await mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await giveTo(path, account, 0o700);
}

/** Sets owner and mode of a file or directory that was just made here. */
export async function giveTo(path: string, account: Account, mode: number): Promise<void> {
  if (isRoot()) await lchown(path, account.uid, account.gid);
  await chmod(path, mode);
}

async function own(path: string, what: string): Promise<{ mode: number }> {
  const found = await lstat(path);
  if (!found.isDirectory()) throw new Error(`${path}, ${what}, is not a directory.`);
  if (found.uid !== ownAccount().uid)
    throw new Error(`${path}, ${what}, belongs to uid ${found.uid}; it must belong to uid ${ownAccount().uid}.`);
  if ((found.mode & 0o022) !== 0)
    throw new Error(`${path}, ${what}, can be written by others: run "chmod go-w ${path}" after a look inside.`);
  return found;
}

function fits(socketDirectoryPath: string): boolean {
  return Buffer.byteLength(join(socketDirectoryPath, SOCKET_NAME)) <= SOCKET_PATH_BYTES_MAX;
}
