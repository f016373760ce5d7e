// The policy: who may use what, how much, for how long, and when a person must approve. Validated once, then read as data.
import { z } from 'zod';
import { Environment } from './environment.ts';
import type { ContainerLimits } from './host-protocol.ts';
import { sliceMilli, WHOLE_GPU_MILLI } from './capacity.ts';
import {
  Day,
  Duration,
  Host,
  Hours,
  Image,
  orElse,
  People,
  Pool,
  Quota,
  Share,
  SlackChannel,
  SlackUser,
  SlackUserOrGroup,
  Team,
  Wait,
} from './policy-parts.ts';

/** Name of the built-in pool without devices. */
export const CPU_POOL = 'cpu';

const APPROVAL_REMINDER = 4 * 3600;
const EXTENSION = { step: 4 * 3600, perWeek: 24 * 3600 };

const GROUP_WAIT = 24 * 3600;

const Shape = z.strictObject({
  /** Where requests that need a person are shown. */
  channel: SlackChannel,
  members: z.union([z.literal('everyone'), People], 'write everyone, {list: [U…, U…]}, or {group: S…} for a Slack user group'),
  /** Single- and multi-channel guests that may use Berth all the same. */
  guests: orElse(z.array(SlackUser), []),
  approvers: orElse(z.array(SlackUserOrGroup), []),
  /** Who is asked besides them once nobody has answered for so long (working time, where there are `hours`); in their order. */
  escalation: orElse(z.array(z.strictObject({ after: Duration, approvers: z.array(SlackUserOrGroup).min(1) })).max(10), []),
  /** After how long without an answer those who were asked are reminded, once. */
  approvalReminder: orElse(Wait, APPROVAL_REMINDER),
  admins: z.array(SlackUser).min(1),
  /** How long one has to be in a group of approvers or of a team before it counts. */
  groupWait: orElse(Wait, GROUP_WAIT),
  /** Whose quota one may look at besides one's own; admins see everybody's. */
  visibility: orElse(z.enum(['self', 'team', 'all']), 'team'),
  selfApproval: orElse(z.boolean(), false),
  quota: Quota,
  /** Of every budget of GPU-hours; weeks begin on Monday, both at 00:00 UTC. */
  period: orElse(z.enum(['week', 'month']), 'week'),
  /** Whoever is in several is paid for by the first. */
  teams: orElse(z.array(Team).max(1000), []),
  /** Members with limits of their own, over those of their team. */
  people: orElse(z.array(z.strictObject({ user: SlackUser, quota: Quota.partial() })).max(20_000), []),
  /** Requests of one member that wait, for a person or for a place. */
  openRequests: orElse(z.int().positive().max(10_000), 20),
  /** Commands and clicks of one member. */
  actionsPerMinute: orElse(z.int().positive().max(100_000), 60),
  defaultDuration: Duration,
  /** By what a lease is extended at a click, and by how much a member may extend without asking anybody, all leases together. */
  extension: orElse(z.strictObject({ step: orElse(Duration, EXTENSION.step), perWeek: orElse(Duration, EXTENSION.perWeek) }), EXTENSION),
  /** Of working time, where there are `hours`. */
  approvalLapse: orElse(Duration, 24 * 3600),
  hours: Hours.optional(),
  daysOff: orElse(z.array(Day).max(1000), []),
  queueLapse: orElse(Duration, 7 * 86_400),
  stopGraceSeconds: orElse(z.int().min(0).max(600), 30),
  pools: z.array(Pool).max(100),
  cpu: z.strictObject({
    approval: orElse(z.enum(['none', 'required']), 'none'),
    channel: SlackChannel.optional(),
    maxDuration: Duration,
    share: Share,
  }),
  images: z.array(Image).min(1),
  /** Variables of every container; over them those of its host, its pool, its image. */
  environment: orElse(Environment, {}),
  /** What the policy says of single hosts. */
  hosts: orElse(z.array(Host).max(1000), []),
});

