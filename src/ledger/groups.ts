// Who was seen in which Slack group since when.
import { and, eq, inArray, isNull, lte, sql } from 'drizzle-orm';
import { goneBefore, type Roster } from '../domain/groups.ts';
import type { Queries, Transaction } from './connect.ts';
import { groupMembers, slackGroups } from './group-schema.ts';

/** By group; one that was never read is not in it. */
export async function rostersOf(queries: Queries, groups: readonly string[]): Promise<ReadonlyMap<string, Roster>> {
  const rows = await queries
    .select({
      group: slackGroups.slackGroup,
      user: groupMembers.slackUser,
      joinedAt: groupMembers.joinedAt,
      missingSince: groupMembers.missingSince,
    })
    .from(slackGroups)
    .leftJoin(groupMembers, eq(groupMembers.slackGroup, slackGroups.slackGroup))
    .where(inArray(slackGroups.slackGroup, [...groups]));
  const rosters = new Map<string, Map<string, { joinedAt: Date | null; missingSince: Date | null }>>();
  for (const { group, user, joinedAt, missingSince } of rows) {
    const roster = rosters.get(group) ?? new Map<string, { joinedAt: Date | null; missingSince: Date | null }>();
    if (user !== null) roster.set(user, { joinedAt, missingSince });
    rosters.set(group, roster);
  }
  return rosters;
}

/** Takes over a list that Slack gave. Returns who joined since the lists before: nobody at the first one, whose members were meant by the policy. */
export async function recordList(tx: Transaction, group: string, list: ReadonlySet<string>, at: Date): Promise<readonly string[]> {
  const made = await tx.insert(slackGroups).values({ slackGroup: group, firstReadAt: at }).onConflictDoNothing().returning();
  const first = made.length === 1;
  // Bots that look at the same moment take turns, so that each joiner is one bot's to tell of.
  if (!first) await tx.select().from(slackGroups).where(eq(slackGroups.slackGroup, group)).for('update');
  const users = JSON.stringify([...list]);
  const listed = sql`${groupMembers.slackUser} in (select jsonb_array_elements_text(${users}::jsonb))`;
  const ofGroup = eq(groupMembers.slackGroup, group);
  const gone = and(ofGroup, lte(groupMembers.missingSince, goneBefore(at)));
  await tx.delete(groupMembers).where(gone);
  await tx.update(groupMembers).set({ missingSince: null }).where(and(ofGroup, listed));
  await tx
    .update(groupMembers)
    .set({ missingSince: at })
    .where(and(ofGroup, isNull(groupMembers.missingSince), sql`not (${listed})`));
  const joinedAt = first ? null : at.toISOString();
  const joined = await tx.execute<{ slack_user: string }>(sql`
    insert into group_members (slack_group, slack_user, joined_at)
    select ${group}, jsonb_array_elements_text(${users}::jsonb), ${joinedAt}::timestamptz
    on conflict do nothing returning slack_user`);
  return first ? [] : joined.map(({ slack_user: user }) => user);
}
