// Looks at who waits for whom in PostgreSQL, and holds a lock as a decision of another process does.
import { sql } from 'drizzle-orm';
import type { App } from '../../src/app/app.ts';
import { decide, type LockKeys } from '../../src/ledger/decide.ts';

/** Of the advisory locks of this database: how many are held, how many wait for one, and for how many different ones. */
export async function locks({ ledger }: Pick<App, 'ledger'>): Promise<{ held: number; waiting: number; waitedFor: number }> {
  const [row] = await ledger.reads.execute<{ held: number; waiting: number; waitedFor: number }>(sql`
    select count(*) filter (where granted)::int as held, count(*) filter (where not granted)::int as waiting,
      (count(distinct (classid, objid)) filter (where not granted))::int as "waitedFor" from pg_locks
    where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`);
  return row ?? { held: 0, waiting: 0, waitedFor: 0 };
}

/** Statements of other sessions of this database that wait for a lock of any kind. */
export async function waiters({ ledger }: Pick<App, 'ledger'>): Promise<number> {
  const [row] = await ledger.reads.execute<{ n: number }>(
    sql`select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return row?.n ?? 0;
}

/** Holds these locks until it is told to let go. */
export async function holdLocks({ ledger }: Pick<App, 'ledger'>, keys: Partial<LockKeys>): Promise<() => Promise<void>> {
  let release: () => void = () => undefined;
  const told = new Promise<void>((resolve) => (release = resolve));
  const { accounts = [], pools = [] } = keys;
  const before = (await locks({ ledger })).held;
  const holding = decide(ledger, { accounts, pools }, () => told);
  await until(async () => (await locks({ ledger })).held === before + accounts.length + pools.length);
  return async () => {
    release();
    await holding;
  };
}

export async function until(look: () => Promise<boolean>): Promise<void> {
  const endsAt = performance.now() + 5000;
  while (!(await look())) {
    if (performance.now() > endsAt) throw new Error('waited 5 s');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
