// Approvals as people live them, through real Bolt apps: cards with consequences, dialogs, threads, extensions, and time that passes.
import { afterEach, describe, expect, it } from 'vitest';
import { movableClock, type MovableClock } from '../support/clock.ts';
import { testPolicy, type PolicyChange } from '../support/policy.ts';
import { CHANNEL, people, startStory, type Story, type StoryOptions } from '../support/story.ts';

const HOUR = 3600;
const { ada, bob, pat, pia } = people;
const QUOTA = { gpus: 8, gpusPerRequest: 8, cpuContainers: 2, gpuHours: 1000 };

let story: Story;
afterEach(async () => story.end());

async function begin(options: StoryOptions = {}, change: PolicyChange = {}): Promise<void> {
  story = await startStory({ ...options, policy: testPolicy({ quota: QUOTA, ...change }) });
  await story.startHost({ name: 'gpu-01', gpus: 4 });
  await story.until(async () => (await story.gpu(ada, 'status')).includes('4 of 4'), 'four free GPUs');
}

async function asks(user: string, text: string): Promise<string> {
  const id = /al-[0-9a-z]+/.exec(await story.gpu(user, `request ${text}`))?.[0] ?? '';
  await story.sees(pat, CHANNEL, new RegExp(`\`${id}\` · time counts`));
  return id;
}

const card = (id: string) => story.screen(pat, CHANNEL).findLast((words) => words.includes(`\`${id}\` ·`)) ?? '';
const cardSays = async (id: string, words: RegExp) => story.until(async () => words.test(card(id)), `the card of ${id} to say ${words}`);
const allocation = async (id: string) => (await story.ledger.reads.query.allocations.findMany()).find((row) => row.id === id);

const variants: readonly (readonly [string, StoryOptions])[] = [
  ['one bot, by HTTP', {}],
  ['two bot processes, by Socket Mode', { transport: 'socket', bots: 'two processes' }],
];

