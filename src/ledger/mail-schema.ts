// The tables of what came from Slack and of what is to go there.
import { sql } from 'drizzle-orm';
import { bigserial, check, index, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { moment } from './columns.ts';
import { allocations } from './schema.ts';

/** Deliveries from Slack that change something, written before they are acknowledged. The parsed ask goes once it is done. */
export const inbox = pgTable(
  'inbox',
  {
    key: text('key').primaryKey(),
    verb: text('verb').notNull(),
    slackTeam: text('slack_team').notNull(),
    slackUser: text('slack_user').notNull(),
    ask: jsonb('ask'),
    receivedAt: moment('received_at').notNull(),
    /** Someone is working on it until then. */
    claimedUntil: moment('claimed_until').notNull(),
    attempts: integer('attempts').notNull().default(1),
    doneAt: moment('done_at'),
    outcome: jsonb('outcome'),
    answeredAt: moment('answered_at'),
  },
  (t) => [
    index('inbox_open')
      .on(t.receivedAt)
      .where(sql`${t.answeredAt} is null`),
    check('done_keeps_no_ask', sql`${t.doneAt} is null or ${t.ask} is null`),
  ],
);

/**
 * How fast each member has acted lately, at all bots together. Unlogged (by hand in its migration): it costs no flush, and a crash of the
 * database only fills every bucket again.
 */
export const paces = pgTable(
  'paces',
  {
    slackTeam: text('slack_team').notNull(),
    slackUser: text('slack_user').notNull(),
    /** When the member's bucket will be full again. */
    fullAt: moment('full_at').notNull(),
    /** Of the actions that came last, together, so many went through. */
    admitted: integer('admitted').notNull(),
  },
  (t) => [primaryKey({ columns: [t.slackTeam, t.slackUser] })],
);

/** Cards and messages to render and send: one row per card, edited until `shown` equals `wanted`; a message is wanted once. */
export const outbox = pgTable(
  'outbox',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    key: text('key').notNull().unique('one_outbox_row_per_key'),
    kind: text('kind').notNull(),
    allocationId: text('allocation_id').references(() => allocations.id),
    /** Ids and numbers a message is rendered from besides the allocation. */
    facts: jsonb('facts').notNull().default({}),
    /** A channel id, or a user id for a direct message. */
    recipient: text('recipient').notNull(),
    createdAt: moment('created_at').notNull(),
    wanted: integer('wanted').notNull().default(1),
    shown: integer('shown').notNull().default(0),
    channel: text('channel'),
    ts: text('ts'),
    claimedUntil: moment('claimed_until'),
    attempts: integer('attempts').notNull().default(0),
    nextAt: moment('next_at').notNull(),
    lastError: text('last_error'),
    sentAt: moment('sent_at'),
    /** What a card that was shown said about its place in line, while it waited there. */
    shownLine: text('shown_line'),
    abandonedAt: moment('abandoned_at'),
  },
  (t) => [
    index('outbox_due')
      .on(t.nextAt)
      .where(sql`${t.shown} < ${t.wanted} and ${t.abandonedAt} is null`),
    index('outbox_of_allocation').on(t.allocationId),
    index('outbox_by_message').on(t.channel, t.ts),
  ],
);
