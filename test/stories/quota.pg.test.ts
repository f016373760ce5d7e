// Scenarios 1, 3, 8 and 9, entered only through Slack's own deliveries, against one bot and against two bot processes.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sql } from 'drizzle-orm';
import { testPolicy } from '../support/policy.ts';
import { CHANNEL, people, startStory, type Story, type StoryOptions } from '../support/story.ts';

const variants: readonly (readonly [string, StoryOptions])[] = [
  ['HTTP', { transport: 'http' }],
  ['Socket Mode', { transport: 'socket' }],
  ['two bot processes', { transport: 'http', bots: 'two processes' }],
];
const automatic = testPolicy({
  pools: testPolicy().pools.map((pool) => ({ ...pool, approval: 'none', maxDuration: '24h' })),
});

let story: Story;
afterEach(async () => story.end());

const leases = async () => {
  const rows = await story.ledger.reads.execute<{ device: string }>(sql`select device from leases where released_at is null`);
  return rows.map(({ device }) => device);
};
const inState = async (state: string) => {
  const rows = await story.ledger.reads.execute<{ id: string }>(sql`select id from allocations where state = ${state}`);
  return rows.map(({ id }) => id);
};
const freeGpus = (words: string) => story.until(async () => (await story.gpu(people.ada, 'status')).includes(words), words);

describe.each(variants)('limits over %s', (_, options) => {
  beforeEach(async () => {
    story = await startStory({ ...options, policy: automatic });
    await story.startHost({ name: 'gpu-01', gpus: 4 });
    await freeGpus('4 of 4');
  });

  it('scenario 1: two one by one on different devices, the third refused with the numbers, a CPU container still starts', async () => {
    await story.gpu(people.ada, 'request 1 a100 for 1h');
    await story.until(async () => (await inState('active')).length === 1, 'the first to run');
    await story.gpu(people.ada, 'request 1 a100 for 1h');
    await story.until(async () => (await inState('active')).length === 2, 'the second to run');
    const held = await leases();
    expect(new Set(held).size).toBe(2);
    const refused = await story.gpu(people.ada, 'request 1 a100 for 1h');
    expect(refused).toContain('you use 2/2');
    for (const id of await inState('active')) expect(refused).toContain(id);
    expect(refused).toMatch(/until/);
    expect(await leases()).toEqual(held);
    expect(await story.gpu(people.ada, 'request cpu for 1h')).toContain('a CPU container');
    await story.until(async () => (await inState('active')).length === 3, 'the CPU container to run');
  });
});

describe.each(variants)('everybody at once over %s', (_, options) => {
  /** So many members ask for one of four at the same instant; "3 s" without waiting for them: no create ends before every request is made. */
  async function allAsk(count: number): Promise<string[]> {
    const members = Object.fromEntries(Array.from({ length: count }, (__, index) => [`m${index}`, `U0MEMBER${index}`]));
    story = await startStory({ ...options, policy: automatic });
    for (const [name, id] of Object.entries(members)) {
      story.slack.addMember({ id, name });
      story.slack.joinChannel(CHANNEL, id);
    }
    let creating = 0;
    let release: () => void = () => undefined;
    const allAsked = new Promise<void>((resolve) => (release = resolve));
    await story.startHost({
      name: 'gpu-01',
      gpus: 4,
      wrapEngine: (engine) => ({
        ...engine,
        create: async (...args) => {
          creating++;
          await allAsked;
          return engine.create(...args);
        },
      }),
    });
    await freeGpus('4 of 4');
    const answers = await Promise.all(Object.values(members).map((user) => story.gpu(user, 'request 1 a100 for 1h')));
    expect(answers.filter((answer) => /line|Starting|Running/.test(answer))).toHaveLength(count);
    await story.until(async () => creating === 4, 'four creations under way');
    release();
    await story.until(async () => (await inState('active')).length === 4, 'four running');
    expect(await inState('queued')).toHaveLength(count - 4);
    expect(new Set(await leases()).size).toBe(4);
    return Object.values(members);
  }

  it('scenario 3: four members ask for one of four while containers take 3 s to create: four different devices', async () => {
    await allAsk(4);
    expect(await leases()).toHaveLength(4);
    expect(await inState('active')).toHaveLength(4);
  });

  it('scenario 3: eight members ask for one of four while containers take 3 s to create: four run on four devices, four wait', async () => {
    const members = await allAsk(8);
    const [first] = await inState('active');
    const holder = await story.until(
      async () => members.find((user) => story.screen(user, story.slack.dm(user)).some((words) => words.includes(first ?? '-'))),
      'its holder to be told',
    );
    await story.gpu(holder, `release ${first}`);
    await story.until(async () => (await inState('queued')).length === 3 && (await inState('active')).length === 4, 'the next to run');
    expect(new Set(await leases()).size).toBe(4);
  });
});