describe.each(variants)('with %s', (_, options) => {
  it('scenario 10: approved with less, told in both numbers and why, and declined free of charge', async () => {
    await begin(options);
    const id = await asks(ada, '4 a100 for 24h -- sweep');
    expect(card(id)).toMatch(/Approve: it starts now on `gpu-01`, GPU 0 \+ 1 \+ 2 \+ 3; nobody waits longer\./);
    expect(card(id)).toMatch(/\*Their GPUs\*\n0 → 4 of 8\n\*Their GPU-hours\*\n0 → 96 of 1000\n\*Free a100\*\n4 → 0 of 4/);
    await story.press(pat, CHANNEL, 'approve_less');
    // What cannot be approved is said beside its field, and what was typed is kept.
    expect(await story.fillIn(pat, { devices: '2', time: 'a while', words: 'two are enough' })).toMatchObject({ outcome: 'errors' });
    expect(story.slack.modalSeenBy(pat)?.fields.map(({ value }) => value)).toEqual(['2', 'a while', 'two are enough']);
    expect(await story.fillIn(pat, { time: '8h' })).toMatchObject({ delivered: true });
    const dm = story.slack.dm(ada);
    const told = await story.sees(ada, dm, /approved \*2 × a100 for 8 h\*/);
    expect(told.words).toMatch(/instead of the 4 × a100 for 1 day that you asked for\. They say: two are enough .*decline it by/s);
    await story.sees(ada, dm, /Your container runs:\* 2 × a100/);
    await story.press(ada, dm, 'decline');
    await cardSays(id, /Ended .*it was declined/);
    const entries = await story.ledger.reads.execute<{ kind: string }>('select kind from entries');
    expect(entries.map(({ kind }) => kind).toSorted()).toEqual(['hold', 'void', 'void']);
  });

  it('a question goes to the requester, and its answer into the thread of the card', async () => {
    await begin(options);
    const id = await asks(ada, '1 a100 for 2h -- test');
    await story.press(pat, CHANNEL, 'ask');
    await story.fillIn(pat, { words: 'Which data set?' });
    await story.sees(pat, CHANNEL, new RegExp(`asks <@${ada}>: Which data set\\?`));
    await cardSays(id, /Waiting for <@U0ADA0001>’s answer/);
    const dm = story.slack.dm(ada);
    await story.sees(ada, dm, /asks about your request .*Which data set\?/);
    await story.press(ada, dm, 'reply');
    await story.fillIn(ada, { words: 'ImageNet <!channel>' });
    const answer = await story.sees(pat, CHANNEL, /answers <@U0PAT0001>: ImageNet &lt;!channel&gt;/);
    const { ts } = await story.sees(pat, CHANNEL, new RegExp(`\`${id}\` · time counts`));
    expect(story.slack.messagesSeenBy(pat, CHANNEL).find((message) => message.ts === answer.ts)?.threadTs).toBe(ts);
    await story.press(pat, CHANNEL, 'approve');
    await cardSays(id, /Approved by <@U0PAT0001>/);
  });

  it('scenario 9: dialogs open for nobody who may not answer', async () => {
    await begin(options, { approvers: [pat, ada] });
    const id = await asks(ada, '1 a100 for 2h');
    for (const button of ['approve_less', 'ask', 'deny']) {
      await story.press(bob, CHANNEL, button);
      await story.press(ada, CHANNEL, button);
    }
    await story.until(
      async () => story.screen(bob, CHANNEL).filter((words) => words.includes('Only the approvers')).length === 3,
      'three refusals',
    );
    await story.until(
      async () => story.screen(ada, CHANNEL).filter((words) => words.includes('your own request')).length === 3,
      'three more',
    );
    expect([story.slack.modalSeenBy(bob), story.slack.modalSeenBy(ada)]).toEqual([undefined, undefined]);
    // Whoever was an approver when the dialog opened, and is one no longer, is refused when they submit it.
    await story.press(pat, CHANNEL, 'deny');
    await story.slack.waitFor(() => story.slack.modalSeenBy(pat), 8000, 'the dialog');
    await story.setPolicy(testPolicy({ quota: QUOTA, approvers: [pia] }));
    await story.fillIn(pat, { words: 'no' });
    expect(story.slack.modalSeenBy(pat)?.words).toContain('Only the approvers');
    expect((await allocation(id))?.state).toBe('requested');
  });

  it('an extension that others would wait for has a card of its own, which names them', async () => {
    await begin(options);
    const id = await asks(ada, '4 a100 for 4h -- train');
    await story.press(pat, CHANNEL, 'approve');
    const dm = story.slack.dm(ada);
    await story.sees(ada, dm, /Your container runs/);
    const waiting = await asks(bob, '1 a100 for 1h');
    await story.press(pat, CHANNEL, 'approve');
    await cardSays(waiting, /Waiting for a place, first in line/);
    expect(await story.gpu(ada, `extend ${id} 2h`)).toMatch(/needs an approval: others wait for these GPUs/);
    const asked = await story.sees(pat, CHANNEL, /asks to keep \*4 × a100\* for 2 h more/);
    expect(asked.words).toMatch(new RegExp(`one request waits longer: \`${waiting}\` of <@${bob}> by 2 h\\.`));
    expect(await story.gpu(ada, `extend ${id} 1h`)).toMatch(/have been asked already/);
    await story.press(pat, CHANNEL, 'deny');
    await story.fillIn(pat, { words: 'Bob has a deadline' });
    await story.sees(ada, dm, /was denied by <@U0PAT0001>; it runs until .* as before\. They say: Bob has a deadline/);
    await story.sees(pat, CHANNEL, /asks to keep[^]*Denied by <@U0PAT0001>/);
  });
});

