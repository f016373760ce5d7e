// The clock ends what waited too long: nobody answered, no place was found before its deadline or fixed end, or its pool is gone.
import { accountsOf } from '../domain/accounts.ts';
import { poolTerms } from '../domain/policy.ts';
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
  const pools = poolTerms(await currentPolicy(app.ledger.reads)).map(({ name }) => name);
  for (const row of await lapsedBy(app.ledger.reads, at, pools)) {
    const reason = pools.includes(row.pool) ? tooLate[row.state === 'requested' ? 'requested' : 'queued'] : 'pool_gone';
    if (await unlessTooLate(() => lapseOne(app, row, reason, at))) lapsed++;
  }
  return lapsed;
}

async function lapseOne(app: App, row: AllocationRow, reason: string, at: Date): Promise<void> {
  const { id, version, pool } = row;
  await decide(app.ledger, { accounts: accountsOf(row), pools: [pool] }, async (tx) => {
    await transition(tx, { event: 'lapse', id, version, at, actor: 'clock', reason, set: { endedAt: at } });
    await post(tx, { key: `lapsed:${id}`, kind: 'request_lapsed', allocationId: id, recipient: await holderUser(tx, id) }, at);
  });
}
