// Starts the real agent as a child process beside the test engine, with an nvidia-smi that prints what the test writes.
import { type ChildProcess, type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { CLI } from './build.ts';
import { inNamespace, type TestEngine } from './docker-engine.ts';

type FakeGpu = { uuid: string; name?: string; memoryMib?: number; usedMib?: number; utilization?: string };
type FakeProcess = { uuid: string; pid: number; name: string; usedMib: number };

/** The GPUs the fake nvidia-smi shows; rewritten at any time. */
type FakeGpus = {
  readonly bin: string;
  show(gpus: readonly FakeGpu[], processes?: readonly FakeProcess[]): void;
  /** Prints this with this exit code instead of the cards. */
  fail(stdout: string, code: number): void;
  /** How often it was asked so far. */
  asked(): number;
};

export type RunningAgent = {
  readonly host: string;
  readonly dir: string;
  readonly workspaces: string;
  readonly gpus: FakeGpus;
  readonly child: ChildProcess;
  /** Everything it wrote so far. */
  log(): string;
  /** Asks it to stop and resolves with its exit code. */
  stop(): Promise<number | null>;
  kill(): Promise<void>;
  /** Runs `berth agent accept` on its host. */
  accept(): Promise<{ code: number | null; words: string }>;
  /** The same agent again, on the same state. */
  again(env?: Record<string, string>): RunningAgent;
};

export type AgentOptions = {
  /** Null: a simulated engine, in the tests' own namespace. */
  readonly engine: TestEngine | null;
  readonly botSocket: string;
  readonly host?: string;
  readonly gpus?: readonly FakeGpu[];
  readonly env?: Readonly<Record<string, string>>;
  /** Workspaces on a mount without nosuid and nodev. */
  readonly looseWorkspaces?: boolean;
};

const ROOT = resolve(import.meta.dirname, '../..');

/** State, workspaces and fake programs lie in one temporary directory that `removeAgent` takes away. */
export function startAgent(options: AgentOptions): RunningAgent {
  const dir = mkdtempSync(join(tmpdir(), 'berth-agent-'));
  const gpus = fakeGpus(join(dir, 'bin'));
  gpus.show(options.gpus ?? []);
  mkdirSync(join(dir, 'state'), { mode: 0o700 });
  if (options.engine !== null && options.looseWorkspaces !== true) tighten(options.engine, join(dir, 'workspaces'));
  return launch(dir, gpus, options);
}

export function removeAgent(agent: RunningAgent): void {
  rmSync(join(agent.dir, '..'), { recursive: true, force: true });
}

/** Mounts the folder as the agent advises, beside the engine; the mount goes with the folder. */
export function tighten(engine: TestEngine, workspaces: string): void {
  mkdirSync(workspaces, { recursive: true, mode: 0o711 });
  const script = 'mount --bind "$0" "$0" && mount -o remount,bind,nosuid,nodev "$0"';
  const [program, ...words] = ['nsenter', ...inNamespace(engine, ['sh', '-c', script, workspaces])] as const;
  execFileSync(program, words);
}

function launch(base: string, gpus: FakeGpus, options: AgentOptions): RunningAgent {
  const { engine, botSocket, host = 'gpu-1' } = options;
  const dir = join(base, 'state');
  const workspaces = join(base, 'workspaces');
  const env = {
    ...process.env,
    PATH: `${gpus.bin}:${process.env['PATH']}`,
    BERTH_AGENT_HOST: host,
    BERTH_AGENT_SOCKET: botSocket,
    BERTH_AGENT_DIR: dir,
    BERTH_AGENT_WORKSPACES: workspaces,
    BERTH_AGENT_PROBE_SECONDS: '1',
    // A network of this test process's own: files run side by side on one engine, and some take theirs apart.
    BERTH_AGENT_BRIDGE: `bt${process.pid}`,
    BERTH_AGENT_SUBNET: `10.${224 + ((process.pid >> 8) % 16)}.${process.pid & 255}.0/24`,
    LOG_LEVEL: 'debug',
    ...(engine === null ? { BERTH_AGENT_ENGINE: 'simulated' } : { BERTH_AGENT_DOCKER_SOCKET: engine.socket }),
    ...options.env,
  };
  const run = (...words: string[]): ChildProcessByStdio<null, Readable, Readable> => {
    const program = [process.execPath, CLI, 'agent', ...words];
    const [command = '', ...args] = engine === null ? program : ['nsenter', ...inNamespace(engine, program)];
    return spawn(command, args, { env, cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  };
  const child = run();
  let log = '';
  collect(child, (text) => (log += text));
  const exit = new Promise<number | null>((done) => child.on('exit', done));
  const end = (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    return exit;
  };
  return {
    host,
    dir,
    workspaces,
    gpus,
    child,
    log: () => log,
    stop: () => end('SIGTERM'),
    kill: async () => void (await end('SIGKILL')),
    async accept() {
      let words = '';
      const accepting = run('accept');
      collect(accepting, (text) => (words += text));
      const code = await new Promise<number | null>((done) => accepting.on('close', done));
      return { code, words };
    },
    again: (more = {}) => launch(base, gpus, { ...options, env: { ...options.env, ...more } }),
  };
}

function collect(child: ChildProcessByStdio<null, Readable, Readable>, take: (text: string) => void): void {
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => take(chunk.toString('utf8')));
}

function fakeGpus(bin: string): FakeGpus {
  mkdirSync(bin, { recursive: true });
  const file = (name: string): string => join(bin, name);
  const script = `#!/bin/sh
echo >> ${file('calls')}
cd ${file('now')}
case "$1" in
--help-query-gpu) echo '"mig.mode.current"' ;;
--query-gpu=driver_version) echo 550.54.15 ;;
--query-gpu=*) cat gpus.csv; exit $(cat code) ;;
--query-compute-apps=*) cat apps.csv; exit $(cat code) ;;
esac
`;
  writeFileSync(file('nvidia-smi'), script, { mode: 0o755 });
  let version = 0;
  /** All of it at once: a reader finds the old scene or the new one. */
  const put = (gpuLines: readonly string[], processLines: readonly string[], code: number): void => {
    version += 1;
    const folder = file(`scene-${version}`);
    mkdirSync(folder);
    const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
    writeFileSync(join(folder, 'gpus.csv'), text(gpuLines));
    writeFileSync(join(folder, 'apps.csv'), text(processLines));
    writeFileSync(join(folder, 'code'), String(code));
    symlinkSync(folder, file('next'));
    renameSync(file('next'), file('now'));
  };
  const csv = (cells: readonly (string | number)[]): string => cells.join(', ');
  return {
    bin,
    show(gpus, processes = []) {
      put(
        gpus.map((gpu, index) =>
          csv([
            index,
            gpu.uuid,
            gpu.name ?? 'NVIDIA A100-SXM4-40GB',
            gpu.memoryMib ?? 40_960,
            gpu.usedMib ?? 4,
            gpu.utilization ?? '0',
            'Disabled',
          ]),
        ),
        processes.map(({ uuid, pid, name, usedMib }) => csv([uuid, pid, name, usedMib])),
        0,
      );
    },
    fail(stdout, code) {
      put([stdout], [stdout], code);
    },
    asked: () => (existsSync(file('calls')) ? readFileSync(file('calls'), 'utf8').length : 0),
  };
}

/** What an agent left in its state file. */
export function stateOf(agent: RunningAgent): {
  ledger: string;
  revision: number;
  started: Record<string, number>;
  fences: Record<string, number>;
} {
  return JSON.parse(readFileSync(join(agent.dir, 'state.json'), 'utf8')) as ReturnType<typeof stateOf>;
}
