// Policies as rows: a new version per import, the highest in force, read inside the transaction that decides by it.
import { desc, sql } from 'drizzle-orm';
import { policyOf, type Policy } from '../domain/policy.ts';
import type { Database, Queries } from './connect.ts';
import { notify } from './notify.ts';
import { policies } from './schema.ts';

/** Any fixed number of our own, and another one than that of the migrations. */
const POLICY_LOCK = 0x6265_7270;

export interface PolicyInForce {
  readonly version: number;
  readonly policy: Policy;
}

/** Null before the first import. `known`, if it is that version still, is not read and parsed anew. */
export async function policyInForce(queries: Queries, known: PolicyInForce | null = null): Promise<PolicyInForce | null> {
  const document = sql<unknown>`case when ${policies.version} = ${known?.version ?? 0}::int then null else ${policies.document} end`;
  const [row] = await queries.select({ version: policies.version, document }).from(policies).orderBy(desc(policies.version)).limit(1);
  if (row === undefined) return null;
  return known?.version === row.version ? known : { version: row.version, policy: policyOf(row.document) };
}

/** Adds a version unless the document is the one in force already. Returns the version in force. */
export async function savePolicy(database: Database, policy: Policy, at: Date): Promise<number> {
  return database.transaction(async (tx) => {
    // Bots that start together import the same file: the second waits, and finds it in force.
    await tx.execute(sql`select pg_advisory_xact_lock(${POLICY_LOCK})`);
    const current = await policyInForce(tx);
    if (current !== null && canonical(current.policy) === canonical(policy)) return current.version;
    const [row] = await tx.insert(policies).values({ document: policy, importedAt: at }).returning({ version: policies.version });
    if (row === undefined) throw new Error('the policy was not stored');
    await notify(tx, 'policy');
    return row.version;
  });
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
