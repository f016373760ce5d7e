// The table of App Homes: who has opened theirs, and from what it was last drawn.
import { sql } from 'drizzle-orm';
import { boolean, check, index, integer, pgTable, text } from 'drizzle-orm/pg-core';
import { count, moment } from './columns.ts';
import { members } from './schema.ts';

export const homes = pgTable(
  'homes',
  {
    memberId: count('member_id')
      .primaryKey()
      .references(() => members.id),
    openedAt: moment('opened_at').notNull(),
    /** Digest of the rows it was last drawn from; null: it has to be drawn whatever they are. */
    drawnFrom: text('drawn_from'),
    /** It listed what waits for the member's answer. */
    asApprover: boolean('as_approver').notNull().default(false),
    /** Not drawn again before. */
    nextAt: moment('next_at').notNull(),
    /** Some bot is drawing it until then. */
    claimedUntil: moment('claimed_until'),
    /** How often in a row Slack did not take it. */
    attempts: integer('attempts').notNull().default(0),
  },
  (t) => [index('homes_due').on(t.nextAt), check('home_attempts_are_not_negative', sql`${t.attempts} >= 0`)],
);
