// Who the approvers are, by the policy's names and the groups as Slack told them.
import type { Groups } from './quota.ts';

/** `names`: ids of users and of Slack user groups. */
export function approversOf(
  names: readonly string[],
  groups: Groups,
): { readonly users: ReadonlySet<string>; readonly unreadable: readonly string[] } {
  const users = names.flatMap((name) => (name.startsWith('S') ? [...(groups.get(name) ?? [])] : [name]));
  return { users: new Set(users), unreadable: names.filter((name) => name.startsWith('S') && !groups.has(name)) };
}
