// The tables of the ledger. Times are UTC; amounts are integers; no statement ever asks the database for the time.
import { sql } from 'drizzle-orm';
import {
  bigserial,
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgSequence,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { among, count, moment } from './columns.ts';
import { holdingStates, hostStates, states, type State } from '../domain/lifecycle.ts';
import type { Environment } from '../domain/environment.ts';
import { occupancies, type Occupancy } from '../domain/host-effects.ts';
import type { ContainerLimits, ForeignProcess, HostProblem, ObservedAllocation, Orphan } from '../domain/host-protocol.ts';

/** One row: which ledger this is. Agents obey no other. */
export const ledger = pgTable(
  'ledger',
  { one: boolean('one').primaryKey().default(true), id: uuid('id').notNull(), createdAt: moment('created_at').notNull() },
  (t) => [check('only_one_ledger', sql`${t.one}`)],
);

/** Policies as imported; the highest version is in force. */
export const policies = pgTable('policies', {
  version: integer('version').primaryKey().generatedAlwaysAsIdentity(),
  importedAt: moment('imported_at').notNull(),
  document: jsonb('document').notNull(),
});

/** Unix ids inside containers: one per member, never reused. */
export const unixIds = pgSequence('unix_ids', { startWith: 200_000, minValue: 200_000, maxValue: 299_999 });
/** Fences: one per placement, over all hosts; a higher one always wins. */
export const fences = pgSequence('fences', { startWith: 1 });
/** Places in line: one per entry into a queue, so that first come is first served whatever the clock says. */
export const queuePlaces = pgSequence('queue_places', { startWith: 1 });

export const members = pgTable(
  'members',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    slackTeam: text('slack_team').notNull(),
    slackUser: text('slack_user').notNull(),
    name: text('name').notNull(),
    zone: text('zone').notNull(),
    unixId: integer('unix_id')
      .notNull()
      .unique('one_unix_id_per_member')
      .default(sql`nextval('unix_ids')`),
    firstSeenAt: moment('first_seen_at').notNull(),
  },
  (t) => [uniqueIndex('one_member_per_slack_user').on(t.slackTeam, t.slackUser)],
);

export const hosts = pgTable('hosts', {
  name: text('name').primaryKey(),
  mode: text('mode', { enum: ['enabled', 'observe', 'draining'] }).notNull(),
  /** Of the agent process that said hello last; reports of any other are refused. */
  run: uuid('run').notNull(),
  lastSequence: count('last_sequence').notNull().default(0),
  /** Only grows; raised in the transaction that changes the host's desired list. */
  desiredRevision: count('desired_revision').notNull().default(1),
  appliedRevision: count('applied_revision').notNull().default(0),
  engine: text('engine').notNull(),
  gpus: text('gpus').notNull(),
  /** Of the NVIDIA driver, as last said; null: none, or never read. */
  driver: text('driver'),
  labels: jsonb('labels').$type<string[]>().notNull().default([]),
  lastReportAt: moment('last_report_at'),
  problems: jsonb('problems').$type<HostProblem[]>().notNull().default([]),
  orphans: jsonb('orphans').$type<Orphan[]>().notNull().default([]),
});

export const devices = pgTable(
  'devices',
  {
    uuid: text('uuid').primaryKey(),
    host: text('host')
      .notNull()
      .references(() => hosts.name),
    index: integer('index').notNull(),
    model: text('model').notNull(),
    memoryMib: integer('memory_mib').notNull(),
    /** In the host's last report. */
    present: boolean('present').notNull(),
    /** Reports in a row without a stranger on it; under 2 it is occupied or unknown and is not leased. */
    clearReports: integer('clear_reports').notNull(),
    /** In the last report. */
    occupancy: text('occupancy').$type<Occupancy>().notNull(),
    /** UUID of the card that it is a slice of, or null: a card and its slices are never leased together (trigger a_card_or_its_slices). */
    parent: text('parent'),
    foreign: jsonb('foreign').$type<ForeignProcess[]>().notNull().default([]),
    seenAt: moment('seen_at').notNull(),
  },
  (t) => [index('devices_of_host').on(t.host), check('occupancy_is_known', among(t.occupancy, occupancies))],
);

