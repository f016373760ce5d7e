// The demo's bot and agent: processes of their own, which end with the demo even when it is killed.
import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface Child {
  readonly name: string;
  /** Rejects when the process ends without having been told to. */
  readonly died: Promise<never>;
  stop(): Promise<void>;
}

const STOP_WITHIN_MS = 15_000;

export interface ChildSpec {
  /** The command of `berth`. */
  readonly name: 'bot' | 'agent';
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** In a line of its log once it works. */
  readonly readyWhen: string;
  readonly readyWithinMs: number;
}

/** Starts `berth NAME` with this environment and nothing else of ours, and waits until it works. */
export async function startChild({ name, env, logFile, readyWhen, readyWithinMs }: ChildSpec): Promise<Child> {
  const cli = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../../cli.ts' : '../../cli.js', import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, cli, name], {
    env,
    // A process group of its own: Ctrl-C reaches only the demo, which stops its children in order. The channel tells them when it is gone.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const log = createWriteStream(logFile, { flags: 'a', mode: 0o600 });
  // It is there to help: a full disk, or a last line after its end, stops nothing.
  log.on('error', () => undefined);
  const tail = createTail();
  let told = false;
  const ended = once(child, 'exit');
  const died = ended.then(async ([code, signal]) => {
    if (told) return new Promise<never>(() => undefined);
    throw new Error(`the ${name} ended (${String(signal ?? code)}). The end of its log:\n${tail.text()}`);
  });
  died.catch(() => undefined);
  const stop = async () => {
    told = true;
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    const hard = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
    await ended;
    clearTimeout(hard);
    log.end();
  };
  const keep = (part: Buffer) => {
    log.write(part);
    tail.add(part);
  };
  try {
    await Promise.race([
      sees(child, readyWhen, keep),
      died,
      late(readyWithinMs, () => `the ${name} was not ready in ${readyWithinMs / 1000} s. The end of its log:\n${tail.text()}`),
    ]);
  } catch (error) {
    await stop();
    throw error;
  }
  return { name, died, stop };
}

async function sees(child: ChildProcess, text: string, keep: (part: Buffer) => void): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (part: Buffer) => {
        keep(part);
        if (part.includes(text)) resolve();
      });
    }
  });
}

/** The newest lines of a log, for the message when the process fails: the log itself goes with the demo. */
function createTail() {
  let kept = '';
  return {
    add: (part: Buffer) => {
      kept = (kept + part.toString('utf8')).slice(-2000);
    },
    text: () => kept.split('\n').slice(-12).join('\n').trim(),
  };
}

async function late(milliseconds: number, message: () => string): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(message())), milliseconds).unref();
  });
}
