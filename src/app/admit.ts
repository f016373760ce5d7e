// Admits a person: only members of this Slack workspace that the policy names get a row, and only they may act.
import { refusalOfPerson } from '../domain/membership.ts';
import { refuse } from '../domain/refusal.ts';
import type { MemberRow } from '../ledger/members.ts';
import type { App } from './app.ts';

/** The member's row. Throws a refusal for everybody else; an unreadable directory admits nobody. */
export async function admit(app: App, user: string): Promise<MemberRow> {
  const { policy } = await app.remembered.policy();
  const person = await app.directory.person(user);
  if (person === null) return refuse({ code: 'unknown_person' });
  const byGroup = typeof policy.members === 'object' && 'group' in policy.members;
  const group = byGroup ? await app.directory.groupMembers((policy.members as { group: string }).group) : null;
  const refusal = refusalOfPerson(person, app.directory.home, policy, group);
  if (refusal !== null) return refuse(refusal);
  return app.remembered.member({ ...person, team: app.directory.home.team }, app.clock.now());
}
