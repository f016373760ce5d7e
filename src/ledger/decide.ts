// The frame of every decision: locks first and in one order, then reads and writes, and the inbox row done in the same transaction.
import { createHash } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { RefusalError, refuse } from '../domain/refusal.ts';
import { LOCK_TIMEOUT_MS, type Ledger, type Transaction } from './connect.ts';
import { isPostgresError } from './errors.ts';
import { WaitedTooLong } from './keyed-queue.ts';

/** What a decision may change: the gauges of these accounts, the devices of these pools. */
export interface LockKeys {
  readonly accounts: readonly string[];
  readonly pools: readonly string[];
}

const ACCOUNT_LOCKS = 1;
const POOL_LOCKS = 2;

/**
 * Runs `work` in one READ COMMITTED transaction that holds the advisory locks of all `keys`. They are a statement of their own, had from
 * left to right, so that what `work` reads was committed after the locks were had: its statements are sent behind that one without
 * waiting for its answer, and PostgreSQL runs them one after the other. Throws the refusal `busy` when a lock is not had in
 * LOCK_TIMEOUT_MS; nothing has changed then.
 */
export async function decide<T>(ledger: Ledger, keys: LockKeys, work: (tx: Transaction) => Promise<T>): Promise<T> {
  const names = lockNames(keys);
  try {
    return await ledger.waiters.run(
      names.map(({ kind, key }) => `${kind}:${key}`),
      LOCK_TIMEOUT_MS,
      () =>
        ledger.decisions.transaction(async (tx) => {
          const each = names.map(({ kind, key }) => sql`pg_advisory_xact_lock(${kind}::int, ${key}::int)`);
          const locks = Promise.all(each.length === 0 ? [] : [tx.execute(sql`select ${sql.join(each, sql`, `)}`)]);
          locks.catch(() => undefined); // heard below
          try {
            return await work(tx);
          } finally {
            // A lock that was not had aborts the transaction: it is why `work` failed, and has the word.
            await locks;
          }
        }),
    );
  } catch (error) {
    if (error instanceof RefusalError) throw error;
    // 55P03 lock_not_available, 40P01 deadlock_detected: somebody else is deciding; nothing of ours was written.
    if (error instanceof WaitedTooLong || isPostgresError(error, '55P03') || isPostgresError(error, '40P01')) refuse({ code: 'busy' });
    throw error;
  }
}

/** Accounts before pools, each sorted by the number PostgreSQL locks, so that no two decisions wait for each other. */
function lockNames({ accounts, pools }: LockKeys) {
  const numbered = (kind: number, keys: readonly string[]) =>
    [...new Set(keys.map(lockNumber))].toSorted((a, b) => a - b).map((key) => ({ kind, key }));
  return [...numbered(ACCOUNT_LOCKS, accounts), ...numbered(POOL_LOCKS, pools)];
}

/** A key's 32-bit lock number. Two keys that share one only wait for each other needlessly. */
function lockNumber(key: string): number {
  return createHash('sha256').update(key).digest().readInt32BE(0);
}