describe('by a clock that the story moves', () => {
  let clock: MovableClock;

  it('scenario 11: nobody answers: a reminder, the next set of approvers, then it lapses, and the requester is told how to ask again', async () => {
    clock = movableClock(new Date().toISOString());
    await begin({ bots: 'two inside', clock }, { approvers: [pat], escalation: [{ after: '8h', approvers: [pia] }], approvalLapse: '24h' });
    const id = await asks(ada, '1 a100 for 2h');
    expect(card(id)).toMatch(/\*If nobody does\*\n[^\n]*: a reminder\n[^\n]*: <@U0PIA0001> asked too\n[^\n]*: it lapses/);
    clock.move(4 * HOUR);
    await story.sees(pat, CHANNEL, /<@U0PAT0001>: this request still waits for an answer/);
    clock.move(4 * HOUR);
    await story.sees(pia, CHANNEL, /<@U0PAT0001> or <@U0PIA0001> may answer now/);
    await cardSays(id, /\*May answer\*\n<@U0PAT0001> or <@U0PIA0001>/);
    clock.move(16 * HOUR);
    await cardSays(id, /Lapsed .*nobody answered/);
    await story.sees(ada, story.slack.dm(ada), /nobody answered\. Nothing counts against your limit any more; ask again with/);
    const buttons = story.slack.messagesSeenBy(pat, CHANNEL).flatMap((message) => message.buttons);
    expect(buttons.filter(({ actionId }) => actionId !== 'cancel')).toEqual([]);
    expect(await story.gpu(ada, 'quota')).toContain('0 of 8 used');
  });

  it('scenario 12: asked for 1 h, approved after 59 min: the hour counts from when it runs', async () => {
    clock = movableClock(new Date().toISOString());
    await begin({ clock });
    const id = await asks(ada, '1 a100 for 1h');
    clock.move(59 * 60);
    await story.until(async () => (await story.gpu(ada, 'status')).includes('4 of 4'), 'the host to be heard again');
    await story.press(pat, CHANNEL, 'approve');
    await story.sees(ada, story.slack.dm(ada), /Your container runs/);
    const row = await allocation(id);
    expect((row?.leaseEndsAt?.getTime() ?? 0) - (row?.activeAt?.getTime() ?? 0)).toBe(HOUR * 1000);
    expect(row?.activeAt?.getTime()).toBeGreaterThanOrEqual(clock.now().getTime() - 60_000);
  });

  it('what an approver allowed beforehand, or handed over, holds until its end', async () => {
    clock = movableClock(new Date().toISOString());
    await begin({ clock });
    await asks(ada, '2 a100 for 4h');
    await story.choose(pat, CHANNEL, 'more', 'Approve, and further requests like it…');
    await story.fillIn(pat, { devices: '1', days: '7' });
    await story.sees(ada, story.slack.dm(ada), /Your container runs:\* 2 × a100/);
    const again = await story.gpu(ada, 'request 1 a100 for 4h');
    expect(again).toMatch(/line|Starting/);
    expect(await story.gpu(ada, `why ${/al-[0-9a-z]+/.exec(again)?.[0]}`)).toContain('had allowed it beforehand');
    const list = await story.gpu(pia, 'approvals');
    expect(list).toMatch(/<@U0ADA0001> needs no answer for `a100` up to 1 GPU and 4 h at a time/);
    expect(await story.gpu(pia, 'approvals revoke 1')).toContain('is over');
    expect(await story.gpu(ada, 'request 1 a100 for 4h')).toContain('waits for an approval');
    expect(await story.gpu(bob, 'approvals')).toContain('Only the approvers');
    expect(await story.gpu(pat, `approvals hand <@${bob}|bob> for 2 days`)).toContain('may answer for you until');
    await story.sees(bob, story.slack.dm(bob), /has handed their approvals over to you/);
    expect(await story.gpu(bob, 'approvals')).toMatch(/One request waits for an approval[^]*<@U0BOB0001> may answer for <@U0PAT0001>/);
    expect(await story.gpu(pat, 'approvals hnd bob')).toContain('I do not understand `hnd bob`');
    await story.press(bob, CHANNEL, 'approve');
    await story.sees(pat, CHANNEL, /Approved by <@U0BOB0001> for <@U0PAT0001>/);
  });
});
