// What a member may have, and which layer says so: defaults ← team ← member ← override by an admin. One resolver for decision, display and check.
import type { Policy } from './policy.ts';

/** gpus and gpusPerRequest in milli-GPU; maxDuration in seconds; gpuHours, per period, in milli-GPU-seconds; null: no limit. */
export const limitNames = ['gpus', 'gpusPerRequest', 'cpuContainers', 'maxDuration', 'gpuHours'] as const;
export type LimitName = (typeof limitNames)[number];

export type LimitSource =
  | { readonly layer: 'default' }
  | { readonly layer: 'team'; readonly team: string }
  | { readonly layer: 'member' }
  | { readonly layer: 'override'; readonly until: string | null; readonly by: string; readonly reason: string };

export interface Limit {
  readonly value: number | null;
  readonly source: LimitSource;
}
export type Limits = Readonly<Record<LimitName, Limit>>;

/** Set by an admin, for one limit of one member, in the unit of `LimitName`. */
export interface Override {
  readonly limit: LimitName;
  readonly value: number;
  /** ISO 8601 UTC, or null: until it is taken back. */
  readonly until: string | null;
  readonly by: string;
  readonly reason: string;
}

/** Members of the Slack groups that the policy names; a group that could not be read is not in it. */
export type Groups = ReadonlyMap<string, ReadonlySet<string>>;

export interface LimitedMember {
  readonly user: string;
  readonly team: string | null;
  /** Those in force now, one per limit. */
  readonly overrides: readonly Override[];
}

const GPU_HOUR = 3600 * 1000;

type QuotaLayer = { readonly [K in keyof Policy['quota']]?: Policy['quota'][K] | undefined };

/** In the unit of `LimitName`, or null where the layer says nothing. */
function valueIn(layer: QuotaLayer, limit: LimitName): number | null {
  const value = layer[limit];
  if (value === undefined) return null;
  switch (limit) {
    case 'gpus':
    case 'gpusPerRequest':
      return Math.round(value * 1000);
    case 'gpuHours':
      return value * GPU_HOUR;
    case 'cpuContainers':
    case 'maxDuration':
      return value;
  }
}

export function limitsOf(policy: Policy, { user, team, overrides }: LimitedMember): Limits {
  const ofTeam = policy.teams.find(({ name }) => name === team)?.each ?? {};
  const ofMember = policy.people.find((person) => person.user === user)?.quota ?? {};
  const resolve = (limit: LimitName): Limit => {
    const override = overrides.find((one) => one.limit === limit);
    if (override !== undefined) {
      const { until, by, reason, value } = override;
      return { value, source: { layer: 'override', until, by, reason } };
    }
    const own = valueIn(ofMember, limit);
    if (own !== null) return { value: own, source: { layer: 'member' } };
    const shared = valueIn(ofTeam, limit);
    if (shared !== null && team !== null) return { value: shared, source: { layer: 'team', team } };
    return { value: valueIn(policy.quota, limit), source: { layer: 'default' } };
  };
  return {
    gpus: resolve('gpus'),
    gpusPerRequest: resolve('gpusPerRequest'),
    cpuContainers: resolve('cpuContainers'),
    maxDuration: resolve('maxDuration'),
    gpuHours: resolve('gpuHours'),
  };
}

export interface TeamLimits {
  /** Milli-GPU at the same time, all members together; null: no limit. */
  readonly gpus: number | null;
  /** Milli-GPU-seconds per period. */
  readonly gpuHours: number | null;
}

/** No limits for a team that the policy does not name any more. */
export function teamLimits(policy: Policy, team: string): TeamLimits {
  const total = policy.teams.find(({ name }) => name === team)?.total ?? {};
  return { gpus: valueIn(total, 'gpus'), gpuHours: valueIn(total, 'gpuHours') };
}

/** The team that pays for a member: the first that has them, or none; `unreadable` names one of which that cannot be told. */
export function payingTeam(
  policy: Policy,
  user: string,
  groups: Groups,
): { readonly team: string | null } | { readonly unreadable: string } {
  for (const { name, members } of policy.teams) {
    const has = 'list' in members ? members.list.includes(user) : groups.get(members.group)?.has(user);
    if (has === undefined) return { unreadable: name };
    if (has) return { team: name };
  }
  return { team: null };
}

/** Slack groups whose members `payingTeam` has to know. */
export function teamGroups(policy: Policy): readonly string[] {
  return policy.teams.flatMap(({ members }) => ('group' in members ? [members.group] : []));
}
