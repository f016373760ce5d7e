// PostgreSQL's own errors, found behind what drizzle wraps around them.
import postgres from 'postgres';

function postgresError(error: unknown): postgres.PostgresError | null {
  for (let current = error, depth = 0; current instanceof Error && depth < 5; current = current.cause, depth++) {
    if (current instanceof postgres.PostgresError) return current;
  }
  return null;
}

/** True when `error` is, or was caused by, a PostgreSQL error with this SQLSTATE. */
export function isPostgresError(error: unknown, code: string): boolean {
  return postgresError(error)?.code === code;
}

const CONNECTION_CODES = new Set([
  'CONNECT_TIMEOUT',
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
]);

/** SQLSTATE: too many connections; cancelled by the time-out of a statement. */
const OUTAGE_STATES = new Set(['53300', '57014']);

/** True when the database could not be reached or did not answer in time, or is stopping or starting (SQLSTATE classes 08 and 57P). */
export function isOutage(error: unknown): boolean {
  const known = postgresError(error);
  if (known !== null) return known.code.startsWith('08') || known.code.startsWith('57P') || OUTAGE_STATES.has(known.code);
  for (let current = error, depth = 0; current instanceof Error && depth < 5; current = current.cause, depth++) {
    if ('code' in current && typeof current.code === 'string' && CONNECTION_CODES.has(current.code)) return true;
  }
  return false;
}