export const Policy = Shape.superRefine((policy, context) => {
  const wrong = (path: readonly (string | number)[], message: string) => context.addIssue({ code: 'custom', path: [...path], message });
  for (const [list, key, names] of namesIn(policy)) {
    const seen = new Set<string>();
    for (const [index, name] of names.entries()) {
      if (seen.has(name)) wrong([list, index, key], `"${name}" is named twice`);
      seen.add(name);
    }
  }
  for (const [index, { after }] of policy.escalation.entries()) {
    const before = policy.escalation[index - 1]?.after ?? 0;
    if (after <= before) wrong(['escalation', index, 'after'], 'has to be later than the one before it');
    if (after >= policy.approvalLapse) wrong(['escalation', index, 'after'], 'has to be before approvalLapse, when the request lapses');
  }
  if (policy.hours === undefined && policy.daysOff.length > 0) wrong(['daysOff'], 'says nothing without hours: every hour counts then');
  if (!policy.images.some((image) => image.class === 'interactive')) {
    wrong(['images'], 'at least one has to be interactive: it is what a request without an image gets');
  }
  for (const [index, { ports }] of policy.images.entries()) {
    for (const key of ['port', 'name'] as const) {
      if (new Set(ports.map((port) => port[key])).size < ports.length) wrong(['images', index, 'ports'], `a ${key} stands there twice`);
    }
  }
  const cpu = policy.pools.findIndex(({ name }) => name === CPU_POOL);
  if (cpu >= 0) wrong(['pools', cpu, 'name'], '"cpu" is the built-in pool; configure it under "cpu:"');
});

/** Lists whose members are told apart by a key. */
function namesIn({ pools, images, hosts, teams, people }: z.infer<typeof Shape>) {
  return [
    ['pools', 'name', pools.map(({ name }) => name)],
    ['images', 'name', images.map(({ name }) => name)],
    ['images', 'reference', images.map(({ reference }) => reference)],
    ['hosts', 'name', hosts.map(({ name }) => name)],
    ['teams', 'name', teams.map(({ name }) => name)],
    ['people', 'user', people.map(({ user }) => user)],
  ] as const;
}

/** Durations in seconds. */
export type Policy = z.infer<typeof Policy>;

/** What documents of earlier versions do not say. */
const LATER = {
  policy: {
    environment: {},
    hosts: [],
    daysOff: [],
    extension: EXTENSION,
    escalation: [],
    approvalReminder: APPROVAL_REMINDER,
    groupWait: GROUP_WAIT,
  },
  pool: { environment: {} },
  image: { class: 'interactive', ports: [], environment: {} },
} as const satisfies Record<string, object>;

/** A policy as the ledger has stored it, by this or an earlier version of Berth. */
export function policyOf(stored: unknown): Policy {
  const policy = stored as Policy;
  return {
    ...LATER.policy,
    ...policy,
    pools: policy.pools.map((pool) => ({ ...LATER.pool, ...pool })),
    images: policy.images.map((image) => ({ ...LATER.image, ...image })),
  };
}

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
  /** Of its host. */
  readonly labels: readonly string[];
}

/** Name of the pool a device belongs to: the first whose `match` fits, or null. */
export function poolOfDevice(policy: Policy, { model, memoryMib, host, labels }: PooledDevice): string | null {
  const lower = model.toLowerCase();
  const fits = ({ match }: Policy['pools'][number]) =>
    (match.model === undefined || lower.includes(match.model.toLowerCase())) &&
    // Slices are named after their card: whoever asks for whole GPUs does not mean them.
    (match.mig === undefined ? !lower.includes(' mig ') : lower.includes(` mig ${match.mig}`)) &&
    (match.memoryGib === undefined || Math.abs(memoryMib - match.memoryGib * 1024) <= match.memoryGib * 102.4) &&
    (match.host === undefined || match.host.includes(host)) &&
    (match.label === undefined || match.label.every((label) => labels.includes(label)));
  return policy.pools.find(fits)?.name ?? null;
}

/** The channel in which requests of a pool are answered. */
export function channelOf(policy: Policy, pool: string): string {
  const own = pool === CPU_POOL ? policy.cpu : policy.pools.find(({ name }) => name === pool);
  return own?.channel ?? policy.channel;
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
