// The policy: who may use what, how much, for how long, and when a person must approve. Validated once, then read as data.
import { z } from 'zod';
import { Environment } from './environment.ts';
import { HostName, type ContainerLimits } from './host-protocol.ts';
import { sliceMilli, WHOLE_GPU_MILLI } from './capacity.ts';
import { parseDurationSeconds } from './grammar/duration.ts';

/** Name of the built-in pool without devices. */
export const CPU_POOL = 'cpu';

const Duration = z.string().transform((text, context) => {
  const seconds = parseDurationSeconds(text);
  if (seconds !== null) return seconds;
  context.addIssue({ code: 'custom', message: `"${text}" is no duration; write for example "8h", "90m" or "2 days"` });
  return z.NEVER;
});
const SlackUser = z.string().regex(/^[UW][A-Z0-9]{2,20}$/, 'a Slack user id starts with U or W, for example U024BE7LH');
const SlackGroup = z.string().regex(/^S[A-Z0-9]{2,20}$/, 'a Slack user group id starts with S');
const SlackChannel = z.string().regex(/^[CG][A-Z0-9]{2,20}$/, 'a Slack channel id starts with C or G');
const Name = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,40}$/, 'names are lower-case letters, digits, dot, dash and underscore');

const Share = z.strictObject({
  cpus: z.int().positive(),
  memoryGib: z.int().positive(),
  shmGib: z.int().positive().optional(),
  pids: z.int().min(16).default(512),
});

const Milli = 'at most three decimals, for example 0.5';
/** Number of GPUs, slices as fractions. */
const Gpus = z
  .number()
  .nonnegative()
  .max(100_000)
  .refine((value) => Number.isInteger(Math.round(value * 1e6) / 1000), Milli);

/** A member's limits; what is left out of a layer comes from the one below it. */
const Quota = z.strictObject({
  /** At the same time. */
  gpus: Gpus,
  gpusPerRequest: Gpus,
  cpuContainers: z.int().nonnegative().max(10_000),
  /** Of one lease; the pool's own maximum holds as well. */
  maxDuration: Duration.optional(),
  /** Per `period`. */
  gpuHours: z.int().nonnegative().max(1_000_000_000).optional(),
});

const People = z.union([z.strictObject({ list: z.array(SlackUser) }), z.strictObject({ group: SlackGroup })]);

const Team = z.strictObject({
  name: Name,
  members: People,
  /** For each of its members, instead of the defaults. */
  each: Quota.partial().default({}),
  /** For all its members together. */
  total: Quota.pick({ gpus: true, gpuHours: true }).partial().default({}),
});

/** When a request starts without a person: never, always, or while it is small and delays nobody. */
const Approval = z.union([
  z.enum(['none', 'required']),
  z.strictObject({
    unless: z.strictObject({ gpus: Gpus, duration: Duration, nobodyWaits: z.boolean().default(true) }),
  }),
]);

const Match = z
  .strictObject({
    model: z.string().min(1).optional(),
    /** GiB of the device, give or take 10 %: vendors count differently. */
    memoryGib: z.int().positive().optional(),
    /** MIG profile, for example 2g.20gb. */
    mig: z
      .string()
      .regex(/^[1-7]g\.[1-9][0-9]{0,2}gb$/, 'a MIG profile reads like 2g.20gb')
      .optional(),
    host: z.array(z.string().min(1)).min(1).optional(),
  })
  .refine((match) => Object.values(match).some((value) => value !== undefined), 'name at least one of model, memoryGib, mig, host');

const Pool = z.strictObject({
  name: Name.refine((name) => name !== CPU_POOL, '"cpu" is the built-in pool; configure it under "cpu:"'),
  /** All of what is named has to fit a device. The first pool that matches a device has it. */
  match: Match,
  /** Memory of one device, GiB: what "1 gpu 24gb" is compared with. */
  memoryGib: z.int().positive(),
  approval: Approval,
  maxDuration: Duration,
  /** GPU-hours that an hour of one GPU costs. */
  rate: z.number().min(0).max(1000).default(1),
  perGpu: Share,
  environment: Environment.default({}),
});

/** The ledger keeps the reference, so no two images may have the same. */
const Image = z.strictObject({ name: Name, reference: z.string().min(1).max(255), environment: Environment.default({}) });

const Host = z.strictObject({ name: HostName, environment: Environment.default({}) });

