// The guard around every listener, when the way on which a delivery came is gone before it is acknowledged.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createGuard, type Turn } from '../../src/slack/guard.ts';
import { plain } from '../../src/slack/views/answer.ts';
import type { Message } from '../../src/slack/views/blocks.ts';
import { testApp, type TestApp } from '../support/app.ts';
import { people } from '../support/policy.ts';

let berth: TestApp;
const replies: Message[] = [];
const lost: Turn = {
  user: people.ada,
  ack: async () => {
    throw new Error('the socket is closed');
  },
  reply: async (message) => void replies.push(message),
};
beforeEach(async () => {
  replies.length = 0;
  berth = await testApp();
});
afterEach(async () => berth.end());

it('performs what was noted down, and answers it once', async () => {
  let performed = 0;
  await createGuard(berth.app, '/gpu').run(lost, async (turn) => {
    await turn.ack();
    performed++;
    await turn.reply(plain('done'));
  });
  expect(performed).toBe(1);
  expect(replies).toEqual([plain('done')]);
});

it('gives an answer that was to go with the acknowledgement the other way', async () => {
  await createGuard(berth.app, '/gpu').run(lost, async (turn) => turn.ack(plain('4 of 4')));
  expect(replies).toEqual([plain('4 of 4')]);
});
