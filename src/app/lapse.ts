// The clock ends what waited too long: nobody answered, no place was found before its deadline or fixed end, or the policy has no longer what
// was asked for.
import { accountsOf } from '../domain/accounts.ts';
import { poolTerms, type PoolTerms } from '../domain/policy.ts';
import { findAllocation, lapsedBy, type AllocationRow } from '../ledger/allocations.ts';
import { transition } from '../ledger/transition.ts';
import { approvalOpenOf, closeApprovalOf, extensionsToLapse, type ApprovalRow } from '../ledger/approvals.ts';
import { decide } from '../ledger/decide.ts';
import { post, redrawCards } from '../ledger/outbox.ts';
import { currentPolicy, noSuchAllocation, type App } from './app.ts';
import { holderUser } from './holder.ts';
import { unlessTooLate } from './unless-too-late.ts';

const tooLate = { requested: 'nobody_answered', queued: 'no_place_in_time' } as const;

/** Returns how many lapsed. */
export async function lapse(app: App): Promise<number> {
  const at = app.clock.now();
  let lapsed = 0;
  const pools = poolTerms(await currentPolicy(app.ledger.reads));
  for (const row of await lapsedBy(app.ledger.reads, at, pools)) {
    const reason = notOffered(pools, row) ?? tooLate[row.state === 'requested' ? 'requested' : 'queued'];
    if (await unlessTooLate(() => lapseOne(app, row, reason, at))) lapsed++;
  }
  for (const { id, allocationId } of await extensionsToLapse(app.ledger.reads, at)) {
    if (await unlessTooLate(() => lapseExtension(app, { id, allocationId }, at))) lapsed++;
  }
  return lapsed;
}

/** The container keeps the end it had. */
async function lapseExtension(app: App, { id, allocationId }: Pick<ApprovalRow, 'id' | 'allocationId'>, at: Date): Promise<void> {
  const { allocation, holder } = (await findAllocation(app.ledger.reads, allocationId)) ?? noSuchAllocation(allocationId);
  await decide(app.ledger, { accounts: accountsOf(allocation), pools: [] }, async (tx) => {
    const open = await approvalOpenOf(tx, allocationId);
    if (open?.id !== id || open.lapsesAt > at) return;
    await closeApprovalOf(tx, allocationId, { state: 'lapsed', at });
    const letter = { key: `extension_answered:${id}`, kind: 'extension_answered', allocationId, facts: { approval: id } } as const;
    await post(tx, { ...letter, recipient: holder.slackUser }, at);
    await redrawCards(tx, allocationId, at);
  });
}

/** What was granted is so much of each device: another policy may have cut the pool's devices, or made whole ones of them. */
function notOffered(pools: readonly PoolTerms[], { pool, deviceCount, capacityMilli }: AllocationRow): string | null {
  const terms = pools.find(({ name }) => name === pool);
  if (terms === undefined) return 'pool_gone';
  return capacityMilli === deviceCount * terms.deviceMilli ? null : 'pool_changed';
}

async function lapseOne(app: App, row: AllocationRow, reason: string, at: Date): Promise<void> {
  const { id, version, pool } = row;
  await decide(app.ledger, { accounts: accountsOf(row), pools: [pool] }, async (tx) => {
    // Somebody asked the requester something since it was looked for: that stops the time, and is no new version.
    const now = (await findAllocation(tx, id))?.allocation;
    if (now?.lapsesAt.getTime() !== row.lapsesAt.getTime()) return;
    await transition(tx, { event: 'lapse', id, version, at, actor: 'clock', reason, set: { endedAt: at } });
    await post(tx, { key: `lapsed:${id}`, kind: 'request_lapsed', allocationId: id, recipient: await holderUser(tx, id) }, at);
  });
}
