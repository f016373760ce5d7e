// Recomputes the ledger's rules from its rows and names the first that does not hold. Pure; source: docs/architecture.md, "The ledger".
import { accountsOf } from './accounts.ts';
import { budgetStates, events as lifecycleEvents, holdingStates, hostStates, isLegal, rowOf, type Event, type State } from './lifecycle.ts';
import type { EntryKind } from './journal.ts';
import type { RequestBasis } from './request-basis.ts';

export interface VerifiedAllocation {
  readonly id: string;
  readonly memberId: number;
  readonly team: string | null;
  readonly state: State;
  readonly version: number;
  readonly devices: number;
  readonly capacityMilli: number;
  readonly chargeMilli: number;
  readonly durationSeconds: number;
}

export interface VerifiedEvent {
  readonly sequence: number;
  readonly allocationId: string;
  readonly event: string;
  readonly from: State | null;
  readonly to: State;
  readonly version: number;
  readonly detail: unknown;
}

export interface VerifiedEntry {
  readonly sequence: number;
  readonly account: string;
  readonly kind: EntryKind;
  readonly amount: number;
  readonly period: string;
  readonly allocationId: string | null;
}

export interface LedgerRows {
  readonly allocations: readonly VerifiedAllocation[];
  /** By sequence. */
  readonly events: readonly VerifiedEvent[];
  /** By sequence. */
  readonly entries: readonly VerifiedEntry[];
  readonly balances: readonly { readonly account: string; readonly period: string; readonly committed: number }[];
  readonly liveLeases: readonly { readonly allocationId: string; readonly device: string }[];
}

export interface Discrepancy {
  readonly rule: 'history' | 'leases' | 'limit' | 'journal' | 'balance';
  /** The allocation, account or device it is about. */
  readonly about: string;
  readonly found: string;
}

/** The first discrepancy, by rule and then by row; null when everything holds. */
export function verify(rows: LedgerRows): Discrepancy | null {
  return histories(rows) ?? leases(rows) ?? limits(rows) ?? journal(rows) ?? balances(rows);
}

/** Replaying an allocation's events gives its state and version, and each step is one the lifecycle has. */
function histories({ allocations, events }: LedgerRows): Discrepancy | null {
  const replayed = new Map<string, { state: State; version: number }>();
  for (const { allocationId, event, from, to, version } of events) {
    const before = replayed.get(allocationId);
    const say = (found: string): Discrepancy => ({ rule: 'history', about: allocationId, found });
    if ((from ?? null) !== (before?.state ?? null))
      return say(`${event} says it was ${from ?? 'new'}; the events before say ${before?.state ?? 'new'}`);
    if (version !== (before?.version ?? 0) + 1) return say(`${event} has version ${version} after ${before?.version ?? 0}`);
    const legal = from === null ? event === 'request' : isEvent(event) && isLegal(event, from);
    if (!legal || !isEvent(event) || !rowOf(event).to.includes(to))
      return say(`${event} from ${from ?? 'new'} to ${to} is no step of the lifecycle`);
    replayed.set(allocationId, { state: to, version });
  }
  for (const { id, state, version } of allocations) {
    const last = replayed.get(id);
    if (last?.state !== state) return { rule: 'history', about: id, found: `it is ${state}; its events say ${last?.state ?? 'nothing'}` };
    if (last.version !== version) return { rule: 'history', about: id, found: `it has version ${version}; its events say ${last.version}` };
  }
  return null;
}

function isEvent(name: string): name is Event {
  return (lifecycleEvents as readonly string[]).includes(name);
}

/** Whoever is on a host holds as many devices as it was granted, nobody else any, and no device is held twice. */
function leases({ allocations, liveLeases }: LedgerRows): Discrepancy | null {
  const holders = new Map<string, string>();
  const held = new Map<string, number>();
  for (const { allocationId, device } of liveLeases) {
    const other = holders.get(device);
    if (other !== undefined) return { rule: 'leases', about: device, found: `leased to ${other} and to ${allocationId}` };
    holders.set(device, allocationId);
    held.set(allocationId, (held.get(allocationId) ?? 0) + 1);
  }
  for (const { id, state, devices } of allocations) {
    const wanted = hostStates.includes(state) ? devices : 0;
    const found = held.get(id) ?? 0;
    if (found !== wanted) return { rule: 'leases', about: id, found: `${state} with ${found} devices leased instead of ${wanted}` };
  }
  return null;
}

