// vitest globalSetup: compiles src/ once per run, since tests start many `berth` processes and a compiled one starts twice as fast.
import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
/** Beside src/, as dist/ is, so that it finds package.json and migrations/ as the real one does. */
const outDir = join(root, '.test-build');

/** What `node` runs for `berth …`. */
export const CLI = join(outDir, 'cli.js');

const DONE = Symbol.for('berth.tests.built');

export function setup(): void {
  const flags = globalThis as { [DONE]?: boolean };
  if (flags[DONE] === true) return;
  execFileSync(join(root, 'node_modules', '.bin', 'tsc'), ['-p', 'tsconfig.build.json', '--outDir', outDir], {
    cwd: root,
    stdio: 'inherit',
  });
  flags[DONE] = true;
}
