// House rules that no tool checks: exact versions, short files, no test left focused or unwritten, no package registry named.
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const CLONE = fileURLToPath(new URL('../../', import.meta.url));
const FOREIGN = new Set(['node_modules', 'dist', '.git', '.berth', 'test-report.json']);

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(join(CLONE, folder), { withFileTypes: true }).catch(() => []);
  const wanted = entries.filter(({ name }) => !FOREIGN.has(name));
  const found = await Promise.all(
    wanted.map(async (entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return filesBelow(path);
      return entry.isFile() ? [path] : [];
    }),
  );
  return found.flat();
}

const { layers } = (await import(new URL('../../layers.mjs', import.meta.url).href)) as { layers: Record<string, { npm: string[] }> };
const textOf = (path: string): Promise<string> => readFile(join(CLONE, path), 'utf8');
const manifest = JSON.parse(await textOf('package.json')) as Record<
  'dependencies' | 'devDependencies' | 'optionalDependencies',
  Record<string, string>
>;
const versions = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };

it('depends on the required packages, each at one exact version', () => {
  expect(Object.keys(versions)).toEqual(
    expect.arrayContaining(['@slack/bolt', 'dockerode', 'drizzle-orm', 'postgres', 'node-cron', 'zod', 'vitest']),
  );
  expect(Object.entries(versions).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
});

it('allows the layers only packages that Berth depends on at run time', () => {
  const allowed = Object.values(layers).flatMap(({ npm }) => npm);
  expect(allowed.filter((name) => manifest.dependencies[name] === undefined)).toEqual([]);
});

it('has no program text over 280 lines, nor one so deep that the layer rules miss it', async () => {
  const sources = (await filesBelow('src')).filter((path) => /[.][jt]s$/.test(path));
  const lines = await Promise.all(sources.map(async (path) => [path, (await textOf(path)).split('\n').length - 1] as const));
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.filter(([, count]) => count > 280)).toEqual([]);
  expect(sources.filter((path) => relative('src', path).split('/').length > 4)).toEqual([]);
});

it('has no test that is the only one, or still to be written', async () => {
  const tests = (await filesBelow('test')).filter((path) => path.endsWith('.test.ts'));
  const marks = await Promise.all(
    tests.map(async (path) => [path, /\b(?:it|test|describe)[.](?:only|todo)\b/.exec(await textOf(path))?.[0]] as const),
  );
  expect(marks.filter(([, mark]) => mark !== undefined)).toEqual([]);
});

it('names no package registry, so that every clone uses its own', async () => {
  const lock = JSON.parse(await textOf('package-lock.json')) as { packages: Record<string, { resolved?: string; link?: boolean }> };
  expect(Object.entries(lock.packages).filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  const host = /registry[.](?:npmjs|yarnpkg|npmmirror)|npm[.]pkg[.]github|^\s*(?:@[\w-]+:)?registry\s*=/m;
  const naming = await Promise.all((await filesBelow('.')).map(async (path) => (host.test(await textOf(path)) ? [path] : [])));
  expect(naming.flat()).toEqual([]);
});
