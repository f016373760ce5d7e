// Policies as rows: a new version per import, the highest in force, read inside the transaction that decides by it.
import { desc } from 'drizzle-orm';
import type { Policy } from '../domain/policy.ts';
import type { Queries } from './connect.ts';
import { notify } from './notify.ts';
import { policies } from './schema.ts';

export interface PolicyInForce {
  readonly version: number;
  readonly policy: Policy;
}

/** Null before the first import. */
export async function policyInForce(queries: Queries): Promise<PolicyInForce | null> {
  const [row] = await queries.select().from(policies).orderBy(desc(policies.version)).limit(1);
  return row === undefined ? null : { version: row.version, policy: row.document as Policy };
}

/** Adds a version unless the document is the one in force already. Returns the version in force. */
export async function savePolicy(queries: Queries, policy: Policy, at: Date): Promise<number> {
  const current = await policyInForce(queries);
  if (current !== null && canonical(current.policy) === canonical(policy)) return current.version;
  const [row] = await queries.insert(policies).values({ document: policy, importedAt: at }).returning({ version: policies.version });
  if (row === undefined) throw new Error('the policy was not stored');
  await notify(queries, 'policy');
  return row.version;
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
