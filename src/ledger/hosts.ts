// Hosts and their devices as their agents report them, and the revision of what each host should run.
import { and, asc, eq, inArray, lt, notInArray, sql } from 'drizzle-orm';
import { clearReports, occupancyOf } from '../domain/host-effects.ts';
import type { Hello, ObservedAllocation, Report } from '../domain/host-protocol.ts';
import { hostStates } from '../domain/lifecycle.ts';
import type { Queries, Transaction } from './connect.ts';
import { notify } from './notify.ts';
import { allocations, devices, hosts, leases, members, observed } from './schema.ts';

export type HostRow = typeof hosts.$inferSelect;
type DeviceRow = typeof devices.$inferSelect;

/** A new run of this host's agent; reports of the run before are refused from now on. New hosts start in `mode`. */
export async function startRun(queries: Queries, hello: Hello, run: string, mode: HostRow['mode']): Promise<void> {
  const { gpus, labels, driver } = hello;
  const about = { run, engine: `${hello.engine.kind} ${hello.engine.version}`, gpus, labels };
  await queries
    .insert(hosts)
    .values({ name: hello.host, mode, ...about, driver })
    // A driver that could not be read this time is still the one that was.
    .onConflictDoUpdate({ target: hosts.name, set: { ...about, lastSequence: 0, driver: sql`coalesce(${driver}, ${hosts.driver})` } });
}

export async function findHost(queries: Queries, name: string): Promise<HostRow | null> {
  const [row] = await queries.select().from(hosts).where(eq(hosts.name, name));
  return row ?? null;
}

/** Name of the host whose agent runs as this run, or null. */
export async function findHostByRun(queries: Queries, run: string): Promise<string | null> {
  const [row] = await queries.select({ name: hosts.name }).from(hosts).where(eq(hosts.run, run));
  return row?.name ?? null;
}

export async function allHosts(queries: Queries): Promise<HostRow[]> {
  return queries.select().from(hosts).orderBy(asc(hosts.name));
}

/** True when the report is of the current run and newer than the last one; it is recorded then, in the caller's transaction. */
export async function takeReport(tx: Transaction, report: Report, at: Date): Promise<boolean> {
  const rows = await tx
    .update(hosts)
    .set({
      lastSequence: report.sequence,
      appliedRevision: report.appliedRevision,
      lastReportAt: at,
      problems: report.problems,
      orphans: report.orphans,
    })
    .where(and(eq(hosts.name, report.host), eq(hosts.run, report.run), lt(hosts.lastSequence, report.sequence)))
    .returning({ name: hosts.name });
  return rows.length === 1;
}

/** Raises the host's desired revision and wakes its agent. Locks the host's row: before any allocation's. */
export async function raiseRevision(tx: Transaction, host: string): Promise<number> {
  const [row] = await tx
    .update(hosts)
    .set({ desiredRevision: sql`${hosts.desiredRevision} + 1` })
    .where(eq(hosts.name, host))
    .returning({ revision: hosts.desiredRevision });
  if (row === undefined) throw new Error(`no host ${host}`);
  await notify(tx, `desired:${host}`);
  return row.revision;
}

/** Takes over what the host saw of its devices. A UUID known on another host stays there; those are returned. */
export async function saveDevices(tx: Transaction, host: string, seen: NonNullable<Report['devices']>, at: Date): Promise<string[]> {
  const uuids = seen.map(({ uuid }) => uuid);
  const known = new Map(
    uuids.length === 0 ? [] : (await tx.select().from(devices).where(inArray(devices.uuid, uuids))).map((row) => [row.uuid, row]),
  );
  await tx
    .update(devices)
    .set({ present: false, clearReports: 0, occupancy: 'unknown' })
    .where(and(eq(devices.host, host), eq(devices.present, true), ...(uuids.length === 0 ? [] : [notInArray(devices.uuid, uuids)])));
  const elsewhere = seen.filter(({ uuid }) => (known.get(uuid)?.host ?? host) !== host).map(({ uuid }) => uuid);
  // By UUID: one statement cannot write a row twice.
  const mine = new Map(seen.filter(({ uuid }) => !elsewhere.includes(uuid)).map((device) => [device.uuid, device]));
  const values = [...mine.values()].map((device) => ({
    uuid: device.uuid,
    host,
    index: device.index,
    model: device.model,
    memoryMib: device.memoryMib,
    present: true,
    clearReports: clearReports(known.get(device.uuid)?.clearReports ?? null, device),
    occupancy: occupancyOf(device),
    parent: device.parent ?? null,
    foreign: device.foreign,
    seenAt: at,
  }));
  const set = {
    index: sql`excluded.index`,
    model: sql`excluded.model`,
    memoryMib: sql`excluded.memory_mib`,
    present: true,
    clearReports: sql`excluded.clear_reports`,
    occupancy: sql`excluded.occupancy`,
    parent: sql`excluded.parent`,
    foreign: sql`excluded.foreign`,
    seenAt: at,
  };
  // All of them at once: a host may have 56 slices.
  if (values.length > 0) await tx.insert(devices).values(values).onConflictDoUpdate({ target: devices.uuid, set });
  return elsewhere;
}

