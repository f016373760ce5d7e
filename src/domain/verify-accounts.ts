// Verifies the accounts, change after change: no request and no extension has raised one above the limits it was decided by, and balances add up. Pure.
import { accountsOf } from './accounts.ts';
import { chargeMilli } from './journal.ts';
import { checkExtensions } from './verify-extensions.ts';
import { holdingStates, hostStates, type State } from './lifecycle.ts';
import type { AskedFirst } from './lowering.ts';
import type { RequestBasis } from './request-basis.ts';
import type { AccountUse } from './decide-request.ts';
import { hasBasis, type AccountPeriod, type BudgetChange, type Discrepancy, type GaugeChange } from './verify.ts';

interface Gauge {
  readonly held: number;
  /** Of it, on hosts: what may be silent. */
  readonly onHost: number;
  readonly cpuContainers: number;
}

const nothing: Gauge = { held: 0, onHost: 0, cpuContainers: 0 };

/** Takes the events in order. `rates`: thousandths that a GPU of a pool cost by a policy version, by "VERSION POOL". */
export function checkGauges(rates: ReadonlyMap<string, number>): (change: GaugeChange) => Discrepancy | null {
  const gauges = new Map<string, Gauge>();
  /** By event. */
  const basisKept = new Set<string>();
  const checkExtension = checkExtensions();

  return ({ allocationId, event, from, to, at, detail, allocation }) => {
    const say = (rule: Discrepancy['rule'], found: string): Discrepancy => ({ rule, about: allocationId, found });
    if (allocation === null) return say('history', 'events of no allocation');
    const accounts = accountsOf(allocation);
    const before = accounts.map((account) => gauges.get(account) ?? nothing);
    const asked = askedIn(detail);
    const counted = from === null && asked !== null ? { ...allocation, ...asked } : allocation;
    // An approval may have granted less than was counted since the request.
    const less = from !== null && asked !== null ? allocation.capacityMilli - asked.capacityMilli : 0;
    for (const account of accounts) {
      const gauge = moved(gauges.get(account) ?? nothing, from, to, counted);
      gauges.set(account, { ...gauge, held: gauge.held + less });
    }
    if (from !== null && event !== 'extend') return null;
    const { memberId } = allocation;
    const beyond = event === 'extend' ? checkExtension({ memberId, at, detail }) : null;
    if (!hasBasis(detail)) return basisKept.has(event) ? say('limit', 'nothing is kept of what it was decided by') : null;
    basisKept.add(event);
    const [own = nothing, team = nothing] = before;
    if (event === 'extend') {
      // It raises no gauge, and the limit of one may be below what is held by now.
      const found = misread(`member:${memberId}`, detail.use, own) ?? overTeam(detail, team, { ...allocation, devices: 0 }) ?? beyond;
      return found === null ? null : say('limit', found);
    }
    const wrong = cost(rates, detail, counted);
    if (wrong !== null) return say('capacity', wrong);
    const over = overOwn(detail, own, counted) ?? overTeam(detail, team, counted);
    return over === null ? null : say('limit', over);
  };
}

function askedIn(detail: unknown): AskedFirst | null {
  return (detail as { asked?: AskedFirst } | null)?.asked ?? null;
}

type Facts = NonNullable<GaugeChange['allocation']>;

function moved(gauge: Gauge, from: State | null, to: State, { capacityMilli, devices }: Facts): Gauge {
  const change = (states: readonly State[]) => (states.includes(to) ? 1 : 0) - (from !== null && states.includes(from) ? 1 : 0);
  const holds = change(holdingStates);
  return {
    held: gauge.held + holds * capacityMilli,
    onHost: gauge.onHost + change(hostStates) * capacityMilli,
    cpuContainers: gauge.cpuContainers + (devices === 0 ? holds : 0),
  };
}

function cost(rates: ReadonlyMap<string, number>, { policyVersion }: RequestBasis, { pool, capacityMilli, chargeMilli: charge }: Facts) {
  const rate = capacityMilli === 0 ? 0 : rates.get(`${policyVersion} ${pool}`);
  if (rate === undefined) return `policy ${policyVersion}, by which it was decided, has no pool ${pool}`;
  const meant = chargeMilli(capacityMilli, rate);
  return charge === meant ? null : `a second costs ${charge} milli-GPU-seconds; by policy ${policyVersion} ${meant}`;
}

