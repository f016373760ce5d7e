// What approving would do, computed from the ledger and the scheduler: where it would start, who would wait longer, and what is left after.
import type { BeforeAfter, Consequences } from '../domain/approval-view.ts';
import { extendedEnd } from '../domain/decide-extension.ts';
import { effectOfNewcomer, type Delay } from '../domain/delays.ts';
import { CPU_POOL, poolOfDevice, poolTerms, type Policy } from '../domain/policy.ts';
import { plusSeconds } from '../domain/time.ts';
import { holdersOf, type AllocationRow, type HeldAllocation } from '../ledger/allocations.ts';
import { openApprovals, type ApprovalRow } from '../ledger/approvals.ts';
import type { Queries } from '../ledger/connect.ts';
import { allHosts, liveDevices } from '../ledger/hosts.ts';
import { recordOf } from '../ledger/record.ts';
import { conditionOf } from './host-sizes.ts';
import { factsOfExtension } from './extension.ts';
import { planHosts, poolQueue, toQueuedAsk } from './pool-plan.ts';
import { standingOf } from './standing.ts';

/** How far back a requester's record goes. */
const RECORD_SECONDS = 90 * 86_400;

/** Of a question that is open. */
export async function consequencesOf(
  queries: Queries,
  policy: Policy,
  { found, approval }: { readonly found: HeldAllocation; readonly approval: ApprovalRow },
  at: Date,
): Promise<Consequences> {
  const { allocation, holder } = found;
  const [standing, free, record, plan] = await Promise.all([
    standingOf(queries, policy, holder, allocation.team, at),
    freeNow(queries, policy, at),
    recordOf(queries, holder.id, plusSeconds(at, -RECORD_SECONDS)),
    approval.extendSeconds === null
      ? startOf(queries, policy, allocation, at)
      : laterEnd(queries, policy, found, approval.extendSeconds, at),
  ]);
  const { capacityMilli, chargeMilli, durationSeconds, deviceCount, pool } = allocation;
  const { use, limits } = standing;
  const devices = free.get(pool) ?? { free: 0, total: 0, biggest: 0 };
  // A new request counts from the moment it was made: before it, it was not there.
  const isNew = approval.extendSeconds === null;
  const cost = chargeMilli * (approval.extendSeconds ?? durationSeconds);
  const gpus: BeforeAfter = isNew
    ? { before: Math.max(0, use.heldMilli - capacityMilli), after: use.heldMilli, limit: limits.gpus.value }
    : { before: use.heldMilli, after: use.heldMilli, limit: limits.gpus.value };
  const budget: BeforeAfter = isNew
    ? { before: use.committed - cost, after: use.committed, limit: limits.gpuHours.value }
    : { before: use.committed, after: use.committed + cost, limit: limits.gpuHours.value };
  const names = await holdersOf(
    queries,
    plan.delays.map(({ id }) => id),
  );
  return {
    ...plan,
    delays: plan.delays.map((delay) => ({ ...delay, holder: names.get(delay.id) ?? '' })),
    gpus,
    budget: cost === 0 ? null : budget,
    free: { before: devices.free, after: plan.start?.now === true ? devices.free - deviceCount : devices.free, total: devices.total },
    record: record.containers === 0 || record.granted === 0 ? null : record,
    cheaper: isNew ? cheaperThan(policy, allocation, free) : null,
  };
}

type Plan = Pick<Consequences, 'start' | 'ahead' | 'end'> & { readonly delays: readonly Delay[] };

/** As if it were approved now, before every other request of its pool that waits for a person. */
async function startOf(queries: Queries, policy: Policy, row: AllocationRow, at: Date): Promise<Plan> {
  const { pool, id } = row;
  const [queue, open] = await Promise.all([poolQueue(queries, policy, pool, { at }), openApprovals(queries)]);
  const others = open
    .map(({ allocation }) => allocation)
    .filter((other) => other.pool === pool && other.state === 'requested' && other.id !== id);
  const hosts = await planHosts(queries, policy, { pool, queue: [...queue, row, ...others] }, at);
  const plan = { pool, queue: queue.map(toQueuedAsk), hosts };
  const { start, delays } = effectOfNewcomer(plan, { newcomer: toQueuedAsk(row), behind: others.map(toQueuedAsk) }, at);
  const uuids = start?.devices ?? [];
  const gpus = hosts.flatMap(({ free }) => free).filter(({ uuid }) => uuids.includes(uuid));
  return {
    start: {
      at: start?.startsAt ?? null,
      now: start?.devices !== null && start !== null,
      host: start?.host ?? null,
      gpus: gpus.map(({ index }) => index),
    },
    ahead: queue.length,
    end: null,
    delays,
  };
}

async function laterEnd(queries: Queries, policy: Policy, found: HeldAllocation, seconds: number, at: Date): Promise<Plan> {
  const { leaseEndsAt } = found.allocation;
  if (leaseEndsAt === null) return { start: null, ahead: 0, end: null, delays: [] };
  const endsAt = extendedEnd({ seconds, until: null }, policy, leaseEndsAt);
  const { delays } = await factsOfExtension(queries, policy, found, { leaseEndsAt, endsAt }, at);
  return { start: null, ahead: 0, end: { before: leaseEndsAt, after: endsAt }, delays };
}

interface Free {
  readonly free: number;
  readonly total: number;
  /** Free on one host. */
  readonly biggest: number;
}

async function freeNow(queries: Queries, policy: Policy, at: Date): Promise<Map<string, Free>> {
  const [hosts, devices] = await Promise.all([allHosts(queries), liveDevices(queries)]);
  const byName = new Map(hosts.map((host) => [host.name, host]));
  return new Map(
    policy.pools.map(({ name }) => {
      const own = devices.filter((device) => poolOfDevice(policy, device) === name);
      const free = own.filter((device) => conditionOf(device, byName.get(device.host), at) === 'free');
      const biggest = Math.max(0, ...hosts.map((host) => free.filter((device) => device.host === host.name).length));
      return [name, { free: free.length, total: own.length, biggest }];
    }),
  );
}

/** The cheapest other pool, for less a second, where as many devices are free on one host. */
function cheaperThan(
  policy: Policy,
  { pool, deviceCount, onHost }: AllocationRow,
  free: ReadonlyMap<string, Free>,
): Consequences['cheaper'] {
  if (pool === CPU_POOL || onHost !== null) return null;
  const terms = poolTerms(policy);
  const costOf = ({ deviceMilli, rateMilli }: (typeof terms)[number]) => deviceMilli * rateMilli;
  const own = terms.find(({ name }) => name === pool);
  if (own === undefined || costOf(own) === 0) return null;
  const [best] = terms
    .filter((other) => other.name !== CPU_POOL && costOf(other) < costOf(own) && (free.get(other.name)?.biggest ?? 0) >= deviceCount)
    .toSorted((a, b) => costOf(a) - costOf(b));
  if (best === undefined) return null;
  return { pool: best.name, memoryGib: (best.memoryMib ?? 0) / 1024, costMilli: Math.round((costOf(best) * 1000) / costOf(own)) };
}
