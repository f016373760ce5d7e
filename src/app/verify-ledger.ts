// Recomputes the ledger's rules from its rows; every night, and when an admin asks for it.
import { verify, type Discrepancy } from '../domain/verify.ts';
import type { Ledger } from '../ledger/connect.ts';
import { readForVerification } from '../ledger/verify-rows.ts';
import { currentPolicy, type App } from './app.ts';
import { tellAdmins } from './tell-admins.ts';

export interface Verification {
  readonly discrepancy: Discrepancy | null;
  readonly allocations: number;
  readonly events: number;
  readonly entries: number;
}

export async function verifyLedger({ reads }: Ledger): Promise<Verification> {
  const rows = await readForVerification(reads);
  return {
    discrepancy: verify(rows),
    allocations: rows.allocations.length,
    events: rows.events.length,
    entries: rows.entries.length,
  };
}

/** Tells the admins of the first discrepancy, each once a day. Returns how many there were: 0 or 1. */
export async function verifyNightly(app: App): Promise<number> {
  const { discrepancy } = await verifyLedger(app.ledger);
  if (discrepancy === null) return 0;
  app.log.error({ discrepancy }, 'the ledger does not hold');
  const at = app.clock.now();
  const { admins } = await currentPolicy(app.ledger.reads);
  const key = `ledger_discrepancy:${at.toISOString().slice(0, 10)}`;
  await tellAdmins(app.ledger.reads, admins, { key, kind: 'ledger_discrepancy', facts: { ...discrepancy } }, at);
  return 1;
}
