// Verifies one allocation after the other: its history, its leases and their capacity, and what it holds of its accounts. Pure.
import { accountsOf } from './accounts.ts';
import { deviceMilli } from './capacity.ts';
import { budgetStates, events as lifecycleEvents, hostStates, isLegal, rowOf, type Event } from './lifecycle.ts';
import type { AskedFirst } from './lowering.ts';
import { parseMoment, plusSeconds, secondsBetween } from './time.ts';
import type { AccountPeriod, Discrepancy, VerifiedAllocation, VerifiedEntry, VerifiedEvent } from './verify.ts';

export interface AllocationsCheck {
  /** The first discrepancy of this allocation, or of it with those before. */
  check(one: VerifiedAllocation): Discrepancy | null;
  /** After the last one: what is held stands in the period that its account has reached. */
  end(reached: readonly AccountPeriod[]): Discrepancy | null;
}

export function checkAllocations(): AllocationsCheck {
  const holders = new Map<string, string>();
  /** Of some slice, by its card. */
  const sliceHolders = new Map<string, string>();
  const placements = new Map<number, string>();
  const periods = new Map<string, string>();

  function check(one: VerifiedAllocation): Discrepancy | null {
    return history(one) ?? times(one) ?? leases(one) ?? alone(one) ?? capacity(one) ?? journal(one) ?? onePeriod(one);
  }

  /** No device is held by two, nor a card beside one of its slices, and no fence was given twice. */
  function alone({ id, fence, leases: own }: VerifiedAllocation): Discrepancy | null {
    for (const { device, parent, live } of own) {
      if (!live) continue;
      const say = (found: string): Discrepancy => ({ rule: 'leases', about: device, found });
      const other = holders.get(device);
      if (other !== undefined) return say(`leased to ${other} and to ${id}`);
      const card = parent === null ? undefined : holders.get(parent);
      if (card !== undefined) return say(`leased to ${id}; its card ${parent} is leased to ${card}`);
      const slice = sliceHolders.get(device);
      if (slice !== undefined) return say(`leased to ${id}; a slice of it is leased to ${slice}`);
      holders.set(device, id);
      if (parent !== null) sliceHolders.set(parent, id);
    }
    if (fence === null) return null;
    const other = placements.get(fence);
    if (other !== undefined) return { rule: 'leases', about: id, found: `its fence ${fence} is that of ${other}` };
    placements.set(fence, id);
    return null;
  }

  /** Everything that an account holds is in one period. */
  function onePeriod(one: VerifiedAllocation): Discrepancy | null {
    for (const { account, period } of openHolds(one)) {
      const other = periods.get(account) ?? period;
      if (other !== period) return { rule: 'journal', about: account, found: `it holds in the ${other} and in the ${period}` };
      periods.set(account, period);
    }
    return null;
  }

  function end(reached: readonly AccountPeriod[]): Discrepancy | null {
    for (const { account, period } of reached) {
      const held = periods.get(account) ?? period;
      if (held !== period) return { rule: 'journal', about: account, found: `it has reached the ${period} and holds in the ${held}` };
    }
    return null;
  }

  return { check, end };
}

/** Replaying its events gives its state and version, and each step is one the lifecycle has. */
function history({ id, state, version, events }: VerifiedAllocation): Discrepancy | null {
  const say = (found: string): Discrepancy => ({ rule: 'history', about: id, found });
  let last: VerifiedEvent | null = null;
  for (const one of events) {
    const { event, from, to } = one;
    if (from !== (last?.to ?? null)) return say(`${event} says it was ${from ?? 'new'}; the events before say ${last?.to ?? 'new'}`);
    if (one.version !== (last?.version ?? 0) + 1) return say(`${event} has version ${one.version} after ${last?.version ?? 0}`);
    const legal = from === null ? event === 'request' : isEvent(event) && isLegal(event, from);
    if (!legal || !isEvent(event) || !rowOf(event).to.includes(to))
      return say(`${event} from ${from ?? 'new'} to ${to} is no step of the lifecycle`);
    last = one;
  }
  if (last?.to !== state) return say(`it is ${state}; its events say ${last?.to ?? 'nothing'}`);
  return last.version === version ? null : say(`it has version ${version}; its events say ${last.version}`);
}

function isEvent(name: string): name is Event {
  return (lifecycleEvents as readonly string[]).includes(name);
}

function momentOf({ events }: VerifiedAllocation, event: Event): Date | null {
  return events.find((one) => one.event === event)?.at ?? null;
}

/** When it ran, until when, and where, as its events say. */
function times(one: VerifiedAllocation): Discrepancy | null {
  const { id, until, durationSeconds } = one;
  const started = momentOf(one, 'started');
  const expected = [
    ['it is active', one.activeAt, started],
    ['its lease ends', one.leaseEndsAt, started === null ? null : (extendedTo(one) ?? until ?? plusSeconds(started, durationSeconds))],
    ['it was retired', one.retiringAt, momentOf(one, 'retire')],
  ] as const;
  for (const [what, kept, meant] of expected) {
    if (kept?.getTime() === meant?.getTime()) continue;
    return { rule: 'history', about: id, found: `${what} ${sayMoment(kept)}; its events say ${sayMoment(meant)}` };
  }
  return null;
}

/** Seconds and new end of each extension, as recorded with it. */
function extensions({ events }: VerifiedAllocation): { seconds: number; endsAt: string }[] {
  return events
    .filter(({ event }) => event === ('extend' satisfies Event))
    .map(({ detail }) => detail as { seconds: number; endsAt: string });
}

function extendedTo(one: VerifiedAllocation): Date | null {
  const last = extensions(one).at(-1);
  return last === undefined ? null : parseMoment(last.endsAt);
}

