// Processes under measurement: started with a channel to us, so that they end when we do, and ended by their id.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';

export interface Child {
  readonly pid: number;
  /** Everything it has written so far, a line each. */
  readonly lines: readonly string[];
  /** Milliseconds from the start until the line that said it was ready, and that line. */
  readonly readyAfter: number;
  readonly ready: string;
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 20_000;

/** Starts `node ARGS` and waits for a line that matches `readyWhen`. */
export async function startChild(args: readonly string[], env: Readonly<Record<string, string>>, readyWhen: RegExp): Promise<Child> {
  const began = performance.now();
  const { PATH = '', HOME = '/' } = process.env;
  const child = spawn(process.execPath, args, { env: { PATH, HOME, ...env }, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  const lines: string[] = [];
  const ended = once(child, 'exit');
  const stop = () => end(child, ended);
  try {
    const ready = await Promise.race([firstLine(child, lines, readyWhen), ended.then(() => failed(lines)), late(lines)]);
    return { pid: child.pid ?? 0, lines, readyAfter: performance.now() - began, ready, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Resident memory in MiB: VmRSS, as Linux counts it. */
export async function residentMib(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) / 1024;
}

async function firstLine(child: ChildProcess, lines: string[], wanted: RegExp): Promise<string> {
  return new Promise((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        if (wanted.test(line)) resolve(line);
      });
    }
  });
}

function failed(lines: readonly string[]): never {
  throw new Error(`a process ended before it was ready:\n${lines.join('\n')}`);
}

async function late(lines: readonly string[]): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`not ready in ${READY_WITHIN_MS} ms:\n${lines.join('\n')}`)), READY_WITHIN_MS).unref();
  });
}

async function end(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const hard = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  await ended;
  clearTimeout(hard);
}
