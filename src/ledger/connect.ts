// Connections to the ledger: one pool for reads, a small one for decisions, so that waiting decisions never starve the rest.
import type { Socket } from 'node:net';
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { KeyedQueue } from './keyed-queue.ts';
import { preparing } from './prepared.ts';
import { ledgerSocket } from './socket.ts';
import * as mail from './mail-schema.ts';
import * as tables from './schema.ts';

const schema = { ...tables, ...mail };

export type Database = PostgresJsDatabase<typeof schema>;
export type Transaction = Parameters<Parameters<Database['transaction']>[0]>[0];
/** Something that can run a query: the read pool or an open transaction. */
export type Queries = Database | Transaction;

export interface Ledger {
  readonly id: string;
  readonly reads: Database;
  readonly decisions: Database;
  /** At most one decision per lock key waits inside PostgreSQL; the others of this process wait here. */
  readonly waiters: KeyedQueue;
  /** Calls back on every NOTIFY; `onListening` runs at the first and each later (re)connection. Returns how to stop. */
  listen(channel: string, onPayload: (payload: string) => void, onListening: () => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/** Longest wait for a lock inside a decision, in milliseconds; past it the decision is refused as busy, never granted. */
export const LOCK_TIMEOUT_MS = 2000;
const READ_CONNECTIONS = 10;
const DECISION_CONNECTIONS = 4;

/** The library's types leave `socket` out. */
type LedgerOptions = postgres.Options<Record<string, never>> & { readonly socket: () => Socket };

/**
 * Options for postgres.js from a URL. `?host=/dir` names the directory of a Unix socket, as in libpq; postgres.js itself
 * takes none in a URL. Throws TypeError on a malformed URL, without repeating it: it holds a password.
 */
export function connectionOptions(url: string): LedgerOptions {
  let parsed: URL;
  try {
    parsed = new URL(url.replace(/^(postgres(?:ql)?:\/\/(?:[^@/]*@)?)\//, '$1localhost/'));
  } catch (cause) {
    throw new TypeError('DATABASE_URL is not a valid postgres:// URL', { cause });
  }
  const socketDirectory = parsed.searchParams.get('host');
  const port = Number(parsed.searchParams.get('port') ?? (parsed.port || '5432'));
  const where = socketDirectory?.startsWith('/')
    ? { path: `${socketDirectory}/.s.PGSQL.${port}` }
    : { host: socketDirectory ?? parsed.hostname, port };
  return {
    ...where,
    socket: ledgerSocket(where),
    ...(parsed.searchParams.get('sslmode') === 'require' ? { ssl: 'require' as const } : {}),
    database: decodeURIComponent(parsed.pathname.slice(1)),
    username: decodeURIComponent(parsed.username),
    password: decodeURIComponent(parsed.password),
    connect_timeout: 2,
    // In seconds. The library's own goes up to 20: people would be told of an outage that is over.
    backoff: (retries) => Math.min(1, 0.05 * 2 ** retries),
    onnotice: () => undefined,
    // We send no arrays. Asking for their types on each connection would reject with nobody to catch it when that connection dies.
    fetch_types: false,
    connection: { application_name: 'berth', TimeZone: 'UTC', statement_timeout: 10_000, idle_in_transaction_session_timeout: 30_000 },
  };
}

/** Connects and reads the ledger's id. The schema has to be there already (migrate.ts). */
export async function openLedger(url: string): Promise<Ledger> {
  const options = connectionOptions(url);
  const readClient = postgres({ ...options, max: READ_CONNECTIONS, idle_timeout: 60 });
  const decisionClient = postgres({
    ...options,
    max: DECISION_CONNECTIONS,
    connection: { ...options.connection, application_name: 'berth decisions', lock_timeout: LOCK_TIMEOUT_MS },
  });
  const close = async () => {
    await Promise.all([readClient.end({ timeout: 5 }), decisionClient.end({ timeout: 5 })]);
  };
  const reads = drizzle(preparing(readClient), { schema });
  try {
    const [row] = await reads.select({ id: schema.ledger.id }).from(schema.ledger);
    if (row === undefined) throw new Error('the ledger has no id: run `berth migrate` first');
    return {
      id: row.id,
      reads,
      decisions: drizzle(preparing(decisionClient), { schema }),
      waiters: new KeyedQueue(),
      listen: async (channel, onPayload, onListening) => {
        const subscription = await readClient.listen(channel, onPayload, onListening);
        return () => subscription.unlisten();
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
