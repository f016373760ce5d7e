// The nightly verification: once for each night, by one of the bots, also after a night in which none ran.
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { App } from '../../src/app/app.ts';
import { verifyNightly } from '../../src/app/verify-ledger.ts';
import { parseMoment } from '../../src/domain/time.ts';
import { testApp, type TestApp } from '../support/app.ts';
import { people } from '../support/policy.ts';

let berth: TestApp;
let other: App;
beforeEach(async () => {
  berth = await testApp();
  other = await berth.another();
  await verifyNightly(berth.app);
  await berth.app.ledger.reads.execute(sql`insert into balances values ('member:1', 'week', '2026-03-02', 1)`);
});
afterEach(() => berth.end());

const at = (iso: string) => berth.app.clock.set(parseMoment(iso));
const told = () =>
  berth.app.ledger.reads.execute<{ recipient: string; key: string; facts: { rule: string } }>(
    sql`select recipient, key, facts from outbox where kind = 'ledger_discrepancy' order by id`,
  );

it('is done at three, by one of two bots, and tells the admins of the first discrepancy', async () => {
  at('2026-03-03T02:59:59Z');
  expect(await verifyNightly(berth.app)).toBe(0);
  at('2026-03-03T03:00:00Z');
  const found = await Promise.all([berth.app, other].map(verifyNightly));
  expect(found.reduce((sum, one) => sum + one, 0)).toBe(1);
  at('2026-03-03T23:59:00Z');
  expect(await verifyNightly(other)).toBe(0);
  expect((await told()).map(({ recipient, facts }) => [recipient, facts.rule])).toEqual([[people.root, 'balance']]);
});

it('is caught up once after nights in which no bot ran', async () => {
  at('2026-03-06T11:00:00Z');
  expect([await verifyNightly(other), await verifyNightly(berth.app)]).toEqual([1, 0]);
  at('2026-03-07T03:00:00Z');
  expect(await verifyNightly(berth.app)).toBe(1);
  expect((await told()).map(({ key }) => key)).toEqual([
    `ledger_discrepancy:2026-03-06:${people.root}`,
    `ledger_discrepancy:2026-03-07:${people.root}`,
  ]);
});

it('is taken over ten minutes after the bot that was at it has died', async () => {
  at('2026-03-03T03:00:00Z');
  const dying = { ...other, log: { ...other.log, error: () => expect.fail('killed here') } };
  await expect(verifyNightly(dying)).rejects.toThrow('killed here');
  expect(await verifyNightly(berth.app)).toBe(0);
  berth.app.clock.move(600);
  expect(await verifyNightly(berth.app)).toBe(1);
});
