// `npm test` on a machine that lacks what a Docker Engine of the tests' own needs says so, instead of failing test by test.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

let bin = '';
beforeEach(() => {
  bin = mkdtempSync(join(tmpdir(), 'berth-path-'));
  for (const program of ['sh', 'ldd', 'bash', 'cat']) link(program, program);
});
afterEach(() => rmSync(bin, { recursive: true }));

/** Puts a program of this machine on the PATH, under any name. */
function link(name: string, program: string): void {
  symlinkSync(spawnSync('which', [program], { encoding: 'utf8' }).stdout.trim(), join(bin, name));
}

/** What is said when the tests with an engine are required: nothing is run then. */
function said(): string {
  const env = { PATH: bin, BERTH_REQUIRE_DOCKER: '1' };
  const { status, stderr } = spawnSync(process.execPath, ['test/run.mjs'], { env, encoding: 'utf8' });
  expect(status).toBe(1);
  return stderr;
}

it.runIf(process.platform === 'linux')('names each program that is not there', () => {
  for (const program of ['dockerd', 'docker', 'busybox', 'unshare', 'nsenter', 'iptables', 'ip'])
    expect(said()).toContain(`${program} on PATH`);
});

it.runIf(process.platform === 'linux')('names a busybox that would need libraries in the test images', () => {
  link('busybox', 'cat');
  expect(said()).toContain('a static busybox');
  expect(said()).not.toContain('busybox on PATH');
});
