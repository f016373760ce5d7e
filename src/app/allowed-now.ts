// What was allowed a member beforehand, as far as whoever allowed it is an approver still.
import type { AllowedBeforehand } from '../domain/decide-request.ts';
import { poolTerms, type Policy } from '../domain/policy.ts';
import { allowedBeforehand } from '../ledger/beforehand.ts';
import type { Queries } from '../ledger/connect.ts';
import { approversNow, type ReadGroups } from './groups.ts';

/** `pool` null: any. Nothing is read where no pool in question asks a person. */
export async function allowedNow(
  queries: Queries,
  {
    policy,
    read,
    pool,
    memberId,
  }: { readonly policy: Policy; readonly read: ReadGroups; readonly pool: string | null; readonly memberId: number },
  at: Date,
): Promise<AllowedBeforehand[]> {
  const asking = poolTerms(policy).some(({ name, approval }) => approval !== 'none' && (pool === null || pool === name));
  if (!asking) return [];
  const allowed = await allowedBeforehand(queries, memberId, at);
  if (allowed.length === 0) return [];
  const { users } = approversNow(policy, read);
  return allowed.filter(({ grantedBy }) => users.has(grantedBy));
}
