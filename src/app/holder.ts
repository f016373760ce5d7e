// The Slack user who holds an allocation: where messages about it go.
import { findAllocation } from '../ledger/allocations.ts';
import type { Queries } from '../ledger/connect.ts';
import { noSuchAllocation } from './app.ts';

export async function holderUser(queries: Queries, allocationId: string): Promise<string> {
  const found = (await findAllocation(queries, allocationId)) ?? noSuchAllocation(allocationId);
  return found.holder.slackUser;
}
