// Reads an allocation as people are shown it.
import type { AllocationView } from '../domain/allocation-view.ts';
import { isFinal, type Event } from '../domain/lifecycle.ts';
import type { AskedFirst } from '../domain/lowering.ts';
import { CPU_POOL, poolOfDevice, type Policy } from '../domain/policy.ts';
import { historyOf, findAllocation } from '../ledger/allocations.ts';
import { approvalsOf } from '../ledger/approvals.ts';
import type { Queries } from '../ledger/connect.ts';
import { allHosts, findHost, liveDevices } from '../ledger/hosts.ts';
import { devicesOf } from '../ledger/leases.ts';
import { policyNow, type App } from './app.ts';
import { conditionOf, simulatedOf } from './host-sizes.ts';
import { standingOf } from './standing.ts';
import { viewApproval } from './view-approval.ts';
import { queuePlaces, type QueuePlace } from './view-queue.ts';

/** Null for an unknown id. */
export async function viewAllocation(app: App, id: string, placeOf: QueuePlace = queuePlaces(app)): Promise<AllocationView | null> {
  const { reads } = app.ledger;
  const [found, { policy }] = await Promise.all([
    findAllocation(reads, id),
    app.remembered.policy().then((known) => policyNow(reads, known)),
  ]);
  if (found === null) return null;
  const { allocation, holder } = found;
  const [leased, standing, queued, history, host, pool, questions] = await Promise.all([
    devicesOf(reads, id),
    standingOf(reads, policy, holder, allocation.team, app.clock.now()),
    allocation.state === 'queued' ? placeOf(allocation.pool, id) : null,
    historyOf(reads, id),
    allocation.host === null ? null : findHost(reads, allocation.host),
    poolNow(reads, policy, allocation.pool, app.clock.now()),
    approvalsOf(reads, id),
  ]);
  const question = questions.find(({ kind }) => kind === 'new');
  const usedMilli = standing.use.heldMilli;
  return {
    id,
    version: allocation.version,
    state: allocation.state,
    holder: { user: holder.slackUser, zone: holder.zone, unixId: holder.unixId },
    pool: allocation.pool,
    devices: allocation.deviceCount,
    image: policy.images.find(({ reference }) => reference === allocation.image)?.name ?? allocation.image,
    purpose: allocation.purpose,
    durationSeconds: allocation.durationSeconds,
    until: allocation.until,
    requestedAt: allocation.requestedAt,
    lapsesAt: allocation.lapsesAt,
    leaseEndsAt: allocation.leaseEndsAt,
    extensionSeconds: policy.extension.step,
    host: allocation.host,
    simulated: host === null ? pool.simulated : simulatedOf([host]),
    leased,
    containerName: allocation.containerName,
    changedBy: allocation.changedBy,
    changedAt: allocation.changedAt,
    reason: allocation.reason,
    history: history.map(({ event, at, actor, detail }) => ({ event: event as Event, at, actor, reason: reasonOf(detail) })),
    usedMilli: isFinal(allocation.state) ? usedMilli : Math.max(usedMilli, allocation.capacityMilli),
    limitMilli: standing.limits.gpus.value,
    poolDevices: pool.devices,
    ahead: queued === null ? 0 : queued.position - 1,
    startsAt: startsLater(queued?.startsAt ?? null, app.clock.now()),
    approval: question === undefined ? null : await viewApproval(app, policy, found, question),
    asked: askedFirst(history.find(({ event }) => event === 'approve')?.detail),
  };
}

/** Whoever can start now is about to: there is nothing to tell. */
export function startsLater(startsAt: Date | null, at: Date): Date | null {
  return startsAt !== null && startsAt > at ? startsAt : null;
}

function askedFirst(detail: unknown): AskedFirst | null {
  return (detail as { asked?: AskedFirst } | undefined)?.asked ?? null;
}

function reasonOf(detail: unknown): string | null {
  const reason = (detail as { reason?: unknown }).reason;
  return typeof reason === 'string' ? reason : null;
}

async function poolNow(queries: Queries, policy: Policy, pool: string, at: Date) {
  const [known, live] = await Promise.all([allHosts(queries), liveDevices(queries)]);
  const hosts = new Map(known.map((host) => [host.name, host]));
  const devices = live.filter((device) => poolOfDevice(policy, device) === pool);
  const offering = pool === CPU_POOL ? known : known.filter(({ name }) => devices.some(({ host }) => host === name));
  const free = devices.filter((device) => conditionOf(device, hosts.get(device.host), at) === 'free');
  return { devices: { free: free.length, total: devices.length }, simulated: simulatedOf(offering) };
}
