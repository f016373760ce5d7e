// The layer rules of layers.mjs bite: a breach of each kind is an error of the linter, and what the table allows is none.
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const CLONE = fileURLToPath(new URL('../../', import.meta.url));
const IMPORTS = 'eslint(no-restricted-imports)';
const GLOBALS = 'eslint(no-restricted-globals)';

/** Each breach is a file of its own: place, text, the rule that has to name it. */
const breaches: [place: string, text: string, rule: string][] = [
  ['domain', `import { readFile } from 'node:fs/promises';`, IMPORTS],
  ['domain', `import { readFile } from 'fs/promises';`, IMPORTS],
  ['domain', `import type { Database } from '../ledger/connect.ts';`, IMPORTS],
  ['domain', `import postgres from 'postgres';`, IMPORTS],
  ['domain', `import { request } from '../app/request.ts';`, IMPORTS],
  ['domain', `import { config } from '../config.ts';`, IMPORTS],
  ['domain', `export { request } from '../app/request.ts';`, IMPORTS],
  ['domain', `import { request } from './../app/request.ts';`, IMPORTS],
  ['domain', `import { request } from '../domain/../app/request.ts';`, IMPORTS],
  ['domain', `import { Log } from '../logger/log.ts';`, IMPORTS],
  ['domain', `import zod from 'zod-imposter';`, IMPORTS],
  ['domain', `export const load = () => import('../app/request.ts');`, IMPORTS],
  ['app', `const { env } = process;\nexport { env };`, 'eslint(no-restricted-properties)'],
  ['domain/deep', `import { request } from '../../app/request.ts';`, IMPORTS],
  ['domain/deep/deeper', `import { request } from '../../../app/request.ts';`, IMPORTS],
  ['domain', `export const now = new Date();`, GLOBALS],
  ['domain', `export const now = Date.now();`, GLOBALS],
  ['domain', `export const later = setTimeout(() => undefined, 1);`, GLOBALS],
  ['domain', `export const answer = fetch('http://x');`, GLOBALS],
  ['domain', `export const home = process.env['HOME'];`, 'node(no-process-env)'],
  ['ledger', `export const now = new Date();`, GLOBALS],
  ['ledger', `import { request } from '../app/request.ts';`, IMPORTS],
  ['ledger', `import { WebClient } from '@slack/web-api';`, IMPORTS],
  ['ledger', `export const home = process.env['HOME'];`, 'node(no-process-env)'],
  ['app', `import { eq } from 'drizzle-orm';`, IMPORTS],
  ['app', `import { sql } from 'drizzle-orm/sql';`, IMPORTS],
  ['app', `import Docker from 'dockerode';`, IMPORTS],
  ['app', `import { env } from 'node:process';`, IMPORTS],
  ['app', `import { startBot } from '../bot.ts';`, IMPORTS],
  ['slack', `import { leases } from '../ledger/leases.ts';`, IMPORTS],
  ['slack', `import postgres from 'postgres';`, IMPORTS],
  ['slack/views', `import { request } from '../../app/request.ts';`, IMPORTS],
  ['slack/views', `import { guard } from '../guard.ts';`, IMPORTS],
  ['slack/views', `import { clicks } from '../clicks/approve.ts';`, IMPORTS],
  ['slack/views', `import { WebClient } from '@slack/web-api';`, IMPORTS],
  ['slack/views', `import { createHash } from 'node:crypto';`, IMPORTS],
  ['slack/views', `export const now = new Date();`, GLOBALS],
  ['slack/views/cards', `import { guard } from '../../guard.ts';`, IMPORTS],
  ['slack/words', `import { card } from '../views/card.ts';`, IMPORTS],
  ['http', `import { leases } from '../ledger/leases.ts';`, IMPORTS],
  ['agent', `import { request } from '../app/request.ts';`, IMPORTS],
  ['jobs', `import { cards } from '../slack/cards.ts';`, IMPORTS],
  ['jobs', `import { startEmbeddedPostgres } from '../local/postgres/start.ts';`, IMPORTS],
  ['local', `export default 1;`, 'import(no-default-export)'],
  ['local', `const work = async (): Promise<void> => undefined;\nwork();\nexport {};`, 'typescript(no-floating-promises)'],
];

const allowed: [place: string, text: string][] = [
  [
    'domain',
    `import { DateTime } from 'luxon';\nimport { z } from 'zod';\nimport { moment } from './time.ts';\nexport { DateTime, z, moment };`,
  ],
  ['domain', `import type { Log } from '../log.ts';\nexport const at = (log: Log, moment: Date): [Log, Date] => [log, moment];`],
  ['domain/deep', `export { moment } from '../time.ts';`],
  ['ledger', `export { moment } from '../domain/time.ts';\nexport { eq } from 'drizzle-orm';\nexport { randomUUID } from 'node:crypto';`],
  ['app', `export { moment } from '../domain/time.ts';\nexport { leases } from '../ledger/leases.ts';`],
  ['slack', `export { App } from '@slack/bolt';\nexport { request } from '../app/request.ts';\nexport { card } from './views/card.ts';`],
  [
    'slack/views',
    `export { moment } from '../../domain/time.ts';\nexport { ids } from '../ids.ts';\nexport { say } from '../words/card.ts';`,
  ],
  ['slack/views', `import type { KnownBlock } from '@slack/types';\nexport const view = (): KnownBlock[] => [];`],
  [
    'slack/views/cards',
    `export { ids } from '../../ids.ts';\nexport { line } from '../line.ts';\nexport { moment } from '../../../domain/time.ts';`,
  ],
  ['local', `export { leases } from '../ledger/leases.ts';\nexport { readFile } from 'node:fs/promises';`],
];

let found: { filename: string; code: string }[] = [];
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'berth-layers-'));
  for (const name of ['oxlint.config.mjs', 'layers.mjs', 'package.json', 'tsconfig.json'])
    await cp(join(CLONE, name), join(directory, name));
  await symlink(join(CLONE, 'node_modules'), join(directory, 'node_modules'));
  const files = [
    ...breaches.map(([place, text], index) => [place, text, `breach-${index}`]),
    ...allowed.map(([place, text], index) => [place, text, `fine-${index}`]),
  ];
  for (const [place = '', text = '', name = ''] of files) {
    const path = join(directory, 'src', place, `${name}.ts`);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `${text}\n`);
  }
  const oxlint = join(CLONE, 'node_modules/.bin/oxlint');
  const report = await new Promise<string>((resolve) => {
    execFile(oxlint, ['-c', 'oxlint.config.mjs', '--type-aware', '-f', 'json', 'src'], { cwd: directory, maxBuffer: 1e7 }, (_, stdout) =>
      resolve(stdout),
    );
  });
  found = (JSON.parse(report) as { diagnostics: typeof found }).diagnostics;
});

afterAll(() => rm(directory, { recursive: true, force: true }));

const errorsOf = (place: string, name: string): string[] =>
  found.filter(({ filename }) => filename.endsWith(join('src', place, `${name}.ts`))).map(({ code }) => code);

describe('the linter refuses in', () => {
  it.each(breaches.map((breach, index) => [...breach, index] as const))('%s: %s', (place, _text, rule, index) => {
    expect(errorsOf(place, `breach-${index}`)).toContain(rule);
  });
});

describe('the linter allows in', () => {
  it.each(allowed.map((fine, index) => [...fine, index] as const))('%s: %s', (place, _text, index) => {
    expect(errorsOf(place, `fine-${index}`)).toEqual([]);
  });
});
