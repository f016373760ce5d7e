// `/gpu quota`: limits with their sources and what is used of them, for oneself, and for others where the policy lets one look.
import type { Policy } from '../domain/policy.ts';
import { CPU_POOL } from '../domain/policy.ts';
import { periodAt, periodEnd } from '../domain/journal.ts';
import { refuse } from '../domain/refusal.ts';
import type { QuotaView } from '../domain/standing-views.ts';
import { nearest } from '../domain/grammar/nearest.ts';
import { findMember, type MemberRow } from '../ledger/members.ts';
import { policyNow, type App } from './app.ts';
import { toHolding } from './holding.ts';
import { standingOf, teamOf, teamStandingOf } from './standing.ts';

export type QuotaTarget = { readonly kind: 'member'; readonly user: string } | { readonly kind: 'team'; readonly name: string };

/** Refuses what the reader may not see, the same way whether it is there or not. */
export async function viewQuota(app: App, reader: MemberRow, target: QuotaTarget | null): Promise<QuotaView> {
  const { reads } = app.ledger;
  const at = app.clock.now();
  const { policy, version: policyVersion } = await policyNow(reads);
  const { period } = policy;
  const common = { period, refillsAt: periodEnd(periodAt(period, at)), policyVersion };
  const ownTeam = await teamOf(app, policy, reader.slackUser);
  if (target?.kind === 'team') {
    const name = target.name.toLowerCase();
    if (!maySee(policy, reader, name === ownTeam)) refuse({ code: 'not_visible', what: 'team' });
    const teams = policy.teams.map((team) => team.name);
    if (!teams.includes(name)) return refuse({ code: 'no_such_team', name: target.name, nearest: nearest(name, teams) });
    return { ...common, member: null, team: await teamStandingOf(reads, policy, name, at) };
  }
  const user = target?.user ?? reader.slackUser;
  const team = user === reader.slackUser ? ownTeam : await teamOf(app, policy, user);
  if (user !== reader.slackUser && !maySee(policy, reader, team !== null && team === ownTeam))
    refuse({ code: 'not_visible', what: 'member' });
  const member = user === reader.slackUser ? reader : await findMember(reads, app.directory.home.team, user);
  if (member === null) return refuse({ code: 'no_such_member', user });
  const standing = await standingOf(reads, policy, member, team, at);
  return {
    ...common,
    member: {
      user,
      limits: standing.limits,
      use: standing.use,
      cpuContainers: standing.held.filter(({ pool }) => pool === CPU_POOL).length,
      holding: standing.held.map(toHolding),
    },
    team: standing.team,
  };
}

/** `together`: the reader is of the same team. */
function maySee({ admins, visibility }: Policy, reader: MemberRow, together: boolean): boolean {
  return admins.includes(reader.slackUser) || visibility === 'all' || (visibility === 'team' && together);
}