export const Policy = z
  .strictObject({
    channel: SlackChannel,
    members: z.union([z.literal('everyone'), People]),
    /** Single- and multi-channel guests that may use Berth all the same. */
    guests: z.array(SlackUser).default([]),
    approvers: z.array(SlackUser).default([]),
    admins: z.array(SlackUser).min(1),
    /** Whose quota one may look at besides one's own; admins see everybody's. */
    visibility: z.enum(['self', 'team', 'all']).default('team'),
    selfApproval: z.boolean().default(false),
    quota: Quota,
    /** Of every budget of GPU-hours; weeks begin on Monday, both at 00:00 UTC. */
    period: z.enum(['week', 'month']).default('week'),
    /** Whoever is in several is paid for by the first. */
    teams: z.array(Team).max(1000).default([]),
    /** Members with limits of their own, over those of their team. */
    people: z
      .array(z.strictObject({ user: SlackUser, quota: Quota.partial() }))
      .max(20_000)
      .default([]),
    /** Requests of one member that wait, for a person or for a place. */
    openRequests: z.int().positive().max(10_000).default(20),
    /** Commands and clicks of one member. */
    actionsPerMinute: z.int().positive().max(100_000).default(60),
    defaultDuration: Duration,
    /** By what a lease is extended at a click, and by how much a member may extend without asking anybody, all leases together. */
    extension: z
      .strictObject({ step: Duration.default(4 * 3600), perWeek: Duration.default(24 * 3600) })
      .default({ step: 4 * 3600, perWeek: 24 * 3600 }),
    approvalLapse: Duration.default(24 * 3600),
    queueLapse: Duration.default(7 * 86_400),
    stopGraceSeconds: z.int().min(0).max(600).default(30),
    pools: z.array(Pool).max(100),
    cpu: z.strictObject({ approval: z.enum(['none', 'required']).default('none'), maxDuration: Duration, share: Share }),
    images: z.array(Image).min(1),
    /** Variables of every container; over them those of its host, its pool, its image. */
    environment: Environment.default({}),
    /** What the policy says of single hosts. */
    hosts: z.array(Host).max(1000).default([]),
  })
  .superRefine((policy, context) => {
    for (const [list, names] of [
      ['pools', policy.pools.map((pool) => pool.name)],
      ['images', policy.images.map((image) => image.name)],
      ['images', policy.images.map((image) => image.reference)],
      ['hosts', policy.hosts.map((host) => host.name)],
      ['teams', policy.teams.map((team) => team.name)],
      ['people', policy.people.map(({ user }) => user)],
    ] as const) {
      const seen = new Set<string>();
      const twice = names.find((name) => seen.size === seen.add(name).size);
      if (twice !== undefined) context.addIssue({ code: 'custom', path: [list], message: `"${twice}" is named twice` });
    }
  });

/** Durations in seconds. */
export type Policy = z.infer<typeof Policy>;
/** A pool as a request sees it, the built-in one included. */
export interface PoolTerms {
  readonly name: string;
  readonly approval: Policy['pools'][number]['approval'];
  readonly maxDurationSeconds: number;
  readonly memoryMib: number | null;
  /** Capacity of one device, milli-GPU; 0 without devices. */
  readonly deviceMilli: number;
  /** What a second of a whole GPU costs, in thousandths. */
  readonly rateMilli: number;
}

export function poolTerms(policy: Policy): readonly PoolTerms[] {
  const gpu = policy.pools.map(({ name, approval, maxDuration, memoryGib, match, rate }) => ({
    name,
    approval,
    maxDurationSeconds: maxDuration,
    memoryMib: memoryGib * 1024,
    deviceMilli: match.mig === undefined ? WHOLE_GPU_MILLI : sliceMilli(match.mig, match.model ?? ''),
    rateMilli: Math.round(rate * 1000),
  }));
  const { approval, maxDuration } = policy.cpu;
  return [...gpu, { name: CPU_POOL, approval, maxDurationSeconds: maxDuration, memoryMib: null, deviceMilli: 0, rateMilli: 0 }];
}

/** The pool that examples name: the first with devices, or `cpu` where there is none. */
export function examplePool(pools: readonly { readonly name: string }[]): string {
  return pools.find(({ name }) => name !== CPU_POOL)?.name ?? CPU_POOL;
}

export interface PooledDevice {
  readonly model: string;
  readonly memoryMib: number;
  readonly host: string;
}

/** Name of the pool a device belongs to: the first whose `match` fits, or null. */
export function poolOfDevice(policy: Policy, { model, memoryMib, host }: PooledDevice): string | null {
  const lower = model.toLowerCase();
  const fits = ({ match }: Policy['pools'][number]) =>
    (match.model === undefined || lower.includes(match.model.toLowerCase())) &&
    // Slices are named after their card: whoever asks for whole GPUs does not mean them.
    (match.mig === undefined ? !lower.includes(' mig ') : lower.includes(` mig ${match.mig}`)) &&
    (match.memoryGib === undefined || Math.abs(memoryMib - match.memoryGib * 1024) <= match.memoryGib * 102.4) &&
    (match.host === undefined || match.host.includes(host));
  return policy.pools.find(fits)?.name ?? null;
}

/** Limits of a container with so many devices of a pool: each device brings its share, `cpu` has one share. */
export function containerLimits(policy: Policy, pool: string, devices: number): ContainerLimits {
  const share = policy.pools.find(({ name }) => name === pool)?.perGpu ?? policy.cpu.share;
  const times = Math.max(1, devices);
  const memoryMib = share.memoryGib * 1024 * times;
  return {
    cpuMilli: share.cpus * 1000 * times,
    memoryMib,
    // PyTorch's data loaders live in /dev/shm: a quarter of the memory unless the policy says otherwise (docs: DOCKER limits).
    shmMib: share.shmGib === undefined ? Math.floor(memoryMib / 4) : share.shmGib * 1024 * times,
    pids: share.pids,
  };
}

/** Variables of a container placed there; `image`: its reference. The narrower map wins. */
export function containerEnvironment(
  policy: Policy,
  { pool, host, image }: { readonly pool: string; readonly host: string; readonly image: string },
): Environment {
  return {
    ...policy.environment,
    ...policy.hosts.find(({ name }) => name === host)?.environment,
    ...policy.pools.find(({ name }) => name === pool)?.environment,
    ...policy.images.find(({ reference }) => reference === image)?.environment,
  };
}
