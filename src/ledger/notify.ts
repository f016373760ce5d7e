// NOTIFY: wakes loops in every bot process when the transaction commits. A lost one only costs the next tick.
import { sql } from 'drizzle-orm';
import type { Queries } from './connect.ts';

export const CHANNEL = 'berth';

/**
 * `outbox`: something to send; `queue`: something to place; `policy`: another one is in force; `homes`: somebody opened their Home;
 * `desired:HOST`: that host's list changed.
 */
export type Wake = 'outbox' | 'queue' | 'policy' | 'homes' | `desired:${string}`;

export async function notify(queries: Queries, wake: Wake): Promise<void> {
  await queries.execute(sql`select pg_notify(${CHANNEL}, ${wake})`);
}

/** The same as what a statement returns of its row, for one that writes a single one. */
export function notifying(wake: Wake) {
  return { wake: sql<unknown>`pg_notify(${CHANNEL}, ${wake})` };
}
