// The postmaster of one cluster: stops an orphan, starts it in a session of its own, waits until it is ready, stops it.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '../../log.ts';
import { ownAccount } from './account.ts';
import type { Cluster } from './cluster.ts';
import { bareEnvironment, runProgram } from './program.ts';

const LOG_BYTES_MAX = 4 * 1024 * 1024;
const READY_SECONDS_MAX = 120;
const STOP_SECONDS_MAX = 30;

export interface Server {
  pid: number;
  /** Rejects when it ends without having been told to. */
  died: Promise<never>;
  /** Fast shutdown: sessions are ended, data is on disk. */
  stop(): Promise<void>;
}

function settings(socketDirectory: string, durable: boolean): Record<string, string> {
  return {
    listen_addresses: '',
    unix_socket_directories: `"${socketDirectory.replaceAll('"', '""')}"`,
    unix_socket_permissions: '0700',
    max_connections: '200',
    shared_buffers: '64MB',
    max_wal_size: '256MB',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // What members typed stays out of the server's log: neither statements nor the values of a refused row.
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
}

/** Starts the postmaster and resolves when it accepts connections. It is not stopped by a Ctrl-C meant for us: that is our drain's to decide. */
export async function startServer(cluster: Cluster, socketDirectory: string): Promise<Server> {
  const { home, account, binaries, durable } = cluster;
  const data = join(home, 'data');
  const args = Object.entries(settings(socketDirectory, durable)).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const output = await openServerLog(home);
  let child: ChildProcess;
  try {
    child = spawn(join(binaries.bin, 'postgres'), ['-D', data, ...args], {
      cwd: '/',
      env: bareEnvironment(socketDirectory),
      uid: account.uid,
      gid: account.gid,
      detached: true,
      stdio: ['ignore', output.fd, output.fd],
    });
    const exited = once(child, 'exit').then(
      ([code]) => `exit ${String(code)}`,
      (error: Error) => error.message,
    );
    await ready(child, data, exited).catch(async (error: Error) => {
      child.kill('SIGINT');
      throw new Error(`${error.message}\n${await lastLines(home)}`.trim());
    });
  } finally {
    await output.close();
  }
  const { pid } = child;
  if (pid === undefined) throw new Error('PostgreSQL has no process id');
  child.unref();
  let stopping = false;
  const died = once(child, 'exit').then(async ([code, signal]) => {
    if (stopping) return new Promise<never>(() => undefined);
    throw new Error(`The embedded PostgreSQL ended by itself (${String(signal ?? code)}). The end of its log:\n${await lastLines(home)}`);
  });
  died.catch(() => undefined);
  return {
    pid,
    died,
    async stop() {
      stopping = true;
      for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
        if (await ended(child, signal)) return;
      }
    },
  };
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<boolean> {
  if (child.exitCode !== null || child.signalCode !== null) return true;
  child.ref();
  const exit = once(child, 'exit', { signal: AbortSignal.timeout(STOP_SECONDS_MAX * 1000) }).then(
    () => true,
    () => false,
  );
  child.kill(signal);
  return exit;
}

/** The postmaster says so itself, in the last line of its pid file. */
async function ready(child: ChildProcess, data: string, exited: Promise<string>): Promise<void> {
  let end: string | undefined;
  void exited.then((how) => (end = how));
  const deadline = performance.now() + READY_SECONDS_MAX * 1000;
  for (;;) {
    const found = await readPidFile(data);
    if (found !== undefined && found.pid === child.pid && found.status === 'ready') return;
    if (end !== undefined) throw new Error(`PostgreSQL did not start (${end}).`);
    if (performance.now() > deadline) throw new Error(`PostgreSQL was not ready within ${READY_SECONDS_MAX} s.`);
    await pause(5);
  }
}

async function readPidFile(data: string): Promise<{ pid: number; status: string } | undefined> {
  const text = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  return Number.isInteger(pid) && pid > 1 ? { pid, status: (lines[7] ?? '').trim() } : undefined;
}

/**
 * Ends the postmaster that a killed bot left behind. Call it only while holding the home: nobody else uses the cluster then.
 * The process is looked at first: the pid in the file may by now be another program's, which pg_ctl would interrupt.
 */
export async function stopOrphan({ home, account, binaries }: Cluster, log: Log): Promise<void> {
  const data = join(home, 'data');
  const found = await readPidFile(data);
  if (found === undefined) return;
  const command = await commandOf(found.pid);
  if (command === undefined) return; // postgres itself clears the file and recovers
  if (basename(command[0] ?? '') !== 'postgres') {
    // The pid belongs to another program by now; left in place the file would keep postgres from starting.
    await rm(join(data, 'postmaster.pid'), { force: true });
    return;
  }
  if (!command.includes(data)) {
    throw new Error(`Process ${found.pid} is a PostgreSQL that may still use ${data} under another path: stop it first.`);
  }
  log.warn({ pid: found.pid }, 'stopping the embedded PostgreSQL that a killed Berth left behind');
  const args = ['stop', '--pgdata', data, '--mode=fast', '--wait', `--timeout=${STOP_SECONDS_MAX}`, '--silent'];
  const { code, stderr } = await runProgram(join(binaries.bin, 'pg_ctl'), args, { account, secondsMax: STOP_SECONDS_MAX + 10 });
  if (code !== 0 && (await commandOf(found.pid)) !== undefined) {
    throw new Error(`The PostgreSQL with process id ${found.pid}, left behind in ${home}, could not be stopped: ${stderr.trim()}`);
  }
}

/** Program and arguments of a living process; undefined when there is none. */
async function commandOf(pid: number): Promise<string[] | undefined> {
  if (process.platform === 'linux') {
    const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return text === '' ? undefined : text.split('\0');
  }
  const { code, stdout } = await runProgram('ps', ['-ww', '-o', 'args=', '-p', String(pid)], { account: ownAccount(), secondsMax: 10 });
  return code === 0 ? stdout.trim().split(/ (?=-)| (?=\/)/) : undefined;
}

/** `home/server.log`, 0600 and ours; the previous one is kept when it has grown. */
async function openServerLog(home: string): ReturnType<typeof open> {
  const path = join(home, 'server.log');
  const grown = await stat(path).catch(() => undefined);
  if (grown !== undefined && grown.size > LOG_BYTES_MAX) await rename(path, `${path}.1`);
  return open(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
}

async function lastLines(home: string): Promise<string> {
  const text = await readFile(join(home, 'server.log'), 'utf8').catch(() => '');
  return text.trim().split('\n').slice(-5).join('\n');
}
