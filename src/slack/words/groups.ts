// Who is new in a Slack group whose members may more than others.
import type { GroupRoles, Joiners } from '../../domain/groups.ts';
import { parseMoment } from '../../domain/time.ts';
import { code, mention, person, when } from './common.ts';
import { all } from './standing.ts';

const NAMED_MOST = 12;

export function joinedWords({ group, users, roles, countFrom }: Joiners, zone: string, at: Date): string {
  const rest = users.length - NAMED_MOST;
  const names = all([...users.slice(0, NAMED_MOST).map(person), ...(rest > 0 ? [`${rest} more`] : [])]);
  const one = users.length === 1;
  const from = parseMoment(countFrom);
  const counts = from <= at ? 'That counts already.' : `That counts from ${when(from, zone)} on.`;
  return `${names} ${one ? 'is' : 'are'} new in ${mention(group)}, whose members ${meaning(roles)}. ${counts} If you did not mean ${one ? 'this person' : 'them'}, take ${one ? 'this person' : 'them'} out of the group in Slack.`;
}

function meaning({ approvers, teams }: GroupRoles): string {
  const team = teams.length === 0 ? [] : [`are in the team ${all(teams.map((name) => code(name)))}`];
  return all([...(approvers ? ['answer requests'] : []), ...team]);
}
