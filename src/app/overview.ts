// What somebody sees who asks how things stand: the pools, and their own allocations.
import type { AllocationView } from '../domain/allocation-view.ts';
import type { PoolStatus } from '../domain/pool-status.ts';
import type { DeviceCondition } from '../domain/standing-views.ts';
import { hostStates } from '../domain/lifecycle.ts';
import { poolTerms } from '../domain/policy.ts';
import { allocationsIn, holdingsOf } from '../ledger/allocations.ts';
import { allHosts, liveDevices } from '../ledger/hosts.ts';
import type { MemberRow } from '../ledger/members.ts';
import { currentPolicy, type App } from './app.ts';
import { conditionOf, simulatedOf } from './host-sizes.ts';
import { pooledDevices } from './pooled-devices.ts';
import { viewAllocation } from './view-allocation.ts';
import { queuePlaces } from './view-queue.ts';

export async function poolOverview(app: App): Promise<PoolStatus[]> {
  const { reads } = app.ledger;
  const at = app.clock.now();
  const [policy, hostRows, devices, held] = await Promise.all([
    currentPolicy(reads),
    allHosts(reads),
    liveDevices(reads),
    allocationsIn(reads, ['queued', ...hostStates]),
  ]);
  const hosts = new Map(hostRows.map((host) => [host.name, host]));
  const pooled = pooledDevices(policy, devices, held);
  const offered = poolTerms(policy).map(({ name }) => name);
  return [...new Set([...offered, ...pooled.map(({ pool }) => pool)])].map((name) => {
    const inPool = pooled.filter(({ pool }) => pool === name);
    const own = inPool.map(({ device }) => device);
    const conditions = own.map((device) => conditionOf(device, hosts.get(device.host), at));
    const number = (wanted: DeviceCondition) => conditions.filter((condition) => condition === wanted).length;
    return {
      name,
      offered: offered.includes(name),
      free: number('free'),
      leased: number('leased'),
      occupied: number('occupied'),
      suspect: number('suspect'),
      draining: number('draining'),
      observed: number('observed'),
      unreachable: number('unreachable'),
      waiting: held.filter(({ allocation }) => allocation.pool === name && allocation.state === 'queued').length,
      devices: inPool.map(({ device: { host, index }, holder }, position) => ({
        host,
        index,
        condition: conditions[position] ?? 'unreachable',
        holder: holder?.holder.slackUser ?? null,
        leaseEndsAt: holder?.allocation.leaseEndsAt ?? null,
      })),
      troubles: hostRows
        .filter((host) => own.some((device) => device.host === host.name))
        .flatMap((host) => host.problems.filter(({ blocking }) => blocking).map(({ code }) => ({ host: host.name, code }))),
      simulated: hostRows
        .filter((host) => own.some((device) => device.host === host.name))
        .map((host) => ({ host: host.name, ...simulatedOf([host]) }))
        .filter(({ engine, gpus }) => engine || gpus),
      strangers: own.flatMap(({ host, index, foreign }) => foreign.map(({ owner, command }) => ({ host, index, owner, command }))),
    };
  });
}

export async function ownAllocations(app: App, member: MemberRow): Promise<AllocationView[]> {
  const rows = await holdingsOf(app.ledger.reads, member.id);
  const placeOf = queuePlaces(app);
  const views = await Promise.all(rows.map(({ id }) => viewAllocation(app, id, placeOf)));
  return views.filter((view) => view !== null);
}
