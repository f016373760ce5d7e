// For jobs that act on rows read a moment ago: somebody else having been first is fine, and a busy ledger means the next tick.
import { RefusalError } from '../domain/refusal.ts';

/** True when `work` was done, false when it was refused as too late or busy. Anything else is thrown on. */
export async function unlessTooLate(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (error instanceof RefusalError && (error.refusal.code === 'too_late' || error.refusal.code === 'busy')) return false;
    throw error;
  }
}