/** The probe failed: what is on the devices is unknown, so none of them is leased until they are seen clear again. */
export async function devicesUnknown(tx: Transaction, host: string): Promise<void> {
  await tx.update(devices).set({ clearReports: 0, occupancy: 'unknown' }).where(eq(devices.host, host));
}

/** What the host says of its own allocations; those it no longer has are forgotten once they are no longer `hosted` there. */
export async function saveObserved(
  tx: Transaction,
  host: string,
  { reports, hosted }: { readonly reports: readonly ObservedAllocation[]; readonly hosted: readonly string[] },
  at: Date,
): Promise<void> {
  await tx
    .delete(observed)
    .where(and(eq(observed.host, host), ...(hosted.length === 0 ? [] : [notInArray(observed.allocationId, [...hosted])])));
  if (reports.length === 0) return;
  await tx
    .insert(observed)
    .values(
      reports.map((report) => ({
        host,
        allocationId: report.allocation,
        report,
        at,
        runningAt: report.status === 'running' ? at : null,
      })),
    )
    .onConflictDoUpdate({
      target: [observed.host, observed.allocationId],
      set: { report: sql`excluded.report`, at, runningAt: sql`coalesce(excluded.running_at, ${observed.runningAt})` },
    });
}

export interface LiveDevice extends DeviceRow {
  /** Allocation that holds it, or null. */
  readonly leasedTo: string | null;
  /** Leased as the whole of it or in part: its card, or one of its slices. */
  readonly leasedOtherwise: boolean;
  /** Of its host. */
  readonly labels: readonly string[];
}

/** Devices in their host's last report or still leased, with who holds them. */
export async function liveDevices(queries: Queries): Promise<LiveDevice[]> {
  return (await inventory(queries)).devices;
}

/**
 * Hosts with what is live on them, in one statement: read by two, a report between them would show a host that speaks again with its
 * devices as they were before it.
 */
export async function inventory(queries: Queries): Promise<{ hosts: HostRow[]; devices: LiveDevice[] }> {
  const rows = await queries
    .select({ host: hosts, device: devices, leasedTo: leases.allocationId })
    .from(hosts)
    .leftJoin(devices, eq(devices.host, hosts.name))
    .leftJoin(leases, and(eq(leases.device, devices.uuid), sql`${leases.releasedAt} is null`))
    .orderBy(asc(hosts.name), asc(devices.index));
  const found = rows.flatMap(({ host, device, leasedTo }) => (device === null ? [] : [{ ...device, leasedTo, labels: host.labels }]));
  const leased = found.filter(({ leasedTo }) => leasedTo !== null);
  const cards = new Set(leased.map(({ uuid }) => uuid));
  const inPart = new Set(leased.map(({ parent }) => parent));
  return {
    hosts: [...new Map(rows.map(({ host }) => [host.name, host])).values()],
    devices: found
      .filter(({ present, leasedTo }) => present || leasedTo !== null)
      .map((device) => {
        const leasedOtherwise = inPart.has(device.uuid) || (device.parent !== null && cards.has(device.parent));
        return { ...device, leasedOtherwise };
      }),
  };
}

/**
 * Enabled hosts with how many devices of a kind they have, free or not, by host and in the order of the first of each kind; `model` null: a
 * host without any.
 */
export async function enabledDevices(queries: Queries) {
  const leased = sql`exists (select 1 from ${leases} where ${leases.device} = ${devices.uuid} and ${leases.releasedAt} is null)`;
  return queries
    .select({
      host: hosts.name,
      driver: hosts.driver,
      labels: hosts.labels,
      model: devices.model,
      memoryMib: devices.memoryMib,
      count: sql<number>`count(${devices.uuid})::int`,
    })
    .from(hosts)
    .leftJoin(devices, and(eq(devices.host, hosts.name), sql`(${devices.present} or ${leased})`))
    .where(eq(hosts.mode, 'enabled'))
    .groupBy(hosts.name, devices.model, devices.memoryMib)
    .orderBy(asc(hosts.name), sql`min(${devices.index})`);
}

/** Allocations that have, or had until it is confirmed gone, a container on a host. */
export async function hostedOn(queries: Queries, host: string) {
  const rows = await queries
    .select({ allocation: allocations, holder: members })
    .from(allocations)
    .innerJoin(members, eq(members.id, allocations.memberId))
    .where(and(eq(allocations.host, host), inArray(allocations.state, [...hostStates])))
    .orderBy(asc(allocations.id));
  return rows;
}
