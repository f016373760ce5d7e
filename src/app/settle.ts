// Marks the inbox row done inside the transaction of its effect, so that a delivery has its effect exactly once.
import type { Outcome } from '../domain/outcome.ts';
import type { Transaction } from '../ledger/connect.ts';
import { markDone } from '../ledger/inbox.ts';
import type { Call } from './app.ts';

/** Another process performed the same delivery first: this transaction has to roll back. */
export class AlreadyPerformed extends Error {}

export async function settle<T extends Outcome>(tx: Transaction, call: Call, outcome: T, at: Date): Promise<T> {
  if (call.inboxKey !== null && !(await markDone(tx, call.inboxKey, outcome, at))) throw new AlreadyPerformed(call.inboxKey);
  return outcome;
}
