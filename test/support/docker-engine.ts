// A Docker Engine of the tests' own, in network and mount namespaces of its own: the machine's engine is never touched.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import Docker from 'dockerode';
import { makeImages } from './docker-images.ts';

/** What a test needs to reach the engine; plain data, so that vitest can provide it. */
export type TestEngine = {
  readonly socket: string;
  /** Process that holds the namespaces; `inNamespace` enters them. */
  readonly holder: number;
  readonly dir: string;
};

export type RunningEngine = TestEngine & { readonly daemon: ChildProcess; stop(): Promise<void> };

const run = promisify(execFile);

/** Arguments of `nsenter` that run a command beside the engine, in this process's working directory. */
export function inNamespace(engine: Pick<TestEngine, 'holder'>, command: readonly string[]): string[] {
  return ['-t', String(engine.holder), '-n', '-m', `--wd=${process.cwd()}`, ...command];
}

/** Runs a command beside the engine; rejects when it fails. */
export async function besideEngine(engine: TestEngine, ...command: string[]): Promise<string> {
  const { stdout } = await run('nsenter', inNamespace(engine, command));
  return stdout;
}

export async function startEngine(): Promise<RunningEngine> {
  const dir = mkdtempSync(join(tmpdir(), 'berth-docker-'));
  const holder = await startHolder();
  const bin = join(dir, 'bin');
  mkdirSync(bin);
  mkdirSync(join(dir, 'gone'));
  writeFileSync(join(bin, 'nvidia-container-runtime-hook'), nvidiaHook(dir), { mode: 0o755 });
  const engine: TestEngine = { socket: join(dir, 'docker.sock'), holder: holder.pid ?? 0, dir };
  await besideEngine(engine, 'ip', 'link', 'set', 'lo', 'up');
  const daemon = await startDaemon(engine, bin);
  await makeImages(new Docker({ socketPath: engine.socket }));
  const stop = async (): Promise<void> => {
    await ended(daemon, 'SIGTERM');
    await ended(holder, 'SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  };
  return { ...engine, daemon, stop };
}

/** Stands in for NVIDIA's: has nothing to do, but for a GPU that has vanished says what theirs says. */
function nvidiaHook(dir: string): string {
  return `#!/bin/sh
bundle=$(sed 's/.*"bundle":"\\([^"]*\\)".*/\\1/')
for uuid in $(ls ${dir}/gone); do
  grep -qF "$uuid" "$bundle/config.json" || continue
  echo "nvidia-container-cli: device error: $uuid: unknown device" >&2
  exit 1
done
`;
}

/** From now on containers with one of these GPUs do not start, as when it falls off the bus; returns what brings them back. */
export function vanish({ dir }: TestEngine, uuids: readonly string[]): () => void {
  const marks = uuids.map((uuid) => join(dir, 'gone', uuid));
  for (const mark of marks) writeFileSync(mark, '');
  return () => marks.forEach((mark) => rmSync(mark));
}

async function startDaemon(engine: TestEngine, bin: string): Promise<ChildProcess> {
  const { dir, socket } = engine;
  const log = join(dir, 'dockerd.log');
  const options = [
    '--data-root',
    join(dir, 'data'),
    '--exec-root',
    join(dir, 'exec'),
    '--pidfile',
    join(dir, 'docker.pid'),
    '-H',
    `unix://${socket}`,
  ];
  // Should the test process be killed, the engine still ends, and its containers with it.
  const [program, ...words] = ['setpriv', '--pdeathsig', 'TERM', 'nsenter', ...inNamespace(engine, ['dockerd', ...options])];
  const daemon = spawn(program, words, {
    env: { ...process.env, PATH: `${bin}:${process.env['PATH']}`, DOCKER_HOST: '' },
    stdio: ['ignore', openSync(log, 'w'), openSync(log, 'a')],
  });
  const docker = new Docker({ socketPath: socket });
  for (let tries = 0; ; tries += 1) {
    if (daemon.exitCode !== null || tries > 600) throw new Error(`dockerd did not start:\n${readFileSync(log, 'utf8').slice(-2000)}`);
    const up =
      existsSync(socket) &&
      (await docker.ping().then(
        () => true,
        () => false,
      ));
    if (up) return daemon;
    await sleep(50);
  }
}

/** A process that holds network and mount namespaces of its own, until it is killed. */
export async function startHolder(): Promise<ChildProcess> {
  const [program, ...words] = ['setpriv', '--pdeathsig', 'KILL', 'unshare', '-n', '-m', '--propagation', 'private', 'sleep', 'infinity'];
  const holder = spawn(program, words, { stdio: 'ignore' });
  for (let tries = 0; tries < 200; tries += 1) {
    if (holder.exitCode !== null) break;
    if (await entered(holder.pid ?? 0)) return holder;
    await sleep(10);
  }
  throw new Error('no namespaces: these tests run as root');
}

/** `sleep` runs only after both namespaces exist and mounts are private. */
async function entered(pid: number): Promise<boolean> {
  try {
    return (
      readlinkSync(`/proc/${pid}/ns/net`) !== readlinkSync('/proc/self/ns/net') &&
      readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'sleep'
    );
  } catch {
    return false;
  }
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.on('exit', resolve));
  child.kill(signal);
  await Promise.race([exit, sleep(30_000, undefined, { ref: false }).then(() => child.kill('SIGKILL'))]);
}
