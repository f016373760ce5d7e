// The tables of budgets and limits: the journal, its balances, and what admins have set for single members.
import { sql } from 'drizzle-orm';
import { bigserial, check, index, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { entryKinds, type EntryKind, type PeriodKind } from '../domain/journal.ts';
import { limitNames, type LimitName } from '../domain/quota.ts';
import { among, count, moment } from './columns.ts';
import { allocations, members } from './schema.ts';

/** Append-only journal of budgets: milli-GPU-seconds per account (`member:ID`, `team:NAME`) and period. */
export const entries = pgTable(
  'entries',
  {
    sequence: bigserial('sequence', { mode: 'number' }).primaryKey(),
    account: text('account').notNull(),
    kind: text('kind').$type<EntryKind>().notNull(),
    amount: count('amount').notNull(),
    periodKind: text('period_kind').$type<PeriodKind>().notNull(),
    periodStart: moment('period_start').notNull(),
    /** Null for an adjustment, which belongs to none. */
    allocationId: text('allocation_id').references(() => allocations.id),
    at: moment('at').notNull(),
    actor: text('actor').notNull(),
    reason: text('reason'),
  },
  (t) => [
    check('entry_kind_is_known', among(t.kind, entryKinds)),
    check('only_an_adjustment_stands_alone', sql`(${t.kind} = 'adjust') = (${t.allocationId} is null)`),
    check('amounts_are_positive', sql`${t.kind} = 'adjust' or ${t.amount} > 0`),
    // Beyond 2^53 − 1 a reader would round.
    check('amounts_are_exact', sql`abs(${t.amount}) <= 9007199254740991`),
    index('entries_of_period').on(t.account, t.periodKind, t.periodStart),
    index('entries_of_allocation').on(t.allocationId),
  ],
);

/** Σ(hold − void + adjust) of each account and period, kept with every entry, so that a decision need not add up the past. */
export const balances = pgTable(
  'balances',
  {
    account: text('account').notNull(),
    periodKind: text('period_kind').$type<PeriodKind>().notNull(),
    periodStart: moment('period_start').notNull(),
    committed: count('committed').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.account, t.periodKind, t.periodStart] }),
    check('balances_are_exact', sql`abs(${t.committed}) <= 9007199254740991`),
  ],
);

/** The period that everything an account holds is in: where it is the current one, a decision need not look through what it holds. */
export const accounts = pgTable('accounts', {
  account: text('account').primaryKey(),
  periodKind: text('period_kind').$type<PeriodKind>().notNull(),
  periodStart: moment('period_start').notNull(),
});

/** Limits that an admin has set for one member, over the policy. The newest one in force of a limit counts. */
export const overrides = pgTable(
  'overrides',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    memberId: count('member_id')
      .notNull()
      .references(() => members.id),
    limit: text('limit').$type<LimitName>().notNull(),
    value: count('value').notNull(),
    reason: text('reason').notNull(),
    actor: text('actor').notNull(),
    at: moment('at').notNull(),
    expiresAt: moment('expires_at'),
    revokedAt: moment('revoked_at'),
    revokedBy: text('revoked_by'),
  },
  (t) => [
    check('override_limit_is_known', among(t.limit, limitNames)),
    check('override_is_not_negative', sql`${t.value} >= 0`),
    index('overrides_of_member').on(t.memberId),
  ],
);
