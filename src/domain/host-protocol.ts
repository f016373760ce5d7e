// The messages between the bot and the agent of one GPU host; both sides validate every message with these schemas.
// Hosts write what *is*; the bot writes what *should be*. See docs/architecture.md, "Agent protocol".
import { z } from 'zod';
import { DriverVersion } from './driver.ts';
import { MergedEnvironment } from './environment.ts';

/** Version of this protocol, carried in every message. The bot serves this one and the one before. */
export const PROTOCOL = 1;

/** Time an agent's long poll for the desired list is held, in seconds. */
export const DESIRED_HOLD_SECONDS = 25;
/** Time between two reports when nothing changes, in seconds. */
export const REPORT_EVERY_SECONDS = 5;

export const AllocationId = z.string().regex(/^al-[0-9a-z]{6,16}$/);
export const HostName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9.-]{0,62}$/, 'a host name has lower-case letters, digits, dots and dashes, at most 63');
/** Told apart as a whole: "nvlink", "rack=a". */
export const HostLabel = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._=-]{0,62}$/, 'a label has lower-case letters, digits, dot, dash, underscore and =, at most 63');
/** Full NVIDIA UUID of a GPU or a MIG device; never an index. */
export const DeviceUuid = z.string().regex(/^(GPU|MIG)-[0-9A-Za-z/-]{8,80}$/);
const Revision = z.int().nonnegative();
const Fence = z.int().positive();
const Words = z.string().max(500);

/** Limits of one container: thousandths of a CPU, MiB, processes. */
export const ContainerLimits = z.strictObject({
  cpuMilli: z.int().positive(),
  memoryMib: z.int().positive(),
  shmMib: z.int().positive(),
  pids: z.int().positive(),
});
export type ContainerLimits = z.infer<typeof ContainerLimits>;

/** One container of the host's desired list. `stopped` stays named until the bot has seen it reported stopped. */
export const DesiredContainer = z.strictObject({
  allocation: AllocationId,
  fence: Fence,
  wanted: z.enum(['running', 'stopped']),
  /** Ledger id of the member (directory name of the workspace), and the Unix identity inside the container. */
  member: z.strictObject({ id: z.string().regex(/^m-[0-9]{1,12}$/), uid: z.int().positive(), gid: z.int().positive() }),
  image: z.string().min(1).max(255),
  /** UUIDs to bind, sorted, each once; empty = CPU only. */
  devices: z.array(DeviceUuid).max(64),
  limits: ContainerLimits,
  /** Frozen when it was placed, as all of the above: a later policy does not change what runs. */
  environment: MergedEnvironment.default({}),
  /** Mount names; the agent's own configuration maps a name to a path. */
  mounts: z.array(z.enum(['workspace'])).max(8),
  /** Shown to the member by the agent, never enforced by it. ISO 8601 UTC, null until the lease has started. */
  leaseEndsAt: z.iso.datetime().nullable(),
  stopGraceSeconds: z.int().nonnegative().max(600),
});
export type DesiredContainer = z.infer<typeof DesiredContainer>;

/** `GET /v1/desired?run=RUN&after=REVISION` → 200 with this, or 204 when nothing newer came within the hold. */
export const DesiredList = z.strictObject({
  protocol: z.int(),
  ledger: z.uuid(),
  host: HostName,
  revision: Revision,
  containers: z.array(DesiredContainer).max(4096),
});
export type DesiredList = z.infer<typeof DesiredList>;

/** A process on a device that runs in none of this ledger's containers. `owner` is the Unix user's name or uid as text, if it could be read. */
export const ForeignProcess = z.strictObject({
  pid: z.int().positive(),
  owner: z.string().max(64).nullable(),
  command: z.string().max(200),
});
export type ForeignProcess = z.infer<typeof ForeignProcess>;

/** One GPU or MIG device as the probe saw it. Absent or faulty numbers are null: unknown is never 0. */
export const ObservedDevice = z.strictObject({
  uuid: DeviceUuid,
  /** Of a MIG device, the card that it is a slice of. */
  parent: DeviceUuid.optional(),
  index: z.int().nonnegative(),
  model: z.string().max(120),
  memoryMib: z.int().positive(),
  memoryUsedMib: z.int().nonnegative().nullable(),
  utilizationPercent: z.int().min(0).max(100).nullable(),
  /** Memory in use beyond what this ledger's containers on the device explain, MiB; null = unknown. */
  foreignMemoryMib: z.int().nonnegative().nullable(),
  foreign: z.array(ForeignProcess).max(64),
});
export type ObservedDevice = z.infer<typeof ObservedDevice>;

/** Why a container could not be brought up. Nothing of this fence is left on the host when a failure is reported. */
export const FailureCode = z.enum([
  'image_missing',
  'device_missing',
  'name_taken',
  'stale_fence',
  'refused_by_host',
  'network_unsafe',
  'engine_failed',
]);
export type FailureCode = z.infer<typeof FailureCode>;

