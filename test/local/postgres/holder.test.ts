// The mark of a cluster's holder: one living process at a time, whatever starts at the same moment or died without a word.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { holdHome, type Hold } from '../../../src/local/postgres/holder.ts';

async function emptyHome(...below: string[]): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'berth-holder-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  const home = join(path, ...below);
  await mkdir(home, { recursive: true });
  return home;
}

it('holds a home until it is released, leaving nothing', async () => {
  const home = await emptyHome();
  const hold = await holdHome(home);
  await expect(holdHome(home)).rejects.toThrow(`in use by the Berth with process id ${process.pid}`);
  await hold.release();
  expect(await readdir(home)).toEqual([]);
  await (await holdHome(home)).release();
});

it('never gives a home to two of many that start at once', async () => {
  const home = await emptyHome();
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => holdHome(home)));
  const held = outcomes.filter((outcome): outcome is PromiseFulfilledResult<Hold> => outcome.status === 'fulfilled');
  expect(held.length).toBeLessThanOrEqual(1);
  await Promise.all(held.map(({ value }) => value.release()));
  await (await holdHome(home)).release();
  expect(await readdir(home)).toEqual([]);
});

it('takes over from a process that was killed', async () => {
  const home = await emptyHome();
  const program = `require('node:net').createServer().listen(${JSON.stringify(join(home, 'holder-1-dead'))}, () => console.log('up'))`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  await expect(holdHome(home)).rejects.toThrow('in use by the Berth with process id 1:');
  child.kill('SIGKILL');
  await once(child, 'exit');
  const hold = await holdHome(home);
  expect(await readdir(home)).toHaveLength(1);
  await hold.release();
});

it.runIf(process.platform === 'linux')('works in a directory deeper than a socket path can be', async () => {
  const home = await emptyHome('x'.repeat(100), 'y'.repeat(100));
  const hold = await holdHome(home);
  await expect(holdHome(home)).rejects.toThrow('in use');
  await hold.release();
});
