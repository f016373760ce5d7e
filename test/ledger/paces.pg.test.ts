// How fast a member may act, counted in the ledger for all bots together.
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { App } from '../../src/app/app.ts';
import { RefusalError } from '../../src/domain/refusal.ts';
import { TEAM, testApp, type TestApp } from '../support/app.ts';
import { people, testPolicy } from '../support/policy.ts';

const PER_MINUTE = 20;
let berth: TestApp;
let bots: readonly App[];
beforeEach(async () => {
  berth = await testApp({ policy: testPolicy({ actionsPerMinute: PER_MINUTE }) });
  bots = [berth.app, await berth.another()];
});
afterEach(() => berth.end());

let sent = 0;
const note = async (bot: App | undefined, user: string, key = `command:${sent++}`) =>
  bot?.intake.note({ key, verb: 'request', team: TEAM, user, ask: {} });
const count = async (bot: App | undefined, user: string) => bot?.intake.count({ team: TEAM, user });

/** How many went through; the others were refused as too fast. */
async function admitted(all: readonly Promise<unknown>[]): Promise<number> {
  const settled = await Promise.allSettled(all);
  const refused = settled.filter((one) => one.status === 'rejected');
  for (const { reason } of refused) {
    expect(reason).toBeInstanceOf(RefusalError);
    expect((reason as RefusalError).refusal).toEqual({ code: 'too_fast', perMinute: PER_MINUTE });
  }
  return settled.length - refused.length;
}
const many = async (times: number, act: (bot: App | undefined, user: string) => Promise<unknown>, user: string = people.ada) =>
  admitted(Array.from({ length: times }, (_, index) => act(bots[index % 2], user)));

it.each([
  ['what is noted down', note],
  ['what is only looked at', count],
])('is one bucket for two bots, of %s, and nobody else waits for it', async (_, act) => {
  expect(await many(50, act)).toBe(PER_MINUTE);
  expect(await many(1, act, people.bob)).toBe(1);
  berth.app.clock.move(30);
  expect(await many(50, act)).toBe(PER_MINUTE / 2);
  berth.app.clock.move(3600);
  expect(await many(50, act)).toBe(PER_MINUTE);
});

it('keeps nothing of what came too fast, and is the same for deliveries and looks', async () => {
  expect(await many(15, count)).toBe(15);
  expect(await many(15, note)).toBe(5);
  expect(await berth.app.ledger.reads.query.inbox.findMany()).toHaveLength(5);
});

it('keeps nobody waiting for longer than a minute when the clock was set back', async () => {
  expect(await many(50, note)).toBe(PER_MINUTE);
  berth.app.clock.move(-86_400);
  expect(await many(1, note)).toBe(0);
  berth.app.clock.move(60);
  expect(await many(50, note)).toBe(PER_MINUTE);
});

it('knows a delivery again, at the same bot, at another one, and in the same moment', async () => {
  expect(await Promise.all([note(bots[0], people.ada, 'a'), note(bots[0], people.ada, 'b'), note(bots[0], people.ada, 'b')])).toEqual([
    true,
    true,
    false,
  ]);
  expect(await note(bots[1], people.ada, 'a')).toBe(false);
});
