// What `npm test` runs: all tests, or all but those with a Docker Engine where none can be started, in which case one line says so.
// Further arguments go to vitest: npm test -- test/domain
import { spawn, spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import { accessSync, constants as files, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const report = join(root, 'test-report.json');
const required = process.env.BERTH_REQUIRE_DOCKER === '1';

const onPath = (program) =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), files.X_OK);
      return true;
    } catch {
      return false;
    }
  });

/** Test images hold this one program, so the plain package's busybox would not run in them. */
function needsLibraries(program) {
  const { status, stdout } = spawnSync('sh', ['-c', `ldd "$(command -v ${program})"`], { encoding: 'utf8' });
  return status === 0 && !stdout.includes('statically linked');
}

/** What keeps a Docker Engine of our own, in its own namespaces, from being started here. */
function missingForDocker() {
  if (process.platform !== 'linux') return ['Linux'];
  const missing = ['dockerd', 'docker', 'busybox', 'unshare', 'nsenter', 'iptables', 'ip']
    .filter((program) => !onPath(program))
    .map((name) => `${name} on PATH`);
  if (onPath('busybox') && needsLibraries('busybox')) missing.push('a static busybox (Debian: busybox-static)');
  if (process.geteuid() !== 0) return ['root', ...missing];
  const [program, ...words] = ['unshare', '--mount', '--net', 'true'];
  if (missing.length === 0 && spawnSync(program, words).status !== 0) return ['the right to make namespaces'];
  return missing;
}

const missing = missingForDocker();
if (missing.length > 0 && required) {
  console.error(`The tests with a Docker Engine are required (BERTH_REQUIRE_DOCKER=1) and cannot run without: ${missing.join(', ')}.`);
  process.exit(1);
}
if (missing.length > 0) console.log(`Left out: the tests with a Docker Engine (*.docker.test.ts), which need ${missing.join(', ')}.`);

rmSync(report, { force: true });
const projects = ['unit', 'pg', ...(missing.length === 0 ? ['docker'] : [])].flatMap((name) => ['--project', name]);
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const child = spawn(process.execPath, [vitest, 'run', ...projects, ...reporters, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
// A Ctrl-C reaches vitest by itself; we only wait for it to clean up.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
