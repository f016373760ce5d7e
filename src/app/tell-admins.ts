// One message for all admins of the policy, each at most once per key.
import type { Queries } from '../ledger/connect.ts';
import { post, type Letter } from '../ledger/outbox.ts';

export async function tellAdmins(
  queries: Queries,
  admins: readonly string[],
  { key, kind, facts }: Pick<Letter, 'key' | 'kind'> & { readonly facts: Record<string, unknown> },
  at: Date,
): Promise<void> {
  for (const recipient of admins) await post(queries, { key: `${key}:${recipient}`, kind, allocationId: null, recipient, facts }, at);
}