export const allocations = pgTable(
  'allocations',
  {
    id: text('id').primaryKey(),
    memberId: count('member_id')
      .notNull()
      .references(() => members.id),
    state: text('state').$type<State>().notNull(),
    version: integer('version').notNull().default(1),
    requestedAt: moment('requested_at').notNull(),
    /** What was asked … */
    pool: text('pool').notNull(),
    deviceCount: integer('device_count').notNull(),
    capacityMilli: integer('capacity_milli').notNull(),
    image: text('image').notNull(),
    /** Milli-GPU-seconds per second: capacity at the pool's rate. */
    chargeMilli: integer('charge_milli').notNull(),
    /** The team that pays, or null. */
    team: text('team'),
    /** The image runs with this driver or a newer one; null: with any. */
    minDriver: text('min_driver'),
    /** Frozen at the request, as those above: a later policy does not change what runs or what it costs. */
    limits: jsonb('limits').$type<ContainerLimits>().notNull(),
    durationSeconds: integer('duration_seconds').notNull(),
    until: moment('until'),
    onHost: text('on_host'),
    purpose: text('purpose').notNull(),
    /** … when it lapses unless a person answers, or it is placed … */
    lapsesAt: moment('lapses_at').notNull(),
    queuedAt: moment('queued_at'),
    queuePlace: count('queue_place'),
    /** … and what was granted. */
    host: text('host').references(() => hosts.name),
    fence: count('fence'),
    /** Frozen when it was placed. */
    environment: jsonb('environment').$type<Environment>().notNull().default({}),
    placedAt: moment('placed_at'),
    addedRevision: count('added_revision'),
    activeAt: moment('active_at'),
    leaseEndsAt: moment('lease_ends_at'),
    containerName: text('container_name'),
    retiringAt: moment('retiring_at'),
    retiringRevision: count('retiring_revision'),
    endedAt: moment('ended_at'),
    /** The last change in words of the ledger: who did it, and why; shown on cards. */
    changedBy: text('changed_by').notNull(),
    changedAt: moment('changed_at').notNull(),
    reason: text('reason'),
  },
  (t) => [
    check('state_is_known', among(t.state, states)),
    check(
      'capacity_is_positive_for_devices',
      sql`${t.deviceCount} >= 0 and ${t.capacityMilli} >= 0 and (${t.deviceCount} = 0) = (${t.capacityMilli} = 0)`,
    ),
    check(
      'placed_means_host_and_fence',
      sql`not (${among(t.state, hostStates)}) or (${t.host} is not null and ${t.fence} is not null and ${t.addedRevision} is not null)`,
    ),
    check('queued_means_place', sql`${t.state} <> 'queued' or ${t.queuePlace} is not null`),
    check('active_means_lease_end', sql`${t.state} <> 'active' or (${t.activeAt} is not null and ${t.leaseEndsAt} is not null)`),
    index('allocations_holding').on(t.memberId).where(among(t.state, holdingStates)),
    index('allocations_placed_last')
      .on(t.memberId, t.placedAt)
      .where(sql`${t.placedAt} is not null`),
    index('allocations_of_team').on(t.team).where(among(t.state, holdingStates)),
    check('charge_is_not_negative', sql`${t.chargeMilli} >= 0`),
    index('allocations_by_state').on(t.state, t.pool, t.queuePlace).where(among(t.state, holdingStates)),
    index('allocations_on_host').on(t.host).where(among(t.state, hostStates)),
  ],
);

export const leases = pgTable(
  'leases',
  {
    allocationId: text('allocation_id')
      .notNull()
      .references(() => allocations.id),
    device: text('device')
      .notNull()
      .references(() => devices.uuid),
    fence: count('fence').notNull(),
    leasedAt: moment('leased_at').notNull(),
    releasedAt: moment('released_at'),
  },
  (t) => [
    primaryKey({ columns: [t.allocationId, t.device] }),
    uniqueIndex('one_live_lease_per_device')
      .on(t.device)
      .where(sql`${t.releasedAt} is null`),
  ],
);

/** Append-only: every state change, who caused it and why, written in its transaction. */
export const events = pgTable(
  'events',
  {
    sequence: bigserial('sequence', { mode: 'number' }).primaryKey(),
    allocationId: text('allocation_id')
      .notNull()
      .references(() => allocations.id),
    event: text('event').notNull(),
    fromState: text('from_state'),
    toState: text('to_state').notNull(),
    version: integer('version').notNull(),
    at: moment('at').notNull(),
    actor: text('actor').notNull(),
    detail: jsonb('detail').notNull(),
  },
  (t) => [
    uniqueIndex('one_event_per_version').on(t.allocationId, t.version),
    check('event_states_are_known', sql`(${t.fromState} is null or ${among(t.fromState, states)}) and ${among(t.toState, states)}`),
  ],
);

/** What each host said last about each allocation it was told of. */
export const observed = pgTable(
  'observed',
  {
    host: text('host')
      .notNull()
      .references(() => hosts.name),
    allocationId: text('allocation_id').notNull(),
    report: jsonb('report').$type<ObservedAllocation>().notNull(),
    at: moment('at').notNull(),
    /** When it was last reported running. */
    runningAt: moment('running_at'),
  },
  (t) => [primaryKey({ columns: [t.host, t.allocationId] })],
);
