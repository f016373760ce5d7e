// The embedded PostgreSQL through kill -9, second starts, Ctrl-C, and directories that are not safe.
import { spawn } from 'node:child_process';
import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import postgres, { type Sql } from 'postgres';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startEmbeddedPostgres } from '../../../src/local/postgres/start.ts';
import { createLog } from '../../../src/log.ts';
import {
  asRoot,
  cloneCopy,
  exists,
  exitOf,
  homeOf,
  isAlive,
  ORDINARY,
  place,
  postmasterPid,
  started,
  starter,
  startFileFor,
  until,
  withoutRoot,
} from './machine.ts';

const log = createLog('test', 'silent');
const self = process.geteuid?.() ?? 0;

function connectTo(url: string): Sql {
  const { username, password, searchParams } = new URL(url);
  const sql = postgres({ path: `${searchParams.get('host')}/.s.PGSQL.5432`, username, password, database: 'berth', max: 1 });
  onTestFinished(() => sql.end({ timeout: 0 }));
  return sql;
}

describe('the embedded PostgreSQL', () => {
  const accounts = asRoot ? [self, ORDINARY] : [self];
  it.each(accounts)('comes back with its data after kill -9 of the process that held it (uid %i)', async (uid) => {
    const there = await place();
    await chmod(there, 0o777);
    const dataDir = join(there, 'postgres');
    const startFile = await startFileFor(uid, there);
    const first = await started(startFile, dataDir, uid);
    const sql = connectTo(first.url);
    await sql`create table kept (word text)`;
    await sql`insert into kept values ('still here')`;
    const orphan = await postmasterPid(dataDir);
    first.process.kill('SIGKILL');
    await exitOf(first.process);
    expect(await isAlive(orphan)).toBe(true);

    const second = await started(startFile, dataDir, uid);
    expect(second.url).toBe(first.url);
    expect(await isAlive(orphan)).toBe(false);
    expect(await connectTo(second.url)`select word from kept`).toEqual([{ word: 'still here' }]);
  });

  it('begins again when kill -9 hit it during initdb', async () => {
    const there = await place();
    const dataDir = join(there, 'postgres');
    const startFile = await startFileFor(self, there);
    const first = starter(startFile, dataDir);
    await until('initdb is at work', async () => (await readdir(dataDir).catch(() => [])).some((name) => name.startsWith('init-')));
    first.process.kill('SIGKILL');
    await exitOf(first.process);
    expect(await exists(join(dataDir, 'data'))).toBe(false);

    const second = await started(startFile, dataDir);
    expect(await connectTo(second.url)`select 1 as one`).toEqual([{ one: 1 }]);
  });

  it('refuses a second start while the first lives, which goes on', async () => {
    const there = await place();
    const dataDir = join(there, 'postgres');
    const first = await started(await startFileFor(self, there), dataDir);
    await expect(startEmbeddedPostgres({ dataDir, log })).rejects.toThrow(
      `in use by the Berth with process id ${first.pid}: stop that one first`,
    );
    expect(await connectTo(first.url)`select 1 as one`).toEqual([{ one: 1 }]);
  });

  it('is not ended by Ctrl-C in the terminal, and is by stop()', async () => {
    const there = await place();
    const dataDir = join(there, 'postgres');
    const child = await started(await startFileFor(self, there), dataDir);
    const pid = await postmasterPid(dataDir);
    process.kill(-child.pid, 'SIGINT');
    expect(await child.next()).toEqual({ interrupted: true });
    expect(await connectTo(child.url)`select 1 as one`).toEqual([{ one: 1 }]);
    child.say('stop');
    expect(await child.next()).toEqual({ stopped: true });
    expect(await isAlive(pid)).toBe(false);
    expect((await readdir(await homeOf(dataDir))).filter((name) => name.startsWith('holder-'))).toEqual([]);
  });

  it('starts, stops and starts again in one process, and spares a stranger who got the pid of its postmaster', async () => {
    const dataDir = join(await place(), 'postgres');
    const first = await startEmbeddedPostgres({ dataDir, log, durable: false });
    await Promise.all([first.stop(), first.stop()]);
    const stranger = spawn('/bin/cat', { stdio: 'pipe' });
    onTestFinished(() => void stranger.kill());
    const pidFile = join(await homeOf(dataDir), 'data', 'postmaster.pid');
    await writeFile(pidFile, `${stranger.pid}\n${join(dataDir, 'data')}\n1\n5432\n${dataDir}/socket\n\n0 0\nready\n`);

    const second = await startEmbeddedPostgres({ dataDir, log, durable: false });
    expect(second.url).toBe(first.url);
    expect(stranger.exitCode).toBeNull();
    expect(stranger.signalCode).toBeNull();
    await second.stop();
  });

  it('refuses what others could have changed or read, another version, and a lost password', async () => {
    const dataDir = join(await place(), 'postgres');
    const { stop } = await startEmbeddedPostgres({ dataDir, log, durable: false });
    await stop();
    const refusal = async (): Promise<string> =>
      startEmbeddedPostgres({ dataDir, log }).then(
        async (db) => db.stop().then(() => 'started'),
        (error: Error) => error.message,
      );
    await chmod(dataDir, 0o777);
    expect(await refusal()).toMatch(/can be written by others: run "chmod go-w/);
    await chmod(dataDir, 0o711);
    await chmod(join(dataDir, 'password'), 0o644);
    expect(await refusal()).toMatch(/could be read by others: it must be a file of uid \d+ with mode 600/);
    await chmod(join(dataDir, 'password'), 0o600);
    await writeFile(join(dataDir, 'data', 'PG_VERSION'), '17\n');
    expect(await refusal()).toMatch(/made by PostgreSQL 17; this Berth has 18/);
    await writeFile(join(dataDir, 'data', 'PG_VERSION'), '18\n');
    await rm(join(dataDir, 'password'));
    expect(await refusal()).toMatch(/password is missing: restore it/);
    expect((await readdir(dataDir)).filter((name) => /^(holder|claim)-/.test(name))).toEqual([]);
  });

  it('makes the library links that npm ci --ignore-scripts leaves out', async () => {
    const there = await place();
    const child = await started(await cloneCopy(there, { links: false }), join(there, 'postgres'));
    expect(await connectTo(child.url)`select 1 as one`).toEqual([{ one: 1 }]);
  });
});

describe.skipIf(!asRoot)(`a data directory too deep for a socket${withoutRoot}`, () => {
  it.each([self, ORDINARY])('gets a short, private one elsewhere (uid %i)', async (uid) => {
    const there = await place();
    const deep = join(there, 'd'.repeat(60), 'e'.repeat(60));
    await mkdir(deep, { recursive: true });
    await chmod(join(there, 'd'.repeat(60)), 0o711);
    await chmod(deep, 0o777);
    const dataDir = join(deep, 'postgres');
    const startFile = await startFileFor(uid, there);
    const child = await started(startFile, dataDir, uid);
    const directory = new URL(child.url).searchParams.get('host') ?? '';
    expect(Buffer.byteLength(directory)).toBeLessThan(80);
    expect(await connectTo(child.url)`select 1 as one`).toEqual([{ one: 1 }]);
    const second = starter(startFile, dataDir, uid);
    await second.next();
    expect((await second.next()).error).toMatch(/in use by the Berth with process id/);
    child.say('stop');
    expect(await child.next()).toEqual({ stopped: true });
    expect(await exists(join(directory, '.s.PGSQL.5432'))).toBe(false);
    expect(await exists(directory)).toBe(uid === 0);
  });
});
