// Slack groups that the policy names: who of them counts. Whoever has just joined has to wait, so that nobody lets themselves in for a moment.
import { isGroup } from './approvers.ts';
import type { Policy } from './policy.ts';
import { teamGroups } from './quota.ts';
import { plusSeconds } from './time.ts';

/** What is remembered of a group's members, by Slack user id. */
export type Roster = ReadonlyMap<string, { readonly joinedAt: Date | null; readonly missingSince: Date | null }>;

/**
 * Bots remember a list for a minute, so an older one may come after a newer one: only whoever is missing for longer than that has left,
 * and starts anew when they come back.
 */
const GONE_SECONDS = 120;

/** Who is missing since then has left. */
export function goneBefore(at: Date): Date {
  return plusSeconds(at, -GONE_SECONDS);
}

/** Of everybody who is asked sooner or later. */
function approverNames({ approvers, escalation }: Policy): readonly string[] {
  return [...approvers, ...escalation.flatMap((set) => set.approvers)];
}

/** Groups whose members answer requests or are a team: a joiner of one gains something. */
export function groupsThatCount(policy: Policy): readonly string[] {
  return [...new Set([...approverNames(policy).filter(isGroup), ...teamGroups(policy)])];
}

/** Those, and the group that may use Berth at all. */
export function groupsNamed(policy: Policy): readonly string[] {
  const { members } = policy;
  return [...new Set([...groupsThatCount(policy), ...(typeof members === 'object' && 'group' in members ? [members.group] : [])])];
}

/** Does Slack's list say anything that the roster does not know yet? */
export function isNews(list: ReadonlySet<string>, roster: Roster | undefined, at: Date): boolean {
  if (roster === undefined) return true;
  for (const user of list) {
    const known = roster.get(user);
    if (known === undefined || known.missingSince !== null) return true;
  }
  for (const [user, { missingSince }] of roster) {
    if (!list.has(user) && (missingSince === null || missingSince <= goneBefore(at))) return true;
  }
  return false;
}

/** Who is in Slack's list and has been in the group for `waitSeconds`, or since before it was first read. */
export function counting(list: ReadonlySet<string>, roster: Roster, waitSeconds: number, at: Date): ReadonlySet<string> {
  const counts = (user: string) => {
    const known = roster.get(user);
    return known !== undefined && (known.joinedAt === null || plusSeconds(known.joinedAt, waitSeconds) <= at);
  };
  return new Set([...list].filter(counts));
}

/** What the members of a group are, by the policy. */
export interface GroupRoles {
  readonly approvers: boolean;
  readonly teams: readonly string[];
}

/** Who is new in a group, as the admins are told. */
export interface Joiners {
  readonly group: string;
  readonly users: readonly string[];
  readonly roles: GroupRoles;
  /** ISO 8601 UTC. */
  readonly countFrom: string;
}

export function rolesOfGroup(policy: Policy, group: string): GroupRoles {
  const own = policy.teams.filter(({ members }) => 'group' in members && members.group === group);
  return { approvers: approverNames(policy).includes(group), teams: own.map(({ name }) => name) };
}
