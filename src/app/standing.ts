// Where a member stands: limits with their sources, and what counts towards them, for the member and for the team that pays.
import { accountsOf, memberAccount, teamAccount } from '../domain/accounts.ts';
import type { AccountUse } from '../domain/decide-request.ts';
import { periodAt, periodEnd } from '../domain/journal.ts';
import type { Policy } from '../domain/policy.ts';
import { limitsOf, payingTeam, teamLimits, type Groups, type Limits } from '../domain/quota.ts';
import { refuse } from '../domain/refusal.ts';
import type { TeamStanding } from '../domain/standing-views.ts';
import { holdingsOf, teamUse, type AllocationRow } from '../ledger/allocations.ts';
import type { Queries } from '../ledger/connect.ts';
import { allHosts } from '../ledger/hosts.ts';
import { committedIn } from '../ledger/journal.ts';
import type { MemberRow } from '../ledger/members.ts';
import { overridesOf } from '../ledger/overrides.ts';
import type { App } from './app.ts';
import { readGroups } from './groups.ts';
import { heardAt, isSilent } from './host-sizes.ts';

export interface Standing {
  readonly limits: Limits;
  readonly use: AccountUse;
  readonly team: TeamStanding | null;
  /** The member's allocations from requested to retiring, oldest first. */
  readonly held: readonly AllocationRow[];
  /** When budgets are filled again. */
  readonly refillsAt: Date;
}

/** Throws a refusal when a group that may decide it could not be read: nobody is let off their team's limits by an outage of Slack. */
export function payerOf(policy: Policy, user: string, groups: Groups): string | null {
  const payer = payingTeam(policy, user, groups);
  return 'unreadable' in payer ? refuse({ code: 'payer_unknown', team: payer.unreadable }) : payer.team;
}

export async function teamOf(app: App, policy: Policy, user: string): Promise<string | null> {
  return payerOf(policy, user, await readGroups(app, policy));
}

export async function standingOf(
  queries: Queries,
  policy: Policy,
  member: Pick<MemberRow, 'id' | 'slackUser'>,
  team: string | null,
  at: Date,
): Promise<Standing> {
  const period = periodAt(policy.period, at);
  // Sent together: a decision waits for its answers once.
  const [held, overrides, committed, teamHeld] = await Promise.all([
    holdingsOf(queries, member.id),
    overridesOf(queries, member.id, at),
    committedIn(queries, accountsOf({ memberId: member.id, team }), period),
    team === null ? null : teamUse(queries, team, heardAt(at)),
  ]);
  return {
    limits: limitsOf(policy, { user: member.slackUser, team, overrides }),
    use: { ...(await useOf(queries, held, at)), committed: committed.get(memberAccount(member.id)) ?? 0 },
    team: team === null || teamHeld === null ? null : teamStanding(policy, team, teamHeld, committed),
    held,
    refillsAt: periodEnd(period),
  };
}

export async function teamStandingOf(queries: Queries, policy: Policy, team: string, at: Date): Promise<TeamStanding> {
  const [held, committed] = await Promise.all([
    teamUse(queries, team, heardAt(at)),
    committedIn(queries, [teamAccount(team)], periodAt(policy.period, at)),
  ]);
  return teamStanding(policy, team, held, committed);
}

function teamStanding(
  policy: Policy,
  name: string,
  { held, silent }: { readonly held: number; readonly silent: number },
  committed: ReadonlyMap<string, number>,
): TeamStanding {
  const use = { heldMilli: held - silent, silentMilli: silent, committed: committed.get(teamAccount(name)) ?? 0 };
  return { name, limits: teamLimits(policy, name), use };
}

/** Of what a member holds. */
async function useOf(queries: Queries, held: readonly AllocationRow[], at: Date): Promise<Pick<AccountUse, 'heldMilli' | 'silentMilli'>> {
  const hosts = held.some(({ host }) => host !== null) ? await allHosts(queries) : [];
  const silent = new Set(hosts.filter((host) => isSilent(host, at)).map(({ name }) => name));
  const total = (rows: readonly AllocationRow[]) => rows.reduce((sum, { capacityMilli }) => sum + capacityMilli, 0);
  const heldMilli = total(held.filter(({ host }) => host === null || !silent.has(host)));
  return { heldMilli, silentMilli: total(held) - heldMilli };
}