/** What was read of the account is what its events give, and a silent part of it was on a host. */
function misread(who: string, { heldMilli, silentMilli }: AccountUse, { held, onHost }: Gauge): string | null {
  if (heldMilli + silentMilli !== held) return `${who} was read as ${heldMilli + silentMilli} milli-GPU; the events give ${held}`;
  return silentMilli > onHost ? `${silentMilli} milli-GPU of ${who} were read as silent; ${onHost} were on hosts` : null;
}

function overOwn({ use, limits }: RequestBasis, gauge: Gauge, { memberId, devices, capacityMilli, durationSeconds }: Facts) {
  const who = `member:${memberId}`;
  const wrong = misread(who, use, gauge);
  if (wrong !== null) return wrong;
  const { gpus, gpusPerRequest, cpuContainers, maxDuration } = limits;
  const checks: readonly (readonly [number, number | null, string])[] = [
    ...(devices > 0
      ? ([
          [gauge.held - use.silentMilli + capacityMilli, gpus.value, 'milli-GPU'],
          [capacityMilli, gpusPerRequest.value, 'milli-GPU in one request'],
        ] as const)
      : ([[gauge.cpuContainers + 1, cpuContainers.value, 'CPU containers']] as const)),
    [durationSeconds, maxDuration.value, 'seconds in one lease'],
  ];
  const over = checks.find(([value, limit]) => limit !== null && value > limit);
  return over === undefined ? null : `${who} at ${over[0]} of ${over[1]} ${over[2]}`;
}

function overTeam({ team: kept }: RequestBasis, gauge: Gauge, { team, devices, capacityMilli }: Facts) {
  if ((kept?.name ?? null) !== team) return `team:${team ?? 'none'} pays; it was decided by the limits of team:${kept?.name ?? 'none'}`;
  if (kept === null) return null;
  const who = `team:${kept.name}`;
  const now = gauge.held - kept.use.silentMilli + capacityMilli;
  const over = devices > 0 && kept.limits.gpus !== null && now > kept.limits.gpus;
  return misread(who, kept.use, gauge) ?? (over ? `${who} at ${now} of ${kept.limits.gpus} milli-GPU` : null);
}

export interface BudgetsCheck {
  /** Takes the entries in order. */
  check(change: BudgetChange): Discrepancy | null;
  /** After the last one: the balances that are kept are those that they give. */
  end(kept: readonly (AccountPeriod & { readonly committed: number })[]): Discrepancy | null;
}

export function checkBudgets(): BudgetsCheck {
  const sums = new Map<string, number>();
  return {
    check: ({ sequence, account, kind, amount, period, detail }) => {
      const key = `${account} ${period}`;
      const before = sums.get(key) ?? 0;
      sums.set(key, before + (kind === 'post' ? 0 : kind === 'void' ? -amount : amount));
      const basis = hasBasis(detail) ? budgetOf(detail, account) : null;
      if (basis === null) return null;
      const say = (found: string): Discrepancy => ({ rule: 'budget', about: account, found: `${found} (entry ${sequence}, ${period})` });
      if (basis.committed !== before) return say(`${basis.committed} were read as committed; the entries before give ${before}`);
      const over = basis.limit !== null && before + amount > basis.limit;
      return over ? say(`${before + amount} of ${basis.limit} milli-GPU-seconds`) : null;
    },
    end: (kept) => {
      const known = new Map(kept.map(({ account, period, committed }) => [`${account} ${period}`, committed]));
      for (const key of new Set([...sums.keys(), ...known.keys()])) {
        const [sum, balance] = [sums.get(key) ?? 0, known.get(key) ?? 0];
        if (sum !== balance) return { rule: 'balance', about: key, found: `${balance} kept; its entries give ${sum}` };
      }
      return null;
    },
  };
}

function budgetOf({ use, limits, team }: RequestBasis, account: string): { committed: number; limit: number | null } | null {
  if (account.startsWith('member:')) return { committed: use.committed, limit: limits.gpuHours.value };
  return team === null ? null : { committed: team.use.committed, limit: team.limits.gpuHours };
}