/** How a container that ran came to its end without being told to. */
export const EndCause = z.enum(['exited', 'out_of_memory', 'removed']);
export type EndCause = z.infer<typeof EndCause>;

/**
 * State on the host of one allocation named in the applied desired list:
 * - `pending`: being worked on; `running`: up, with exactly these devices bound;
 * - `ended`: it ran and ended by itself (the container no longer runs); `failed`: it never came up and nothing is left;
 * - `stopped`: not running, and no GPU process of it is left (also when it never existed here).
 */
export const ObservedAllocation = z.discriminatedUnion('status', [
  z.strictObject({ allocation: AllocationId, fence: Fence, status: z.literal('pending'), detail: Words }),
  z.strictObject({
    allocation: AllocationId,
    fence: Fence,
    status: z.literal('running'),
    containerId: z.string().max(64),
    containerName: z.string().max(128),
    startedAt: z.iso.datetime(),
    devices: z.array(DeviceUuid).max(64),
  }),
  z.strictObject({
    allocation: AllocationId,
    fence: Fence,
    status: z.literal('ended'),
    cause: EndCause,
    exitCode: z.int().nullable(),
    detail: Words,
  }),
  z.strictObject({ allocation: AllocationId, fence: Fence, status: z.literal('failed'), code: FailureCode, detail: Words }),
  z.strictObject({ allocation: AllocationId, fence: Fence, status: z.literal('stopped') }),
]);
export type ObservedAllocation = z.infer<typeof ObservedAllocation>;

/** A container with our label and this ledger's id that the desired list does not name: reported, never stopped on a guess. */
export const Orphan = z.strictObject({
  allocation: z.string().max(64),
  fence: z.int().nonnegative(),
  containerId: z.string().max(64),
  containerName: z.string().max(128),
  running: z.boolean(),
});
export type Orphan = z.infer<typeof Orphan>;

/** Something the host's admin has to know, with a stable code. `blocking` problems keep new containers from starting. */
export const HostProblem = z.strictObject({
  code: z.enum([
    'ledger_changed',
    'revision_went_back',
    'network_unsafe',
    'engine_unreachable',
    'probe_failed',
    'workspace_unusable',
    'workspace_mount',
  ]),
  detail: Words,
  blocking: z.boolean(),
});
export type HostProblem = z.infer<typeof HostProblem>;

/** `POST /v1/hello`: the first message of an agent process. Answered with `Welcome`. */
export const Hello = z.strictObject({
  protocol: z.int(),
  host: HostName,
  agentVersion: z.string().max(40),
  engine: z.strictObject({ kind: z.enum(['docker', 'simulated']), version: z.string().max(80) }),
  gpus: z.enum(['nvidia', 'simulated', 'none']),
  /** Of the NVIDIA driver; null: none, or it could not be read. */
  driver: DriverVersion.nullable().default(null),
  /** From the host's own configuration. */
  labels: z.array(HostLabel).max(32).default([]),
});
export type Hello = z.infer<typeof Hello>;

/** The run id is new for each hello and ends the run before; it stands in every later message. */
export const Welcome = z.strictObject({ protocol: z.int(), ledger: z.uuid(), run: z.uuid() });
export type Welcome = z.infer<typeof Welcome>;

/** `POST /v1/report`: everything the host observes. Applied only if `run` is the current run and `sequence` is higher than the last. */
export const Report = z.strictObject({
  protocol: z.int(),
  host: HostName,
  run: z.uuid(),
  sequence: z.int().positive(),
  /** The highest desired revision whose list the agent has taken over; 0 = none yet. */
  appliedRevision: Revision,
  allocations: z.array(ObservedAllocation).max(4096),
  orphans: z.array(Orphan).max(4096),
  /** Null when the probe failed: the devices known so far become unknown, not absent. */
  devices: z.array(ObservedDevice).max(256).nullable(),
  problems: z.array(HostProblem).max(32),
});
export type Report = z.infer<typeof Report>;

/** Answer to a report that was applied (200). A stale run or sequence is answered 409 with `Rejection`, and the agent says hello again. */
export const ReportReceipt = z.strictObject({ protocol: z.int(), applied: z.boolean() });
export type ReportReceipt = z.infer<typeof ReportReceipt>;

/** Body of every 4xx answer, and of 503 with `busy`: others are deciding, nothing was applied, and a later report says it all again. */
export const Rejection = z.strictObject({
  code: z.enum(['bad_message', 'unknown_host', 'stale_run', 'stale_sequence', 'protocol_unsupported', 'busy']),
  message: z.string(),
});
export type Rejection = z.infer<typeof Rejection>;
