// The smallest question there is.
import { sql } from 'drizzle-orm';
import type { Queries } from './connect.ts';

/** False when the database cannot be asked. */
export async function answers(queries: Queries): Promise<boolean> {
  try {
    await queries.execute(sql`select 1`);
    return true;
  } catch {
    return false;
  }
}
