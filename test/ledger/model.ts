// The ledger a second time, from its specification alone: members, limits, allocations, and what each account holds and has used.
import type { State } from '../../src/domain/lifecycle.ts';
import { endOf, kindOf, periodAt, type Period } from './model-periods.ts';
import { DEVICE_MILLI, devices, SILENT_AFTER, type HostName, type Override, type PoolName, type Rules } from './model-rules.ts';

const NOT_UP_AFTER = 600;

/** What an allocation holds of one account and has used up of it, milli-GPU-seconds. */
interface Hold {
  period: Period;
  open: number;
  readonly used: Record<Period, number>;
}

/** Times are seconds since 1970; null: has not happened. */
export interface ModelAllocation {
  readonly id: string;
  readonly holder: string;
  readonly team: string | null;
  readonly pool: PoolName;
  readonly gpus: number;
  readonly seconds: number;
  /** It ends then, whenever it starts; null: so many seconds after its start. */
  until: number | null;
  /** Milli-GPU-seconds per second. */
  readonly charge: number;
  state: State;
  version: number;
  readonly requestedAt: number;
  /** In line: whoever came later has a higher one. */
  place: number | null;
  lapsesAt: number;
  host: HostName | null;
  devices: readonly string[];
  placedAt: number | null;
  activeAt: number | null;
  endsAt: number | null;
  /** Seconds by week. */
  readonly extended: Record<Period, number>;
  /** Approvers are asked whether it may be kept for longer; null: they are not. */
  asking: { readonly seconds: number; readonly lapsesAt: number } | null;
  runningAt: number | null;
  /** By account. */
  readonly holds: Record<string, Hold>;
}

export interface Model {
  now: number;
  rules: Rules;
  readonly overrides: Override[];
  /** Admins' corrections by account and period, as they count towards the budget. */
  readonly corrections: { readonly account: string; readonly period: Period; readonly amount: number }[];
  /** When each host was last heard of. */
  readonly heard: Record<HostName, number>;
  /** By device: reports in a row, up to two, in which nobody else was on it. */
  readonly clear: Record<string, number>;
  readonly allocations: ModelAllocation[];
  /** Places in line given so far. */
  places: number;
}

/** Of budgets. */
export function currentPeriod({ rules, now }: Pick<Model, 'rules' | 'now'>): Period {
  return periodAt(rules.period, now);
}

export function copyOf(model: Model): Model {
  return structuredClone(model);
}

export const waits = (state: State) => state === 'requested' || state === 'queued';
/** Also while it is being stopped: its devices are still with it. */
export const counts = (state: State) => waits(state) || onHost(state);
export const onHost = (state: State): boolean => state === 'placed' || state === 'active' || state === 'retiring';
export const mayUse = (state: State) => counts(state) && state !== 'retiring';

export function isSilent({ heard, now }: Model, host: HostName | null): boolean {
  return host !== null && now - heard[host] > SILENT_AFTER;
}

export function isClear({ clear }: Model, device: string): boolean {
  return (clear[device] ?? 0) >= CLEAR_REPORTS;
}

export const memberAccount = (user: string): string => `member:${user}`;
export const teamAccount = (team: string): string => `team:${team}`;

/** What an account uses at this moment: milli-GPU that count and that do not (silent hosts), and of this period's budget. */
export function useOf(model: Model, account: string): { heldMilli: number; silentMilli: number; committed: number } {
  let [heldMilli, silentMilli] = [0, 0];
  for (const one of model.allocations) {
    if (!counts(one.state) || !(account in one.holds)) continue;
    if (onHost(one.state) && isSilent(model, one.host)) silentMilli += one.gpus * DEVICE_MILLI[one.pool];
    else heldMilli += one.gpus * DEVICE_MILLI[one.pool];
  }
  return { heldMilli, silentMilli, committed: committedIn(model, account, currentPeriod(model)) };
}

export function committedIn({ allocations, corrections }: Model, account: string, period: Period): number {
  const corrected = corrections.filter((one) => one.account === account && one.period === period);
  const holds = allocations.flatMap(({ holds: all }) => all[account] ?? []);
  return (
    corrected.reduce((sum, { amount }) => sum + amount, 0) +
    holds.reduce((sum, hold) => sum + (hold.period === period ? hold.open : 0) + (hold.used[period] ?? 0), 0)
  );
}

/** Milli-GPU-seconds from *active* to the earliest of `at`, the end of the lease, and the last report of it running. */
function usedUntil({ activeAt, endsAt, runningAt, charge }: ModelAllocation, at: number): number {
  if (activeAt === null || endsAt === null) return 0;
  const lastSeen = Math.max(activeAt, runningAt ?? 0);
  return charge * Math.max(0, Math.min(at, endsAt, lastSeen) - activeAt);
}

