// Who may use Berth at all, from what Slack says about a person and what the policy names (docs/security.md A7).
import type { Policy } from './policy.ts';
import type { Refusal } from './refusal.ts';

/** A person as Slack's users.info describes them; `team` is the *user's* own team, not the workspace the request came through. */
export interface Person {
  readonly team: string;
  readonly enterprise: string | null;
  readonly user: string;
  readonly name: string;
  readonly zone: string;
  readonly deleted: boolean;
  readonly bot: boolean;
  readonly stranger: boolean;
  readonly guest: boolean;
}

/** Where Berth is installed. */
export interface Home {
  readonly team: string;
  readonly enterprise: string | null;
}

/**
 * Null when the person may act, else the refusal. `groupMembers` are the user ids of the policy's member group, null when the
 * list could not be read (which admits nobody).
 */
export function refusalOfPerson(
  person: Person,
  home: Home,
  policy: Pick<Policy, 'members' | 'guests'>,
  groupMembers: ReadonlySet<string> | null,
): Refusal | null {
  const ours = person.team === home.team || (home.enterprise !== null && person.enterprise === home.enterprise);
  if (person.stranger || !ours) return { code: 'not_a_member', why: 'stranger' };
  if (person.deleted) return { code: 'not_a_member', why: 'deactivated' };
  if (person.bot) return { code: 'not_a_member', why: 'bot' };
  if (person.guest && !policy.guests.includes(person.user)) return { code: 'not_a_member', why: 'guest' };
  if (policy.members === 'everyone') return null;
  const listed = 'list' in policy.members ? policy.members.list.includes(person.user) : (groupMembers?.has(person.user) ?? false);
  return listed || policy.guests.includes(person.user) ? null : { code: 'not_a_member', why: 'not_listed' };
}