describe.each(variants)('approval over %s', (_, options) => {
  it('scenario 8: Approve and Deny in the same instant: one wins, the card says so, the other is told privately', async () => {
    story = await startStory(options);
    await story.startHost({ name: 'gpu-01', gpus: 4 });
    await freeGpus('4 of 4');
    await story.gpu(people.ada, 'request 1 a100 for 1h -- race');
    await story.sees(people.pat, CHANNEL, /asks for/);
    await story.press(people.pia, CHANNEL, 'deny');
    await story.slack.waitFor(() => story.slack.modalSeenBy(people.pia), 8000, 'the dialog');
    await Promise.all([story.press(people.pat, CHANNEL, 'approve'), story.fillIn(people.pia, { words: 'the deadline is Bob’s' })]);
    const card = await story.sees(people.bob, CHANNEL, /Denied by|Approved by/);
    const winner = card.words.includes('Denied by') ? people.pia : people.pat;
    const loser = winner === people.pat ? people.pia : people.pat;
    // Who pressed a button is told beside it, who wrote a reason in their dialog: what they wrote is kept.
    const told = () =>
      loser === people.pia
        ? story.slack.modalSeenBy(loser)?.words
        : story.screen(loser, CHANNEL).find((words) => words.includes('Too late'));
    await story.until(async () => told()?.includes('Too late'), 'the loser to be told');
    expect(told()).toMatch(winner === people.pat ? /approved already|being started|running/ : /was denied already/);
    expect(story.screen(winner, CHANNEL).filter((words) => words.includes('Too late'))).toEqual([]);
    expect(card.buttons).toEqual([]);
    expect(story.screen(people.bob, CHANNEL).filter((words) => words.includes('asks for'))).toHaveLength(1);
  });

  it('scenario 9: nobody answers their own request, an outsider answers none, and without approvers the request is refused and an admin told', async () => {
    story = await startStory(options);
    await story.startHost({ name: 'gpu-01', gpus: 4 });
    await freeGpus('4 of 4');
    await story.gpu(people.pat, 'request 1 a100 for 1h -- mine');
    await story.sees(people.pat, CHANNEL, /asks for/);
    await story.press(people.pat, CHANNEL, 'approve');
    await story.sees(people.pat, CHANNEL, /your own request/);
    await story.press(people.bob, CHANNEL, 'approve');
    await story.sees(people.bob, CHANNEL, /Only the approvers/);
    expect(story.screen(people.ada, CHANNEL).some((words) => /own request|Only the approvers/.test(words))).toBe(false);
    expect(await inState('requested')).toHaveLength(1);
    await story.end();

    story = await startStory({ ...options, policy: testPolicy({ approvers: [] }) });
    await story.startHost({ name: 'gpu-01', gpus: 4 });
    await freeGpus('4 of 4');
    expect(await story.gpu(people.ada, 'request 1 a100 for 1h')).toMatch(/names nobody who could give it/);
    await story.sees(people.root, story.slack.dm(people.root), /Add somebody under/);
    expect(await inState('requested')).toEqual([]);
  });
});
