// `berth demo` where there is no engine: everything simulated, said so, and usable within seconds; also as an ordinary user.
import { chownSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startDemo, type DemoProcess } from '../support/demo-process.ts';

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
    demo = await startDemo({ env: { DOCKER_HOST: 'unix:///nowhere/docker.sock', BERTH_DATA_DIR: directory, HOME: directory }, port: 8720 });
    expect(demo.words()).toContain('Containers are simulated');
    expect(await demo.visit('release')).toContain('This host is simulated');
    expect(await demo.end('SIGINT')).toBe(0);
    expect(existsSync(join(directory, 'demo'))).toBe(false);
  });

  it('takes the next port when one is busy', async () => {
    demo = await startDemo({ env: { DOCKER_HOST: 'unix:///nowhere/docker.sock', BERTH_DATA_DIR: directory, HOME: directory }, port: 8720 });
    const other = mkdtempSync('/tmp/berth-demo-');
    const second = await startDemo({ env: { DOCKER_HOST: 'unix:///nowhere/docker.sock', BERTH_DATA_DIR: other, HOME: other }, port: 8720 });
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
