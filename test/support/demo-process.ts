// `berth demo` as a process: started, visited and ended as a person would.
import { execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { CLI } from './build.ts';

const run = promisify(execFile);
const READY_WITHIN_MS = 40_000;

export interface DemoProcess {
  readonly pid: number;
  readonly address: string;
  /** Milliseconds from its start until the address was printed. */
  readonly readyAfterMs: number;
  /** Its exit code. */
  readonly ended: Promise<number | null>;
  /** Everything it printed. */
  words(): string;
  visit(ending?: 'release' | 'releasing'): Promise<string>;
  /** Sends the signal and nothing else. */
  send(signal: NodeJS.Signals): void;
  /** Sends the signal, and resolves with the exit code. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

interface DemoOptions {
  /** Goes before the command: to enter a namespace, or to become another account. */
  readonly around?: readonly string[];
  readonly env: Record<string, string>;
  readonly port: number;
  /** As a person starts it in a terminal: by `npm run demo`, with signals for the whole process group. */
  readonly npm?: boolean;
}

export async function startDemo({ around = [], env, port, npm = false }: DemoOptions): Promise<DemoProcess> {
  const began = performance.now();
  const berth = npm ? ['npm', 'run', 'demo', '--', '--port', String(port)] : [process.execPath, CLI, 'demo', '--port', String(port)];
  const [command, args] = wrapped(around, berth);
  const child = spawn(command, args, {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: npm,
  });
  const send = (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    if (npm) process.kill(-child.pid, signal);
    else child.kill(signal);
  };
  let words = '';
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const address = await new Promise<string>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`no address in ${READY_WITHIN_MS} ms:\n${words}`)), READY_WITHIN_MS);
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        words += `${line}\n`;
        const [found] = /http:\/\/127\.0\.0\.1:\S+/.exec(line) ?? [];
        if (found === undefined) return;
        clearTimeout(late);
        resolve(found);
      });
    }
    void exited.then(() => reject(new Error(`the demo ended at once:\n${words}`)));
  });
  const readyAfterMs = performance.now() - began;
  return {
    pid: child.pid ?? 0,
    address,
    readyAfterMs,
    ended: exited,
    words: () => words,
    visit: async (ending) => {
      const [enter, rest] = wrapped(around, [
        process.execPath,
        'test/support/demo-visitor.mjs',
        address,
        ...(ending === undefined ? [] : [ending]),
      ]);
      const { stdout } = await run(enter, rest, { timeout: 60_000 });
      return stdout;
    },
    send,
    end: async (signal) => {
      send(signal);
      return exited;
    },
  };
}

/** The program to start and its arguments, with what goes around it in front. */
function wrapped(around: readonly string[], command: readonly string[]): [string, string[]] {
  const [program = process.execPath, ...args] = [...around, ...command];
  return [program, args];
}
