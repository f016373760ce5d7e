// Runs one program of the host with a time limit; nothing of it outlives the limit.
import { spawn } from 'node:child_process';

export type CommandResult =
  | { readonly kind: 'ended'; readonly code: number | null; readonly stdout: string; readonly stderr: string }
  | { readonly kind: 'timed_out' }
  | { readonly kind: 'missing'; readonly detail: string };

export type RunCommand = (program: string, args: readonly string[], timeoutMilliseconds: number) => Promise<CommandResult>;

const OUTPUT_MAX = 4_000_000;

/** Runs with LC_ALL=C in a process group of its own; at the time limit or with endless output the whole group is killed. */
export const runCommand: RunCommand = (program, args, timeoutMilliseconds) =>
  new Promise((resolve) => {
    const child = spawn('env', ['LC_ALL=C', program, ...args], { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = { stdout: '', stderr: '' };
    const finish = (result: CommandResult): void => {
      clearTimeout(limit);
      resolve(result);
    };
    const kill = (): void => {
      if (child.pid !== undefined) {
        try {
          process.kill(-child.pid, 'SIGKILL');
        } catch {
          // Already gone.
        }
      }
      child.stdout.destroy();
      child.stderr.destroy();
      finish({ kind: 'timed_out' });
    };
    const limit = setTimeout(kill, timeoutMilliseconds);
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8');
      child[stream].on('data', (text: string) => {
        output[stream] += text;
        if (output[stream].length > OUTPUT_MAX) kill();
      });
    }
    child.on('error', (error) => finish({ kind: 'missing', detail: error.message }));
    child.on('close', (code) => {
      if (code === 127) finish({ kind: 'missing', detail: output.stderr.trim().slice(0, 300) });
      else finish({ kind: 'ended', code, ...output });
    });
  });
