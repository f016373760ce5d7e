// `/gpu queue`: who waits for what in which order, when each can start at the earliest, and whom that waits for.
import { poolTerms } from '../domain/policy.ts';
import { planQueue } from '../domain/queue-plan.ts';
import { hostStates } from '../domain/lifecycle.ts';
import type { PoolQueueView, QueuedView } from '../domain/standing-views.ts';
import { allocationsIn } from '../ledger/allocations.ts';
import { allHosts, liveDevices } from '../ledger/hosts.ts';
import { membersById } from '../ledger/members.ts';
import { currentPolicy, type App } from './app.ts';
import { endOf, planHosts, poolQueue, toQueuedAsk } from './pool-plan.ts';
import { pooledDevices } from './pooled-devices.ts';

/** The named pool, or every one with somebody in it or waiting for it. */
export async function viewQueue(app: App, pool: string | null): Promise<PoolQueueView[]> {
  const terms = poolTerms(await currentPolicy(app.ledger.reads)).map(({ name }) => name);
  const views = await Promise.all(terms.filter((name) => pool === null || name === pool).map((name) => viewPool(app, name)));
  return pool === null ? views.filter(({ waiting, held }) => waiting.length + held.length > 0) : views;
}

/** Where a request stands in its pool's queue; null when it does not wait there. */
export type QueuePlace = (pool: string, id: string) => Promise<QueuedView | null>;

/** Plans each pool once, however many requests are asked about. */
export function queuePlaces(app: App): QueuePlace {
  const planned = new Map<string, Promise<PoolQueueView>>();
  return async (pool, id) => {
    const plan = planned.get(pool) ?? viewPool(app, pool);
    planned.set(pool, plan);
    return (await plan).waiting.find((waiting) => waiting.id === id) ?? null;
  };
}

/** For many cards drawn in a row: what was planned a moment ago, unless the one asked about was not there yet. */
export function recentPlaces(app: App): QueuePlace {
  let places = queuePlaces(app);
  let since = app.ticks.milliseconds();
  return async (pool, id) => {
    const at = app.ticks.milliseconds();
    const kept = at - since < RECENT_MS ? await places(pool, id) : null;
    if (kept !== null) return kept;
    places = queuePlaces(app);
    since = at;
    return places(pool, id);
  };
}

const RECENT_MS = 200;

async function viewPool(app: App, pool: string): Promise<PoolQueueView> {
  const { reads } = app.ledger;
  const at = app.clock.now();
  const policy = await currentPolicy(reads);
  const [queue, hosted, hosts, devices] = await Promise.all([
    poolQueue(reads, policy, pool, { at }),
    allocationsIn(reads, hostStates),
    allHosts(reads),
    liveDevices(reads),
  ]);
  const names = await membersById(reads, [...new Set(queue.map(({ memberId }) => memberId))]);
  const plan = planQueue(pool, queue.map(toQueuedAsk), await planHosts(reads, policy, { pool, queue }, at), at);
  const waiting = queue.flatMap((row, index): QueuedView[] => {
    const planned = plan[index];
    if (planned === undefined) return [];
    const { startsAt, host, waitsFor } = planned;
    const { id, deviceCount: devices, durationSeconds, memberId } = row;
    return [{ id, holder: names.get(memberId) ?? '', devices, durationSeconds, position: index + 1, startsAt, host, waitsFor }];
  });
  // By the devices, not by the name that they were asked for: the policy may have renamed the pool since.
  const ofPool = pooledDevices(policy, devices, hosted).filter((device) => device.pool === pool);
  const held = hosted.flatMap(({ allocation, holder }): PoolQueueView['held'] => {
    const host = hosts.find(({ name }) => name === allocation.host);
    const count = ofPool.filter(({ device }) => device.leasedTo === allocation.id).length;
    if (count === 0 || host === undefined) return [];
    return [{ id: allocation.id, holder: holder.slackUser, host: host.name, devices: count, endsAt: endOf(allocation, host, at) }];
  });
  const last = Number.POSITIVE_INFINITY;
  return { pool, waiting, held: held.toSorted((a, b) => (a.endsAt?.getTime() ?? last) - (b.endsAt?.getTime() ?? last)) };
}
