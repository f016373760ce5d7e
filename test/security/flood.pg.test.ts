// Row B3: one member's flood costs that member, not the others, however many bots there are.
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { testPolicy } from '../support/policy.ts';
import { CHANNEL, people, startStory, type Story } from '../support/story.ts';

const { ada, bob, pat } = people;
const PER_MINUTE = 60;
let story: Story;

beforeEach(async () => {
  story = await startStory({
    bots: 'two processes',
    policy: testPolicy({ actionsPerMinute: PER_MINUTE, openRequests: 3, quota: { gpus: 99, gpusPerRequest: 2, cpuContainers: 2 } }),
  });
  await story.startHost({ name: 'gpu-01', gpus: 2 });
  await story.until(async () => (await story.gpu(people.root, 'status')).includes('2 of 2'), 'free GPUs');
});
afterEach(async () => story.end());

/** What became of what Ada sent: by words of the answer. */
const answersToAda = () =>
  story.screen(ada, CHANNEL).filter((words) => /faster than|waits for an approval|requests that wait|Many people are asking/.test(words));

it('answers a flood in words, lets through at two bots together what one may, and holds only so many requests open', async () => {
  const began = performance.now();
  const sent = 3 * PER_MINUTE;
  await Promise.all(Array.from({ length: sent }, () => story.gpu(ada, 'request 1 a100 for 1h')));
  const answers = await story.until(async () => (answersToAda().length >= sent ? answersToAda() : null), 'an answer to each');
  const saying = (words: string) => answers.filter((answer) => answer.includes(words)).length;
  // The buckets fill again while they come.
  const refilled = Math.ceil(((performance.now() - began) * PER_MINUTE) / 60_000) + 1;
  expect(saying(`faster than ${PER_MINUTE} commands and clicks a minute`)).toBeGreaterThanOrEqual(sent - PER_MINUTE - refilled);
  expect(saying('waits for an approval')).toBeLessThanOrEqual(3);
  const rows = await story.ledger.reads.execute<{ user: string; open: number }>(
    sql`select m.slack_user as user, count(*)::int as open from allocations a join members m on m.id = a.member_id group by 1 order by 1`,
  );
  expect(rows).toEqual([{ user: ada, open: saying('waits for an approval') }]);
});

it('lets through no more looks at two bots than at one', async () => {
  const began = performance.now();
  const answers = await Promise.all(Array.from({ length: 2 * PER_MINUTE }, () => story.gpu(ada, 'mine')));
  const refilled = Math.ceil(((performance.now() - began) * PER_MINUTE) / 60_000) + 1;
  expect(answers.filter((words) => !words.includes('faster than')).length).toBeLessThanOrEqual(PER_MINUTE + refilled);
});

it('answers everybody else as ever meanwhile, as fast as ever, and shows their cards', async () => {
  const looks = 25;
  const slowest = async () => {
    let longest = 0;
    for (let look = 0; look < looks; look++) {
      const began = performance.now();
      expect(await story.gpu(bob, 'status')).toContain('2 of 2');
      longest = Math.max(longest, performance.now() - began);
    }
    return longest;
  };
  const calm = await slowest();
  let flooding = true;
  let sent = 0;
  const flood = Array.from({ length: 10 }, async () => {
    while (flooding) {
      await story.gpu(ada, 'request 1 a100 for 1h');
      sent++;
    }
  });
  await story.until(async () => sent > PER_MINUTE + 20, 'the flood to be refused');
  const flooded = await slowest();
  expect(await story.gpu(bob, 'request 1 a100 for 1h -- mine')).toContain('waits for an approval');
  await story.sees(pat, CHANNEL, /mine/);
  const during = sent;
  flooding = false;
  await Promise.all(flood);
  expect(during).toBeGreaterThan(2 * PER_MINUTE);
  // Ten deliveries of hers are under way at any moment, on the same two cores as his; below 50 ms a pause of the machine is all there is.
  expect(flooded / Math.max(calm, 50)).toBeLessThan(10);
});
