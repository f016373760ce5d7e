// What the model's policy says and who may do what, and the same as a policy document; and the words that people say to it.
import type { Policy } from '../../src/domain/policy.ts';
import { uuidOf } from '../support/app.ts';
import { people, testPolicy } from '../support/policy.ts';

export const HOUR = 3600;
/** A host that has not been heard of for longer does not count. */
export const SILENT_AFTER = 90;
const MILLI_HOUR = 1000 * HOUR;

export const users = Object.values(people);
const TEAM_NAME = 'vision';

export const hostNames = ['gpu-01', 'gpu-02'] as const;
export type HostName = (typeof hostNames)[number];
/** Whole cards, slices of one that is not in the inventory itself, and containers without devices. */
export const poolNames = ['l4', 'a100', 'slice', 'cpu'] as const;
export type PoolName = (typeof poolNames)[number];

const layout = { 'gpu-01': ['l4', 'l4', 'a100', 'slice', 'slice'], 'gpu-02': ['l4', 'a100', 'a100', 'a100', 'slice'] } as const;
export const BIGGEST_HOST = { l4: 2, a100: 3, slice: 2, cpu: 0 } as const;
/** What a device counts for: of an A100's seven slices, two. */
export const DEVICE_MILLI = { l4: 1000, a100: 1000, slice: 285, cpu: 0 } as const;
export const MODELS = { l4: 'NVIDIA L4', a100: 'NVIDIA A100', slice: 'NVIDIA A100 MIG 2g.20gb' } as const;
/** Containers without devices that a member may have. */
export const CPU_CONTAINERS = 2;

/** By UUID; the number is the index on the host. */
export const devices = new Map(
  hostNames.flatMap((host) => layout[host].map((pool, index) => [uuidOf(host, index), { host, pool, index }] as const)),
);

type LimitName = 'gpus' | 'gpusPerRequest' | 'maxDuration' | 'gpuHours';

/** One policy, in GPUs, hours and GPU-hours as people write them; lapses in seconds; null: says nothing. */
export interface Rules {
  readonly each: { readonly gpus: number; readonly gpusPerRequest: number; readonly gpuHours: number | null };
  readonly ofPat: { readonly gpus: number | null; readonly gpuHours: number | null };
  readonly team: { readonly members: readonly string[]; readonly eachGpus: number | null };
  readonly total: { readonly gpus: number | null; readonly gpuHours: number | null };
  /** Of budgets. */
  readonly period: 'week' | 'month';
  /** What an hour of an A100 or of its slices costs, and how long a lease of a card may be. */
  readonly rate: number;
  readonly longest: { readonly l4: number; readonly a100: number };
  readonly approvers: readonly string[];
  readonly admins: readonly string[];
  readonly approvalLapse: number;
  readonly queueLapse: number;
  /** By how many hours a member may extend in a week. */
  readonly extensions: number;
}

export const firstRules: Rules = {
  each: { gpus: 4, gpusPerRequest: 3, gpuHours: 150 },
  ofPat: { gpus: 3, gpuHours: null },
  team: { members: [people.ada, people.bob], eachGpus: null },
  total: { gpus: 5, gpuHours: 240 },
  period: 'week',
  rate: 1.5,
  longest: { l4: 48, a100: 72 },
  approvers: [people.pat, people.pia],
  admins: [people.root],
  approvalLapse: 24 * HOUR,
  queueLapse: 36 * HOUR,
  extensions: 24,
};

export function pools({ rate, longest }: Rules): Record<PoolName, { approval: boolean; rate: number; longest: number }> {
  return {
    l4: { approval: false, rate: 1, longest: longest.l4 * HOUR },
    a100: { approval: true, rate, longest: longest.a100 * HOUR },
    slice: { approval: false, rate, longest: 48 * HOUR },
    cpu: { approval: false, rate: 0, longest: 24 * HOUR },
  };
}

export function teamOf({ team }: Rules, user: string): string | null {
  return team.members.includes(user) ? TEAM_NAME : null;
}

