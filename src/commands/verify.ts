// `berth verify`: does the ledger at DATABASE_URL hold? Reads only.
import { verifyLedger } from '../app/verify-ledger.ts';
import { openLedger } from '../ledger/connect.ts';
import { environment } from '../config.ts';

export async function verifyDatabase(): Promise<number> {
  const url = environment()['DATABASE_URL'];
  if (url === undefined) {
    console.error('Set DATABASE_URL. A bot without it verifies its own PostgreSQL every night and tells the admins.');
    return 2;
  }
  const ledger = await openLedger(url);
  try {
    const { discrepancy, allocations, events, entries } = await verifyLedger(ledger);
    if (discrepancy === null) {
      console.log(`The ledger holds: ${allocations} allocations, ${events} events and ${entries} journal entries were recomputed.`);
      return 0;
    }
    console.error(`The ledger does not hold. Rule "${discrepancy.rule}", ${discrepancy.about}: ${discrepancy.found}.`);
    return 1;
  } finally {
    await ledger.close();
  }
}
