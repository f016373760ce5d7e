// How often one member may act at this bot: the first look, which costs nothing. What all bots let through together is counted in the ledger.
import type { Ticks } from '../domain/time.ts';

/** More members than that, and all start with a full bucket again. */
const MEMBERS_MAX = 10_000;

/** True when the member may act now, `perMinute` times a minute on average and as many at once. */
export function createRate(ticks: Ticks): (member: string, perMinute: number) => boolean {
  const buckets = new Map<string, { left: number; at: number }>();
  return (member, perMinute) => {
    const at = ticks.milliseconds();
    const known = buckets.get(member);
    const left = known === undefined ? perMinute : Math.min(perMinute, known.left + ((at - known.at) * perMinute) / 60_000);
    if (known === undefined && buckets.size >= MEMBERS_MAX) buckets.clear();
    buckets.set(member, { left: left < 1 ? left : left - 1, at });
    return left >= 1;
  };
}
