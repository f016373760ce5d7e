// `berth demo` where there is no engine: everything simulated, said so, and usable within seconds; also as an ordinary user.
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { postmasterOf, processesNaming } from '../support/children-of.ts';
import { startDemo, type DemoProcess } from '../support/demo-process.ts';

const simulated = { DOCKER_HOST: 'unix:///nowhere/docker.sock' };
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
let directory: string;
let demo: DemoProcess | undefined;
beforeEach(() => {
  directory = mkdtempSync('/tmp/berth-demo-');
});
afterEach(async () => {
  await demo?.end('SIGINT');
  demo = undefined;
  rmSync(directory, { recursive: true, force: true });
});

describe('berth demo without an engine', () => {
  it('goes from an address to a container and back, says what is simulated, and leaves nothing', async () => {
    demo = await startDemo({ env: { ...simulated, BERTH_DATA_DIR: directory, HOME: directory }, port: 8720 });
    expect(demo.words()).toContain('Containers are simulated');
    expect(await demo.visit('release')).toContain('This host is simulated');
    expect(await demo.end('SIGINT')).toBe(0);
    expect(existsSync(join(directory, 'demo'))).toBe(false);
  });

  it('started by npm, ends at one Ctrl-C in the terminal and leaves no process and no file', async () => {
    demo = await startDemo({ env: { ...simulated, BERTH_DATA_DIR: directory, HOME: directory }, port: 8760, npm: true });
    expect(processesNaming(directory).length).toBeGreaterThan(3);
    await demo.end('SIGINT');
    expect(demo.words()).toContain('SIGINT: stopping');
    await vi.waitUntil(() => processesNaming(directory).length === 0, { timeout: 5000 });
    expect(readdirSync(directory).filter((name) => name !== '.npm')).toEqual([]);
  }, 60_000);

  it('is not cut short by a second signal right after the first', async () => {
    demo = await startDemo({ env: { ...simulated, BERTH_DATA_DIR: directory, HOME: directory }, port: 8780 });
    demo.send('SIGINT');
    await vi.waitUntil(() => demo?.words().includes('SIGINT: stopping'), { timeout: 5000 });
    expect(await demo.end('SIGINT')).toBe(0);
    expect(processesNaming(directory)).toEqual([]);
    expect(existsSync(join(directory, 'demo'))).toBe(false);
  }, 60_000);

  it('ends in order when its PostgreSQL dies, and says so', async () => {
    demo = await startDemo({ env: { ...simulated, BERTH_DATA_DIR: directory, HOME: directory }, port: 8800 });
    process.kill(postmasterOf(demo.pid), 'SIGKILL');
    expect(await demo.ended).toBe(1);
    expect(demo.words()).toContain('The embedded PostgreSQL ended by itself (SIGKILL).');
    await vi.waitUntil(() => processesNaming(directory).length === 0, { timeout: 5000 });
    expect(existsSync(join(directory, 'demo'))).toBe(false);
  }, 60_000);

  it('takes the next port when one is busy', async () => {
    demo = await startDemo({ env: { ...simulated, BERTH_DATA_DIR: directory, HOME: directory }, port: 8720 });
    const other = mkdtempSync('/tmp/berth-demo-');
    const second = await startDemo({ env: { ...simulated, BERTH_DATA_DIR: other, HOME: other }, port: 8720 });
    expect(new URL(second.address).port).not.toBe(new URL(demo.address).port);
    await second.end('SIGINT');
    rmSync(other, { recursive: true, force: true });
  });

  it.skipIf(!isRoot)('runs as an ordinary user [left out without root: the test has to become one]', async () => {
    chownSync(directory, NOBODY, NOBODY);
    demo = await startDemo({
      around: ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'],
      env: { BERTH_DATA_DIR: directory, HOME: directory },
      port: 8740,
    });
    expect(await demo.visit('release')).toContain('This host is simulated');
    expect(await demo.end('SIGINT')).toBe(0);
  });
});
