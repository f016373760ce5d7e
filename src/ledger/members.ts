// Members: one row per Slack user, with the Unix id that their containers run as.
import { and, eq, inArray } from 'drizzle-orm';
import type { Queries } from './connect.ts';
import { members } from './schema.ts';

export type MemberRow = typeof members.$inferSelect;

/** Slack user ids by member. */
export async function membersById(queries: Queries, ids: readonly number[]): Promise<Map<number, string>> {
  if (ids.length === 0) return new Map();
  const rows = await queries
    .select({ id: members.id, user: members.slackUser })
    .from(members)
    .where(inArray(members.id, [...ids]));
  return new Map(rows.map(({ id, user }) => [id, user]));
}

/** The member's row, made at the first contact; name and zone are kept as Slack last said them. */
export async function saveMember(
  queries: Queries,
  person: { readonly team: string; readonly user: string; readonly name: string; readonly zone: string },
  at: Date,
): Promise<MemberRow> {
  const known = await findMember(queries, person.team, person.user);
  if (known !== null && known.name === person.name && known.zone === person.zone) return known;
  const [row] = await queries
    .insert(members)
    .values({ slackTeam: person.team, slackUser: person.user, name: person.name, zone: person.zone, firstSeenAt: at })
    .onConflictDoUpdate({ target: [members.slackTeam, members.slackUser], set: { name: person.name, zone: person.zone } })
    .returning();
  if (row === undefined) throw new Error('the member was not stored');
  return row;
}

export async function findMember(queries: Queries, team: string, user: string): Promise<MemberRow | null> {
  const [row] = await queries
    .select()
    .from(members)
    .where(and(eq(members.slackTeam, team), eq(members.slackUser, user)));
  return row ?? null;
}
