// The clock retires: leases that are over, and containers that did not come up in time.
import { accountsOf } from '../domain/accounts.ts';
import { plusSeconds } from '../domain/time.ts';
import { overdue, type AllocationRow } from '../ledger/allocations.ts';
import { decide } from '../ledger/decide.ts';
import { post } from '../ledger/outbox.ts';
import { holderUser } from './holder.ts';
import type { App } from './app.ts';
import { retire } from './retire.ts';
import { unlessTooLate } from './unless-too-late.ts';

/** A placed container that is not running after this long is given up. */
const UP_WITHIN_SECONDS = 600;

/** Returns how many it retired. */
export async function expire(app: App): Promise<number> {
  const at = app.clock.now();
  const due = await overdue(app.ledger.reads, at, plusSeconds(at, -UP_WITHIN_SECONDS));
  let retired = 0;
  for (const row of due) if (await unlessTooLate(() => retireOverdue(app, row, at))) retired++;
  return retired;
}

async function retireOverdue(app: App, row: AllocationRow, at: Date): Promise<void> {
  const { id, version, pool, state } = row;
  const reason = state === 'active' ? 'lease_ended' : 'not_up_in_time';
  await decide(app.ledger, { accounts: accountsOf(row), pools: [pool] }, async (tx) => {
    // On the version that was read: an extension in between keeps the container.
    await retire(tx, { id, version, at, actor: 'clock', reason });
    const recipient = await holderUser(tx, id);
    await post(tx, { key: `ended:${id}`, kind: 'container_ended', allocationId: id, recipient, facts: { reason } }, at);
  });
}
