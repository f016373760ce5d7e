// What a host should run, with the revision that its agent has to reach; read in one snapshot.
import { PROTOCOL, type DesiredContainer, type DesiredList } from '../domain/host-protocol.ts';
import type { Policy } from '../domain/policy.ts';
import type { HeldAllocation } from '../ledger/allocations.ts';
import type { Queries } from '../ledger/connect.ts';
import { findHost, findHostByRun, hostedOn } from '../ledger/hosts.ts';
import { devicesOf } from '../ledger/leases.ts';
import { currentPolicy, type App } from './app.ts';

/** The host whose current run this is, or null. */
export async function hostOfRun(app: App, run: string): Promise<string | null> {
  return findHostByRun(app.ledger.reads, run);
}

/** `null`: nothing newer than `after`; `stale_run`: another agent process of this host has said hello since. */
export async function desired(
  app: App,
  ask: { readonly host: string; readonly run: string; readonly after: number },
): Promise<DesiredList | 'stale_run' | null> {
  return app.ledger.reads.transaction(
    async (tx) => {
      const host = await findHost(tx, ask.host);
      if (host === null || host.run !== ask.run) return 'stale_run';
      if (host.desiredRevision <= ask.after) return null;
      const policy = await currentPolicy(tx);
      const containers = await Promise.all((await hostedOn(tx, host.name)).map((held) => containerOf(tx, policy, held)));
      return { protocol: PROTOCOL, ledger: app.ledger.id, host: host.name, revision: host.desiredRevision, containers };
    },
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  );
}

async function containerOf(queries: Queries, policy: Policy, { allocation, holder }: HeldAllocation): Promise<DesiredContainer> {
  const { id, fence, state, image, limits, environment, leaseEndsAt } = allocation;
  if (fence === null) throw new Error(`${id} is on a host without a fence`);
  const devices = await devicesOf(queries, id);
  return {
    allocation: id,
    fence,
    wanted: state === 'retiring' ? 'stopped' : 'running',
    member: { id: `m-${holder.id}`, uid: holder.unixId, gid: holder.unixId },
    image,
    devices: devices.map(({ uuid }) => uuid).toSorted(),
    limits,
    environment,
    mounts: ['workspace'],
    leaseEndsAt: leaseEndsAt?.toISOString() ?? null,
    stopGraceSeconds: policy.stopGraceSeconds,
  };
}
