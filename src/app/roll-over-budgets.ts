// The clock begins a new period: what running and waiting allocations still hold moves into it, above the limit too.
import { decide } from '../ledger/decide.ts';
import { accountsToRollOver, rollOverAccount } from '../ledger/journal.ts';
import { currentPolicy, type App } from './app.ts';
import { unlessTooLate } from './unless-too-late.ts';

/** One decision per account. Returns how many holds moved. */
export async function rollOverBudgets(app: App): Promise<number> {
  const at = app.clock.now();
  const { period } = await currentPolicy(app.ledger.reads);
  let moved = 0;
  for (const account of await accountsToRollOver(app.ledger.reads, period, at)) {
    await unlessTooLate(async () => {
      await decide(app.ledger, { accounts: [account], pools: [] }, async (tx) => {
        moved += await rollOverAccount(tx, account, (await currentPolicy(tx)).period, at);
      });
    });
  }
  return moved;
}
