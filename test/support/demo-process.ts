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
  /** Everything it printed. */
  words(): string;
  visit(ending?: 'release'): Promise<string>;
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** `around` goes before the command: to enter a namespace, or to become another account. */
export async function startDemo(options: { around?: readonly string[]; env: Record<string, string>; port: number }): Promise<DemoProcess> {
  const { around = [], env, port } = options;
  const began = performance.now();
  const [command, args] = wrapped(around, [process.execPath, CLI, 'demo', '--port', String(port)]);
  const child = spawn(command, args, { env: { PATH: process.env['PATH'], ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
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
    end: async (signal) => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      return exited;
    },
  };
}

/** The program to start and its arguments, with what goes around it in front. */
function wrapped(around: readonly string[], command: readonly string[]): [string, string[]] {
  const [program = process.execPath, ...args] = [...around, ...command];
  return [program, args];
}
