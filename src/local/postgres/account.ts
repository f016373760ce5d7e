// Which operating-system account PostgreSQL runs as: it refuses root, and initdb needs an account that `getpwuid` knows.
import type { Log } from '../../log.ts';
import { runProgram, type Account } from './program.ts';

const OWN_NAME = 'berth-postgres';
/** `postgres` second: where a PostgreSQL package is installed it may already run somebody's databases. Never `nobody`: others run as it too. */
const NAMES = [OWN_NAME, 'postgres'];

/** The account of this process. */
export function ownAccount(): Account {
  if (process.geteuid === undefined || process.getegid === undefined) throw new Error(`${process.platform} has no Unix accounts`);
  return { uid: process.geteuid(), gid: process.getegid() };
}

export function isRoot(): boolean {
  return ownAccount().uid === 0;
}

/** For root only: an existing account of PostgreSQL, else a system account made here. */
export async function postgresAccount(log: Log): Promise<Account> {
  for (const name of NAMES) {
    const found = await lookUp(name);
    if (found !== undefined) return found;
  }
  // Measured: without a passwd entry initdb stops with "could not look up effective user ID".
  const args = ['--system', '--user-group', '--no-create-home', '--home-dir', '/nonexistent', '--shell', '/usr/sbin/nologin', OWN_NAME];
  const made = await runProgram('/usr/sbin/useradd', args, { account: ownAccount(), secondsMax: 30 });
  const found = await lookUp(OWN_NAME); // also when a start at the same moment made it first
  if (found === undefined) {
    throw new Error(
      `PostgreSQL does not run as root and no account for it could be made (${made.stderr.trim()}). ` +
        `Make one with "useradd --system --user-group ${OWN_NAME}", start Berth as an ordinary user, or set DATABASE_URL.`,
    );
  }
  log.info({ account: OWN_NAME, uid: found.uid }, 'made a system account for the embedded PostgreSQL');
  return found;
}

async function lookUp(name: string): Promise<Account | undefined> {
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (flag) => {
      const { code, stdout } = await runProgram('id', [flag, name], { account: ownAccount(), secondsMax: 10 });
      return code === 0 ? Number(stdout.trim()) : undefined;
    }),
  );
  return uid === undefined || gid === undefined || uid === 0 ? undefined : { uid, gid };
}
