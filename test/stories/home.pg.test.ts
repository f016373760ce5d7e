// App Home as members meet it: opened, followed through a container's life, pressed, forged, and with Slack or a second bot in the way.
import { sql } from 'drizzle-orm';
import { afterEach, expect, it } from 'vitest';
import { changesNothing } from '../security/support.ts';
import { movableClock, type MovableClock } from '../support/clock.ts';
import { testPolicy } from '../support/policy.ts';
import { CHANNEL, people, startStory, type Story, type StoryOptions } from '../support/story.ts';

const { ada, bob, pat, root } = people;
const EVE = 'U0EVE0001';

let story: Story;
let clock: MovableClock;
afterEach(async () => story.end());

async function begin(options: StoryOptions = {}): Promise<void> {
  clock = movableClock(new Date().toISOString());
  story = await startStory({ clock, ...options });
  await story.startHost({ name: 'gpu-01', gpus: 2 });
  await story.until(async () => (await story.gpu(ada, 'status')).includes('2 of 2'), 'the host');
}

const home = (user: string) => story.slack.homeSeenBy(user);

/** Waits until `user`'s Home says it; the clock goes about ten times as fast meanwhile, so that a Home's turn comes while hosts are still heard. */
async function shows(user: string, words: RegExp): Promise<string> {
  let looks = 0;
  return story.until(
    async () => {
      if (++looks % 5 === 0) clock.move(1);
      const seen = home(user)?.words ?? '';
      return words.test(seen) && seen;
    },
    `${words} on the Home of ${user}`,
    20_000,
  );
}

async function open(user: string, words: RegExp): Promise<string> {
  expect((await story.slack.openHome(user)).outcome).toBe('acked');
  return shows(user, words);
}

const request = async (user: string) => /al-[0-9a-z]+/.exec(await story.gpu(user, 'request 1 a100 for 2h -- x'))?.[0] ?? '';
const published = () => story.slack.apiCalls.filter(({ method }) => method === 'views.publish');

it('shows all of it, and follows from the request to the release', async () => {
  await begin();
  await open(ada, /You have no container and no request/);
  await open(pat, /Nothing waits for your answer/);
  const nothing = home(ada)?.words ?? '';
  expect(nothing).toContain('2 of 2 GPUs are free');
  expect(nothing).toMatch(/GPUs at once: 0 of 2 used/);
  expect(nothing).not.toContain('waits for your answer');
  const id = await request(ada);
  expect(await shows(ada, new RegExp(id))).toContain('Waiting for an approval');
  expect(await shows(pat, /One request waits for your answer/)).toContain(`<#${CHANNEL}>`);
  expect(home(pat)?.buttons.map(({ actionId }) => actionId)).toEqual(['open_request']);
  await story.press(pat, CHANNEL, 'approve');
  await shows(ada, /Running on `gpu-01`/);
  await shows(pat, /Nothing waits for your answer/);
  await story.slack.click(ada, 'home', 'release');
  await story.sees(ada, story.slack.dm(ada), /is being stopped/);
  await shows(ada, /You have no container and no request/);
});

it('opens the window that asks, and takes a press once', async () => {
  await begin();
  await open(ada, /no request/);
  await story.slack.click(ada, 'home', 'open_request');
  await story.slack.waitFor(() => story.slack.modalSeenBy(ada), 5000, 'the window');
  await story.slack.closeView(ada, {});
  const id = await request(ada);
  await shows(ada, new RegExp(id));
  await story.slack.click(ada, 'home', 'cancel');
  await story.sees(ada, story.slack.dm(ada), /is cancelled/);
  await story.slack.resend();
  await shows(ada, /no request/);
  expect(story.screen(ada, story.slack.dm(ada)).filter((words) => words.includes(id))).toHaveLength(1);
});

it('takes no press for what is somebody else’s, nor one that no Home has', async () => {
  await begin();
  const theirs = await request(bob);
  const mine = await request(ada);
  await open(ada, new RegExp(mine));
  await open(pat, /wait for your answer/);
  const refused = async (user: string, button: string, tamper: object) => {
    const said = () => story.screen(user, story.slack.dm(user)).filter((words) => words.includes('not the current card')).length;
    const before = said();
    expect((await story.slack.click(user, 'home', button, { tamper })).outcome).toBe('acked');
    await story.slack.waitFor(() => said() === before + 1, 5000, 'a refusal');
  };
  await changesNothing(story, async () => {
    for (const actionId of ['cancel', 'release', 'extend', 'decline']) await refused(ada, 'cancel', { actionId, value: `${theirs}:1` });
    for (const value of ['', 'x', `${mine}:0`, 'al-zzzzzzzz:1x']) await refused(ada, 'cancel', { value });
    for (const actionId of ['approve', 'approve_less', 'ask', 'deny', 'more'])
      await refused(pat, 'open_request', { actionId, value: `${mine}:1` });
  });
  expect(home(ada)?.words).toContain(mine);
});

it('tells an outsider why, and nothing else', async () => {
  await begin({ policy: testPolicy({ members: { list: [ada, bob, pat, root] } }) });
  story.slack.addMember({ id: EVE, name: 'eve' });
  await story.slack.openHome(EVE);
  const seen = await story.slack.waitFor(() => home(EVE), 5000, 'words on the outsider’s Home');
  expect(seen.blocks).toHaveLength(1);
  expect(seen.words).toMatch(/admin/);
  expect(seen.words).not.toMatch(/GPUs are free|a100/);
  expect([...(await story.ledger.reads.execute(sql`select 1 from homes`))]).toEqual([]);
});

it('is published once by two bots', async () => {
  await begin({ bots: 'two inside' });
  await open(ada, /no request/);
  expect(published()).toHaveLength(1);
  const id = await request(ada);
  await shows(ada, new RegExp(id));
  expect(published()).toHaveLength(2);
});

it('comes later when Slack does not take it, and nothing else waits for it', async () => {
  await begin();
  story.slack.fail.next('views.publish', { status: 500 });
  story.slack.fail.next('views.publish', { status: 429, retryAfter: 1 });
  await story.slack.openHome(ada);
  const id = await request(ada);
  await story.sees(pat, CHANNEL, new RegExp(id));
  await shows(ada, new RegExp(id));
  expect(published().length).toBeGreaterThanOrEqual(3);
});
