// Recomputes the ledger's rules from its rows, batch by batch in one snapshot: every night, and by `berth verify`.
import { checkAllocations } from '../domain/verify-allocation.ts';
import { checkBudgets, checkGauges } from '../domain/verify-accounts.ts';
import { HOUR, lastTimeOfDay, MINUTE, plusSeconds } from '../domain/time.ts';
import { verifyDelivery, type Discrepancy } from '../domain/verify.ts';
import type { Ledger, Transaction } from '../ledger/connect.ts';
import { claimDue, settleDue } from '../ledger/schedules.ts';
import {
  allocationsInBatches,
  budgetChangesInBatches,
  doubtfulDeliveries,
  gaugeChangesInBatches,
  keptBalances,
  ratesByPolicy,
  reachedPeriods,
  snapshot,
} from '../ledger/verify-rows.ts';
import { currentPolicy, type App } from './app.ts';
import { tellAdmins } from './tell-admins.ts';

export interface Verification {
  /** The first one: of the allocations by id, then of the limits, the budgets and the deliveries in their order. */
  readonly discrepancy: Discrepancy | null;
  /** How many were recomputed, all of them where there is no discrepancy. */
  readonly allocations: number;
  readonly events: number;
  readonly entries: number;
}

/** Rows read at a time: some 5 MB with what belongs to them, and a few hundredths of a second of the bot's time. */
const BATCH = 500;

export async function verifyLedger({ reads }: Ledger, batch = BATCH): Promise<Verification> {
  return snapshot(reads, async (tx) => {
    const counts = { allocations: 0, events: 0, entries: 0 };
    // Together, since a transaction answers one question after the other: each part waits for its own answers alone.
    const found = await Promise.all([
      verifyAllocations(tx, batch, counts),
      verifyGauges(tx, batch, counts),
      verifyBudgets(tx, batch, counts),
      doubtfulDeliveries(tx).then((made) => first(made, verifyDelivery)),
    ]);
    const discrepancy = found.find((one) => one !== null) ?? null;
    return { discrepancy, ...counts };
  });
}

type Counts = Record<'allocations' | 'events' | 'entries', number>;

async function verifyAllocations(tx: Transaction, batch: number, counts: Counts): Promise<Discrepancy | null> {
  const { check, end } = checkAllocations();
  const reached = await reachedPeriods(tx);
  for await (const some of allocationsInBatches(tx, batch)) {
    counts.allocations += some.length;
    const found = first(some, check);
    if (found !== null) return found;
  }
  return end(reached);
}

async function verifyGauges(tx: Transaction, batch: number, counts: Counts): Promise<Discrepancy | null> {
  const check = checkGauges(await ratesByPolicy(tx));
  for await (const some of gaugeChangesInBatches(tx, batch)) {
    counts.events += some.length;
    const found = first(some, check);
    if (found !== null) return found;
  }
  return null;
}

async function verifyBudgets(tx: Transaction, batch: number, counts: Counts): Promise<Discrepancy | null> {
  const { check, end } = checkBudgets();
  const kept = await keptBalances(tx);
  for await (const some of budgetChangesInBatches(tx, batch)) {
    counts.entries += some.length;
    const found = first(some, check);
    if (found !== null) return found;
  }
  return end(kept);
}

function first<R>(rows: readonly R[], check: (row: R) => Discrepancy | null): Discrepancy | null {
  for (const row of rows) {
    const found = check(row);
    if (found !== null) return found;
  }
  return null;
}

/** Seconds after midnight, UTC. */
const DUE_AT = 3 * HOUR;
/** A bot that died over it leaves it to another one after so long. */
const CLAIM_SECONDS = 10 * MINUTE;

/**
 * Once a night, by one bot; a night in which none ran is caught up by the first that does. Tells the admins of the first discrepancy.
 * Returns how many there were: 0 or 1.
 */
export async function verifyNightly(app: App): Promise<number> {
  const { reads } = app.ledger;
  const at = app.clock.now();
  const due = lastTimeOfDay(DUE_AT, at);
  if (!(await claimDue(reads, 'verify', { due, at, until: plusSeconds(at, CLAIM_SECONDS) }))) return 0;
  const { discrepancy } = await verifyLedger(app.ledger);
  if (discrepancy !== null) {
    app.log.error({ discrepancy }, 'the ledger does not hold');
    const { admins } = await currentPolicy(reads);
    const key = `ledger_discrepancy:${due.toISOString().slice(0, 10)}`;
    await tellAdmins(reads, admins, { key, kind: 'ledger_discrepancy', facts: { ...discrepancy } }, at);
  }
  await settleDue(reads, 'verify', { due, at });
  return discrepancy === null ? 0 : 1;
}