function sayMoment(at: Date | null): string {
  return at === null ? 'never' : at.toISOString();
}

/** Whoever is on a host holds what it was granted there, nobody else any: devices of one host, under the fence of its placement. */
function leases(one: VerifiedAllocation): Discrepancy | null {
  const { id, state, devices, host, fence, leases: own } = one;
  const say = (found: string): Discrepancy => ({ rule: 'leases', about: id, found });
  const wanted = hostStates.includes(state) ? devices : 0;
  const live = own.filter((lease) => lease.live).length;
  if (live !== wanted) return say(`${state} with ${live} devices leased instead of ${wanted}`);
  const placed = one.events.find(({ event }) => event === 'place')?.detail as Placement | undefined;
  const granted = placed === undefined ? 0 : devices;
  if (own.length !== granted) return say(`${own.length} devices were ever leased to it instead of ${granted}`);
  if (placed !== undefined && (placed.host !== host || placed.fence !== fence))
    return say(`it is on ${host ?? 'no host'} with fence ${fence ?? 'none'}; its events say ${placed.host} with ${placed.fence}`);
  for (const lease of own) {
    if (lease.host !== host) return say(`it is on ${host ?? 'no host'} and has ${lease.device} of ${lease.host}`);
    if (lease.fence !== fence) return say(`${lease.device} is leased with fence ${lease.fence} instead of ${fence ?? 'none'}`);
    if (placed?.devices.includes(lease.device) !== true) return say(`${lease.device} is not what it was placed on`);
  }
  return null;
}

interface Placement {
  readonly host: string;
  readonly fence: number;
  readonly devices: readonly string[];
}

/** What counts towards the limits is what it has or had: a whole GPU 1000, a slice its share of its card. */
function capacity({ id, capacityMilli, leases: own }: VerifiedAllocation): Discrepancy | null {
  const milli = own.reduce((sum, { model }) => sum + deviceMilli(model), 0);
  if (own.length === 0 || milli === capacityMilli) return null;
  return { rule: 'capacity', about: id, found: `it counts as ${capacityMilli} milli-GPU; its devices are ${milli}` };
}

/**
 * Each account has set aside what the whole lease costs, and what it was extended by; of that it has used at most the seconds from *active* to the decision to
 * retire or the lease's end, and once it uses no more, nothing of it is held.
 */
function journal(one: VerifiedAllocation): Discrepancy | null {
  const payers: readonly string[] = accountsOf(one);
  const say = (found: string, { sequence, account }: VerifiedEntry): Discrepancy => ({
    rule: 'journal',
    about: one.id,
    found: `${found} (entry ${sequence}, ${account})`,
  });
  const cost = one.chargeMilli * one.durationSeconds;
  const first = askedFirst(one);
  for (const entry of one.entries) {
    if (!payers.includes(entry.account)) return say('an account that does not pay for it', entry);
    const before = one.entries.filter(({ account, sequence }) => account === entry.account && sequence <= entry.sequence);
    if (before.length === 1 && (entry.kind !== 'hold' || entry.amount !== first))
      return say(`${entry.kind} of ${entry.amount} first; the whole lease costs ${first}`, entry);
    const posted = sum(before.filter(({ kind }) => kind === 'post').map(({ amount }) => amount));
    if (entry.kind === 'post' && posted > usable(one, before))
      return say(`${posted} posted; it can have used ${usable(one, before)} by then`, entry);
    const left = sum(before.filter(({ period }) => period === entry.period).map(openOf));
    if (left < 0) return say('more used and given back than was held', entry);
  }
  const uses = budgetStates.includes(one.state);
  for (const account of payers) {
    const own = one.entries.filter((entry) => entry.account === account);
    const open = sum(own.map(openOf));
    const posted = sum(own.filter(({ kind }) => kind === 'post').map(({ amount }) => amount));
    const longer = one.chargeMilli * sum(extensions(one).map(({ seconds }) => seconds));
    const expected = uses ? cost + longer - posted : 0;
    if (open !== expected)
      return { rule: 'journal', about: one.id, found: `${one.state} and holds ${open} of ${account} instead of ${expected}` };
  }
  return null;
}

/** What the whole lease cost as it was asked for: less may have been approved. */
function askedFirst({ events, chargeMilli, durationSeconds }: VerifiedAllocation): number {
  const approved = events.find(({ event }) => event === ('approve' satisfies Event))?.detail as { asked?: AskedFirst } | undefined;
  const asked = approved?.asked ?? { chargeMilli, durationSeconds };
  return asked.chargeMilli * asked.durationSeconds;
}

/** Milli-GPU-seconds it can have used by the last of these entries. A clock that was set back takes nothing back. */
function usable(one: VerifiedAllocation, entries: readonly VerifiedEntry[]): number {
  const started = momentOf(one, 'started');
  if (started === null) return 0;
  const retired = momentOf(one, 'retire');
  const seen = entries.map(({ at, rolledOver }) => (rolledOver || retired === null || at < retired ? at : retired));
  const latest = seen.reduce((a, b) => (a > b ? a : b));
  const end = one.leaseEndsAt !== null && one.leaseEndsAt < latest ? one.leaseEndsAt : latest;
  return one.chargeMilli * Math.max(0, secondsBetween(started, end));
}

function openHolds({ entries }: VerifiedAllocation): AccountPeriod[] {
  const open = new Map<string, { account: string; period: string; amount: number }>();
  for (const entry of entries) {
    const { account, period } = entry;
    const key = `${account} ${period}`;
    open.set(key, { account, period, amount: (open.get(key)?.amount ?? 0) + openOf(entry) });
  }
  return [...open.values()].filter(({ amount }) => amount !== 0);
}

function openOf({ kind, amount }: VerifiedEntry): number {
  return kind === 'hold' ? amount : -amount;
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0);
}
