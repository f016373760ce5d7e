// Takes a policy into the ledger; the bots agree at once, since each decision reads the version in force.
import type { Policy } from '../domain/policy.ts';
import type { Clock } from '../domain/time.ts';
import type { Ledger } from '../ledger/connect.ts';
import { policyInForce, savePolicy } from '../ledger/policy.ts';

/** Returns the version in force. */
export async function importPolicy({ ledger, clock }: { ledger: Ledger; clock: Clock }, policy: Policy): Promise<number> {
  return savePolicy(ledger.reads, policy, clock.now());
}

export async function hasPolicy(ledger: Ledger): Promise<boolean> {
  return (await policyInForce(ledger.reads)) !== null;
}
