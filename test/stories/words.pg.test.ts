// Scenario 24: what people type, by command and by direct message, and the answer they get.
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkBlocks } from '../../src/local/slack/blocks.ts';
import { testPolicy } from '../support/policy.ts';
import { CHANNEL, people, startStory, type Story } from '../support/story.ts';

let story: Story;
beforeAll(async () => {
  const policy = testPolicy({
    quota: { gpus: 64, gpusPerRequest: 4, cpuContainers: 4 },
    pools: [
      {
        name: 'h200',
        match: { model: 'H200' },
        memoryGib: 141,
        approval: 'required',
        maxDuration: '30 days',
        perGpu: { cpus: 1, memoryGib: 1 },
      },
    ],
    cpu: { maxDuration: '24h', share: { cpus: 1, memoryGib: 1 } },
  });
  story = await startStory({ policy });
  await story.startHost({ name: 'gpu-01', gpus: 8, model: 'NVIDIA H200' });
  await story.until(async () => (await story.gpu(people.ada, 'status')).includes('8 of 8'), 'the host');
});
afterAll(async () => story.end());

const requests = async () => {
  const [row] = await story.ledger.reads.execute<{ n: number }>(sql`select count(*)::int as n from allocations`);
  return row?.n ?? 0;
};

describe('understood, and the parsed end said back with Cancel', () => {
  it.each([
    ['request 2 h200 for 6h -- fine-tune', /2 × h200 for 6 h.*would end .*\(Europe\/Berlin\)/s],
    ['request 2xh200 6h fine-tune', /2 × h200 for 6 h/],
    ['request h200 x2 until fri 18:00', /2 × h200 until .*It ends Fri .* 18:00 \(Europe\/Berlin\)/s],
    ['request 1 h200 for 2h — an em-dash', /1 × h200 for 2 h/],
    ['request 1\u00a0h200 for\u00a02h “curly quotes”', /1 × h200 for 2 h/],
    ['request 1 h200 tonight', /It ends .* 08:00 \(Europe\/Berlin\)/],
    ['request 1 gpu 24gb for 1h', /1 × h200 for 1 h/],
    ['2 h200 for 1h -- without the word request', /2 × h200 for 1 h/],
  ])('%s', async (text, words) => {
    const before = await requests();
    const answer = await story.gpu(people.ada, text);
    expect(answer).toMatch(words);
    expect(await requests()).toBe(before + 1);
    const message = story.slack.messagesSeenBy(people.ada, CHANNEL).at(-1);
    const shown = story.slack
      .messagesSeenBy(people.ada, CHANNEL)
      .filter(({ ephemeral }) => ephemeral)
      .at(-1);
    expect(shown?.buttons.map(({ actionId }) => actionId)).toEqual(['cancel']);
    expect(checkBlocks(message?.blocks ?? [])).toEqual([]);
  });

  it('by direct message just the same', async () => {
    const dm = story.slack.dm(people.bob);
    const before = await requests();
    await story.slack.say(people.bob, dm, 'request 1 h200 for 3h -- by message');
    await story.sees(people.bob, dm, /1 × h200 for 3 h/);
    expect(await requests()).toBe(before + 1);
    await story.slack.say(people.bob, dm, 'mine');
    await story.sees(people.bob, dm, /Waiting for an approval/);
  });

  it('the Cancel under the answer withdraws it', async () => {
    await story.gpu(people.pia, 'request 1 h200 for 1h');
    await story.press(people.pia, CHANNEL, 'cancel');
    expect((await story.sees(people.pia, CHANNEL, /is cancelled/)).words).toContain('Nothing of it counts');
  });
});

describe('not understood: which words, what would be, one example, and nothing done', () => {
  it.each([
    ['request 0 h200', /is no number of GPUs/],
    ['request -1 h200', /number of GPUs|did not understand/],
    ['request 1e9 h200', /is no number of GPUs/],
    ['request 99999999999 gpus', /is no number of GPUs/],
    ['request 1 h100', /no pool|did not understand/],
    ['request 1 h200 image pytroch', /no image/],
    ['request 1 h200 on gpu-99', /no host `gpu-99`/],
    ['request 1 h200 for ages', /no duration/],
    ['request 1 h200 until 1999-01-01', /passed|time/],
    ['request 1 h200 run "python train.py"', /cannot run commands for you yet/],
    ['request <!channel>', /did not understand|pool/],
    ['request *_~', /did not understand|pool/],
    ['reqest 1 a', /Did you mean `\/gpu request`/],
    ['relase', /Did you mean `\/gpu release`/],
    ['release al-nosuch99', /There is no `al-nosuch99`/],
    ['\u0007\u0000', /h200/],
  ])('%s', async (text, words) => {
    const before = await requests();
    expect(await story.gpu(people.ada, text)).toMatch(words);
    expect(await requests()).toBe(before);
  });

  it('10 kB of text get a short answer', async () => {
    const answer = await story.gpu(people.ada, `request ${'very long '.repeat(1000)}`);
    expect(answer).toMatch(/characters; I read at most/);
    expect(answer.length).toBeLessThan(600);
  });

  it('nothing typed pings anybody or formats our card', async () => {
    await story.gpu(people.ada, 'request 1 h200 for 1h -- <!channel> *bold* <@U0BOB0001> `x` \u202eevil');
    const card = await story.sees(people.pat, CHANNEL, /evil/);
    const message = story.slack.messagesSeenBy(people.pat, CHANNEL).find(({ ts }) => ts === card.ts);
    expect(JSON.stringify(message?.blocks)).not.toContain('"verbatim":false');
    const mrkdwn = JSON.stringify(
      message?.blocks.filter((block) => !JSON.stringify(block).includes('plain_text') || JSON.stringify(block).includes('actions')),
    );
    expect(mrkdwn).not.toContain('<!channel>');
    expect(message?.text).not.toContain('<!channel>');
    expect(message?.text).not.toContain('<@U0BOB0001>');
  });

  it('an empty request shows three examples; plain /gpu the state of things; help what there is', async () => {
    expect((await story.gpu(people.bob, 'request')).match(/\/gpu request/g)).toHaveLength(3);
    expect(await story.gpu(people.bob, '')).toContain('GPUs are free');
    expect(await story.gpu(people.bob, 'help')).toContain('/gpu release');
  });
});
