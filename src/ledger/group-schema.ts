// The tables of Slack groups that the policy names: which were read, and since when somebody is in one.
import { pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { moment } from './columns.ts';

export const slackGroups = pgTable('slack_groups', {
  slackGroup: text('slack_group').primaryKey(),
  firstReadAt: moment('first_read_at').notNull(),
});

export const groupMembers = pgTable(
  'group_members',
  {
    slackGroup: text('slack_group')
      .notNull()
      .references(() => slackGroups.slackGroup),
    slackUser: text('slack_user').notNull(),
    /** When they were first seen in it; null: they were there when the group was first read. */
    joinedAt: moment('joined_at'),
    /** Missing in a list since then; null: in the last one. */
    missingSince: moment('missing_since'),
  },
  (t) => [primaryKey({ columns: [t.slackGroup, t.slackUser] })],
);
