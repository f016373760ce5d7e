// The clock ends what waited too long: nobody answered, no place was found before its deadline or fixed end, or the policy has no longer what
// was asked for.
import { accountsOf } from '../domain/accounts.ts';
import { poolTerms, type PoolTerms } from '../domain/policy.ts';
import { lapsedBy, transition, type AllocationRow } from '../ledger/allocations.ts';
import { decide } from '../ledger/decide.ts';
import { post } from '../ledger/outbox.ts';
import { currentPolicy, type App } from './app.ts';
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
  return lapsed;
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
    await transition(tx, { event: 'lapse', id, version, at, actor: 'clock', reason, set: { endedAt: at } });
    await post(tx, { key: `lapsed:${id}`, kind: 'request_lapsed', allocationId: id, recipient: await holderUser(tx, id) }, at);
  });
}
