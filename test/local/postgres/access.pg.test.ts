// A1: another account of the machine gets into the embedded PostgreSQL neither by TCP nor by its socket nor by its password.
import { chmod, chown, lstat, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import postgres from 'postgres';
import { describe, expect, it } from 'vitest';
import {
  asRoot,
  everything,
  homeOf,
  intrude,
  ORDINARY,
  place,
  postmasterPid,
  startFileFor,
  starter,
  STRANGER,
  tcpListeners,
  withoutRoot,
} from './machine.ts';

const settings = [
  { as: 'root, data in place', uid: 0, hidden: false },
  { as: 'root, data directory below a 0700 one', uid: 0, hidden: true },
  { as: 'an ordinary user', uid: ORDINARY, hidden: false },
];

describe.skipIf(!asRoot)(`the embedded PostgreSQL against other accounts${withoutRoot}`, () => {
  it('meets an intruder who would find a way', async () => {
    const there = await place();
    await writeFile(join(there, 'open'), 'x', { mode: 0o644 });
    await chmod(join(there, 'open'), 0o666);
    const got = await intrude(ORDINARY).tries([join(there, 'open')]);
    expect(got).toEqual([`read ${there}/open`, `write ${there}/open`]);
  });

  it.each(settings)('keeps them out during initdb and after ($as)', async ({ uid, hidden }) => {
    const there = await place();
    const parent = join(there, 'berth');
    await mkdir(parent, { mode: hidden ? 0o700 : 0o711 });
    const dataDir = join(parent, 'postgres');
    await chown(parent, uid, uid);
    const intruder = intrude(uid === 0 ? ORDINARY : STRANGER);

    const child = starter(await startFileFor(uid, there), dataDir, uid);
    await child.next();
    const starting = child.next();
    let done = false;
    void starting.finally(() => (done = true));
    const seen = new Set<string>();
    while (!done) {
      const paths = await homeOf(dataDir).then(everything, () => []);
      for (const path of paths) seen.add(path);
      expect(await intruder.tries(paths)).toEqual([]);
    }
    const { url = '' } = await starting;
    const home = await homeOf(dataDir);
    expect(home.startsWith('/var/lib/berth/postgres-')).toBe(hidden);
    // By its directory: a look that begins before the link `cluster` is there and ends after it sees the file by two paths.
    const workshops = [...seen].flatMap((path) => /\/(init-[^/]+)\/password$/.exec(path)?.[1] ?? []);
    expect(new Set(workshops).size).toBe(1);

    const paths = await everything(home);
    expect(paths).toContain(join(home, 'socket/.s.PGSQL.5432'));
    expect(await intruder.tries(paths)).toEqual([]);
    for (const path of paths) {
      const { mode, uid: owner } = await lstat(path);
      const open = (mode & 0o077).toString(8);
      expect(`${path} ${open}`).toBe(`${path} ${path === home && uid === 0 ? '11' : '0'}`);
      expect(owner === uid || /\/(data|socket)(\/|$)/.test(path)).toBe(true);
    }

    const pid = await postmasterPid(dataDir);
    expect(await tcpListeners(pid)).toEqual([]);
    expect((await lstat(`/proc/${pid}`)).uid).not.toBe(0);
    const password = new URL(url).password;
    expect(await readFile(`/proc/${pid}/environ`, 'utf8')).not.toContain('a-token-of-the-bot');
    expect(await readFile(`/proc/${pid}/cmdline`, 'utf8')).not.toContain(password);

    const path = new URL(url).searchParams.get('host') + '/.s.PGSQL.5432';
    const wrong = postgres({ path, user: 'berth', password: 'password', database: 'berth', max: 1 });
    await expect(wrong`select 1`).rejects.toMatchObject({ code: '28P01' });
    const right = postgres({ path, user: 'berth', password, database: 'berth', max: 1 });
    const [row] = await right`
      select current_setting('listen_addresses') as tcp, current_setting('fsync') as fsync,
             (select string_agg(distinct auth_method, ',') from pg_hba_file_rules) as methods`;
    expect(row).toEqual({ tcp: '', fsync: 'on', methods: 'scram-sha-256' });
    await Promise.all([wrong.end(), right.end()]);
  });
});