function post(one: ModelAllocation, hold: Hold, at: number): void {
  const before = Object.values(hold.used).reduce((sum, used) => sum + used, 0);
  const used = Math.min(hold.open, Math.max(0, usedUntil(one, at) - before));
  hold.used[hold.period] = (hold.used[hold.period] ?? 0) + used;
  hold.open -= used;
}

/**
 * Into a state, with what that means for the budget: whoever uses no more gets back what is left. What ends in a later period than the one
 * that holds it is shared by the two, whatever the policy says of periods by then.
 */
export function move(model: Model, one: ModelAllocation, state: State): void {
  if (mayUse(one.state) && !mayUse(state)) {
    for (const hold of Object.values(one.holds)) {
      const current = periodAt(kindOf(hold.period), model.now);
      if (hold.period !== current && hold.open > 0) {
        post(one, hold, endOf(hold.period));
        hold.period = current;
      }
      post(one, hold, model.now);
      hold.open = 0;
    }
  }
  if (!onHost(state)) one.devices = [];
  one.asking = null;
  one.state = state;
  one.version++;
}

/** Returns how many holds went into the new period; one that the policy cut short ends now. */
export function rollOver(model: Model, accounts?: readonly string[]): number {
  const current = currentPeriod(model);
  let moved = 0;
  for (const one of model.allocations) {
    for (const [account, hold] of Object.entries(one.holds)) {
      if (hold.period === current || hold.open === 0 || accounts?.includes(account) === false) continue;
      post(one, hold, Math.min(endOf(hold.period), model.now));
      hold.period = current;
      moved++;
    }
  }
  return moved;
}

/** When it has waited too long: its own end may come before. */
export function lapsesAt(one: Pick<ModelAllocation, 'lapsesAt' | 'until'>): number {
  return Math.min(one.lapsesAt, one.until ?? Infinity);
}

/** Returns how many it retired. */
export function expire(model: Model): number {
  const late = ({ state, endsAt, placedAt }: ModelAllocation) =>
    (state === 'active' && (endsAt ?? 0) <= model.now) || (state === 'placed' && (placedAt ?? 0) + NOT_UP_AFTER <= model.now);
  return moveAll(model, late, 'retiring');
}

/** Returns how many lapsed. */
export function lapse(model: Model): number {
  const unanswered = model.allocations.filter(({ asking }) => asking !== null && asking.lapsesAt <= model.now);
  for (const one of unanswered) one.asking = null;
  return unanswered.length + moveAll(model, (one) => waits(one.state) && lapsesAt(one) <= model.now, 'lapsed');
}

function moveAll(model: Model, which: (one: ModelAllocation) => boolean, to: State): number {
  const found = model.allocations.filter(which);
  for (const one of found) move(model, one, to);
  return found.length;
}

/** Of a device before it is leased again. */
export const CLEAR_REPORTS = 2;

/** What a host says of its devices: nobody else is on any, it cannot say, or somebody is on the one with this index. */
export type Probe = 'clear' | 'failed' | number;

/** What a host says of one allocation. */
export interface Saying {
  readonly id: string;
  readonly says: 'running' | 'failed' | 'ended' | 'stopped';
}

/** A report of `host`; `counts` false: its fences are wrong, or it has not taken over the list it speaks of. */
export function hear(
  model: Model,
  host: HostName,
  { sayings, probe, believed }: { readonly sayings: readonly Saying[]; readonly probe: Probe; readonly believed: boolean },
): void {
  model.heard[host] = model.now;
  for (const [uuid, device] of devices) {
    if (device.host !== host) continue;
    const clear = probe !== 'failed' && probe !== device.index;
    model.clear[uuid] = clear ? Math.min(CLEAR_REPORTS, (model.clear[uuid] ?? 0) + 1) : 0;
  }
  if (!believed) return;
  for (const { id, says } of sayings) {
    const one = model.allocations.find((other) => other.id === id && other.host === host);
    if (one === undefined) continue;
    if (says === 'running') one.runningAt = model.now;
    if (one.state === 'placed' && says === 'running') {
      one.activeAt = model.now;
      one.endsAt = one.until ?? model.now + one.seconds;
      move(model, one, 'active');
    } else if (one.state === 'placed' && says === 'failed') move(model, one, 'failed');
    else if (one.state === 'placed' && says === 'ended') move(model, one, 'retiring');
    else if (one.state === 'active' && (says === 'ended' || says === 'failed')) move(model, one, 'retiring');
    else if (one.state === 'retiring' && (says === 'stopped' || says === 'failed')) move(model, one, 'retired');
  }
}
