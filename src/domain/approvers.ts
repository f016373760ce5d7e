// Who may answer requests: the policy names users and Slack groups of them.
import type { Groups } from './quota.ts';

export interface Approvers {
  readonly users: ReadonlySet<string>;
  /** Named groups of which Slack did not tell who is in them: nobody decides by these, but somebody may be there. */
  readonly unreadable: readonly string[];
}

/** Slack's ids of user groups begin with S, those of users with U or W. */
export function isGroup(name: string): boolean {
  return name.startsWith('S');
}

export function approversOf(names: readonly string[], groups: Groups): Approvers {
  const users = names.flatMap((name) => (isGroup(name) ? [...(groups.get(name) ?? [])] : [name]));
  return { users: new Set(users), unreadable: names.filter((name) => isGroup(name) && !groups.has(name)) };
}
