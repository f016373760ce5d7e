// Row B3: one member's flood costs that member, not the others.
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testPolicy } from '../support/policy.ts';
import { CHANNEL, people, startStory, type Story } from '../support/story.ts';

const { ada, bob } = people;
let story: Story;

beforeAll(async () => {
  story = await startStory({
    policy: testPolicy({ actionsPerMinute: 20, openRequests: 3, quota: { gpus: 99, gpusPerRequest: 2, cpuContainers: 2 } }),
  });
  await story.startHost({ name: 'gpu-01', gpus: 2 });
  await story.until(async () => (await story.gpu(people.root, 'status')).includes('2 of 2'), 'free GPUs');
});
afterAll(async () => story.end());

it('answers a flood in words, holds only so many requests open, and answers everybody else as ever', async () => {
  const flood = Array.from({ length: 60 }, () => story.gpu(ada, 'request 1 a100 for 1h'));
  const began = performance.now();
  expect(await story.gpu(bob, 'request 1 a100 for 1h')).toContain('waits for an approval');
  expect(performance.now() - began).toBeLessThan(3000);
  await Promise.all(flood);
  const answers = await story.until(async () => {
    const seen = story
      .screen(ada, CHANNEL)
      .filter((words) => /faster than|waits for an approval|requests that wait|Many people are asking/.test(words));
    return seen.length >= 60 ? seen : null;
  }, 'an answer to each');
  const saying = (words: string) => answers.filter((answer) => answer.includes(words)).length;
  // The bucket fills again while they come: one more may pass.
  expect(saying('faster than 20 commands and clicks a minute')).toBeGreaterThanOrEqual(39);
  expect(saying('waits for an approval')).toBeLessThanOrEqual(3);
  const rows = await story.ledger.reads.execute<{ user: string; open: number }>(
    sql`select m.slack_user as user, count(*)::int as open from allocations a join members m on m.id = a.member_id group by 1 order by 1`,
  );
  expect(rows.find(({ user }) => user === ada)?.open).toBe(saying('waits for an approval'));
  expect(rows.find(({ user }) => user === bob)?.open).toBe(1);
});
