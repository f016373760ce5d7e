// The table of what is due at fixed times.
import { pgTable, text } from 'drizzle-orm/pg-core';
import { moment } from './columns.ts';

/** By name: the due time that was done last, and until when somebody is at a later one. */
export const schedules = pgTable('schedules', {
  name: text('name').primaryKey(),
  doneDueAt: moment('done_due_at'),
  claimedUntil: moment('claimed_until').notNull(),
});