/** Set by an admin, in milli-GPU, seconds or milli-GPU-seconds; `until` may be Infinity. */
export interface Override {
  readonly user: string;
  readonly limit: LimitName;
  readonly value: number;
  readonly until: number;
}

const unit = { gpus: 1000, gpusPerRequest: 1000, maxDuration: 1, gpuHours: MILLI_HOUR } as const;

/** An admin's word before the member's own line, that before the team's, that before everybody's; Infinity: no limit. */
export function limitOf(
  rules: Rules,
  overrides: readonly Override[],
  { user, limit, at }: { readonly user: string; readonly limit: LimitName; readonly at: number },
): number {
  const set = overrides.find((one) => one.user === user && one.limit === limit && one.until > at);
  if (set !== undefined) return set.value;
  const layers: Partial<Record<LimitName, number | null>>[] = [
    user === people.pat ? rules.ofPat : {},
    teamOf(rules, user) === null ? {} : { gpus: rules.team.eachGpus },
    rules.each,
  ];
  const said = layers.map((layer) => layer[limit] ?? null).find((value) => value !== null) ?? null;
  return said === null ? Infinity : said * unit[limit];
}

export function teamLimitOf({ total }: Rules, limit: 'gpus' | 'gpuHours'): number {
  const said = total[limit];
  return said === null ? Infinity : said * unit[limit];
}

export type Correction =
  | { readonly kind: 'set'; readonly user: string; readonly limit: LimitName; readonly value: number; readonly until: number }
  | { readonly kind: 'revoke'; readonly user: string; readonly limit: LimitName }
  | { readonly kind: 'grant'; readonly user: string; readonly milliSeconds: number };

/** What somebody says, with everything that it means named. */
export type Word =
  /** `until`, in seconds since 1970, instead of `hours` where it is not null. */
  | {
      readonly verb: 'request';
      readonly by: string;
      readonly pool: PoolName;
      readonly gpus: number;
      readonly hours: number;
      readonly until: number | null;
    }
  | { readonly verb: 'approve' | 'deny'; readonly by: string; readonly id: string; readonly version: number }
  /** `id` null: the only one of mine that it can mean. */
  | { readonly verb: 'cancel' | 'release'; readonly by: string; readonly id: string | null }
  /** `version` null: typed, not clicked. `until` as of a request. */
  | {
      readonly verb: 'extend';
      readonly by: string;
      readonly id: string;
      readonly version: number | null;
      readonly hours: number;
      readonly until: number | null;
    }
  | { readonly verb: 'adjust'; readonly by: string; readonly ask: Correction };

const said = (layer: Record<string, number | null>) => Object.fromEntries(Object.entries(layer).filter(([, value]) => value !== null));

export function policyOf(rules: Rules): Policy {
  const { longest, team, total, each, ofPat, rate, period } = rules;
  const perGpu = { cpus: 1, memoryGib: 1, pids: 64 };
  return testPolicy({
    approvers: rules.approvers,
    admins: rules.admins,
    period,
    quota: { ...said(each), cpuContainers: CPU_CONTAINERS },
    people: [{ user: people.pat, quota: said(ofPat) }],
    teams: [{ name: TEAM_NAME, members: { list: team.members }, each: said({ gpus: team.eachGpus }), total: said(total) }],
    approvalLapse: `${rules.approvalLapse / HOUR}h`,
    queueLapse: `${rules.queueLapse / HOUR}h`,
    extension: { step: '4h', perWeek: `${rules.extensions}h` },
    pools: [
      { name: 'a100', match: { model: 'A100' }, memoryGib: 80, approval: 'required', maxDuration: `${longest.a100}h`, rate, perGpu },
      { name: 'l4', match: { model: 'L4' }, memoryGib: 24, approval: 'none', maxDuration: `${longest.l4}h`, perGpu },
      { name: 'slice', match: { model: 'A100', mig: '2g.20gb' }, memoryGib: 20, approval: 'none', maxDuration: '48h', rate, perGpu },
    ],
  });
}