/** Going through the events in order, no request raised an account above the limit that was recorded with it. */
function limits({ allocations, events }: LedgerRows): Discrepancy | null {
  const byId = new Map(allocations.map((allocation) => [allocation.id, allocation]));
  const use = new Map<string, number>();
  for (const { allocationId, from, to, detail } of events) {
    const allocation = byId.get(allocationId);
    if (allocation === undefined) return { rule: 'limit', about: allocationId, found: 'an event of no allocation' };
    const change = (holdingStates.includes(to) ? 1 : 0) - (from !== null && holdingStates.includes(from) ? 1 : 0);
    for (const account of accountsOf(allocation)) use.set(account, (use.get(account) ?? 0) + change * allocation.capacityMilli);
    if (from !== null || allocation.capacityMilli === 0 || !hasBasis(detail)) continue;
    const [own, team] = accountsOf(allocation);
    const checks = [
      { account: own, limit: detail.limits.gpus.value, silent: detail.use.silentMilli },
      ...(team === undefined || detail.team === null
        ? []
        : [{ account: team, limit: detail.team.limits.gpus, silent: detail.team.use.silentMilli }]),
    ];
    for (const { account, limit, silent } of checks) {
      const now = (use.get(account) ?? 0) - silent;
      if (limit !== null && now > limit) return { rule: 'limit', about: allocationId, found: `${account} at ${now} of ${limit} milli-GPU` };
    }
  }
  return null;
}

function hasBasis(detail: unknown): detail is RequestBasis {
  return typeof detail === 'object' && detail !== null && 'policyVersion' in detail;
}

/** Per allocation and account: never less than nothing is held, nothing once it uses no more, and never more posted than its lease can cost. */
function journal(rows: LedgerRows): Discrepancy | null {
  const { allocations, entries } = rows;
  const extended = extensions(rows);
  const byId = new Map(allocations.map((allocation) => [allocation.id, allocation]));
  const sums = new Map<string, { open: number; posted: number; periods: Map<string, number> }>();
  for (const { account, kind, amount, period, allocationId, sequence } of entries) {
    if (allocationId === null) continue;
    const allocation = byId.get(allocationId);
    const say = (found: string): Discrepancy => ({
      rule: 'journal',
      about: allocationId,
      found: `${found} (entry ${sequence}, ${account})`,
    });
    if (allocation === undefined) return say('an entry of no allocation');
    if (!accountsOf(allocation).includes(account)) return say('an account that does not pay for it');
    const key = `${allocationId} ${account}`;
    const sum = sums.get(key) ?? { open: 0, posted: 0, periods: new Map<string, number>() };
    sums.set(key, sum);
    const change = kind === 'hold' ? amount : -amount;
    sum.open += change;
    sum.posted += kind === 'post' ? amount : 0;
    sum.periods.set(period, (sum.periods.get(period) ?? 0) + change);
    if ((sum.periods.get(period) ?? 0) < 0) return say(`more used and given back than was held`);
    const seconds = allocation.durationSeconds + (extended.get(allocationId) ?? 0);
    if (sum.posted > allocation.chargeMilli * seconds) return say(`${sum.posted} posted, more than all of it costs`);
  }
  for (const allocation of allocations) {
    for (const account of accountsOf(allocation)) {
      const open = sums.get(`${allocation.id} ${account}`)?.open ?? 0;
      const uses = budgetStates.includes(allocation.state);
      if (!uses && open !== 0)
        return { rule: 'journal', about: allocation.id, found: `${allocation.state} and still holds ${open} of ${account}` };
      if (uses && allocation.chargeMilli > 0 && open === 0 && allocation.state !== 'active') {
        return { rule: 'journal', about: allocation.id, found: `${allocation.state} and holds nothing of ${account}` };
      }
    }
  }
  return null;
}

/** By how many seconds each lease was extended, all together. */
function extensions({ events }: LedgerRows): Map<string, number> {
  const seconds = new Map<string, number>();
  for (const { allocationId, event, detail } of events) {
    const longer = event === ('extend' satisfies Event) ? (detail as { seconds?: number }).seconds : undefined;
    if (longer !== undefined) seconds.set(allocationId, (seconds.get(allocationId) ?? 0) + longer);
  }
  return seconds;
}

/** Each balance is the sum of its entries. */
function balances({ entries, balances: kept }: LedgerRows): Discrepancy | null {
  const sums = new Map<string, number>();
  for (const { account, period, kind, amount } of entries) {
    const change = kind === 'post' ? 0 : kind === 'void' ? -amount : amount;
    const key = `${account} ${period}`;
    sums.set(key, (sums.get(key) ?? 0) + change);
  }
  const known = new Map(kept.map(({ account, period, committed }) => [`${account} ${period}`, committed]));
  for (const key of new Set([...sums.keys(), ...known.keys()])) {
    const sum = sums.get(key) ?? 0;
    const balance = known.get(key) ?? 0;
    if (sum !== balance) return { rule: 'balance', about: key, found: `${balance} kept; its entries give ${sum}` };
  }
  return null;
}
