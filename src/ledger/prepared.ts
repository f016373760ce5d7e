// Statements that PostgreSQL has read before are not read again: drizzle sends each anew unless it is told a name for it.
import type postgres from 'postgres';

/**
 * With more parameters than these a statement is a list of some length, one of very many, and not worth keeping.
 * Each connection keeps what it has prepared until it is replaced, after an hour at the latest.
 */
const PARAMETERS_MAX = 64;

type Client = postgres.Sql | postgres.TransactionSql;

/** Makes the client, and each of its transactions, prepare what it sends: one round trip a statement instead of two, and no new plan. */
export function preparing<C extends Client>(client: C): C {
  const { unsafe } = client;
  const send: typeof unsafe = (text, parameters = [], options = {}) =>
    unsafe(text, parameters, { ...options, prepare: parameters.length > 0 && parameters.length <= PARAMETERS_MAX });
  Object.assign(client, { unsafe: send });
  // A transaction's statements go through an object of their own.
  if ('begin' in client) {
    const { begin } = client;
    const work = async <T>(inside: (tx: postgres.TransactionSql) => Promise<T>) => begin((tx) => inside(preparing(tx)));
    Object.assign(client, { begin: work });
  }
  return client;
}
