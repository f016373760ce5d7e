// Scenario 24: what people type, by command and by direct message, to one bot and to two, and the answer they get.
import { DateTime } from 'luxon';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkBlocks } from '../../src/local/slack/blocks.ts';
import type { SeenMessage } from '../../src/local/slack/seen.ts';
import { testPolicy } from '../support/policy.ts';
import { CHANNEL, people, startStory, type Story, type StoryOptions } from '../support/story.ts';

const variants: readonly (readonly [string, StoryOptions])[] = [
  ['one bot, by HTTP', {}],
  ['two bot processes, by HTTP', { bots: 'two processes' }],
  ['two bot processes, by Socket Mode', { bots: 'two processes', transport: 'socket' }],
];
const perGpu = { cpus: 1, memoryGib: 1 };
const policy = testPolicy({
  quota: { gpus: 1000, gpusPerRequest: 4, cpuContainers: 4 },
  pools: [
    { name: 'h200', match: { model: 'H200' }, memoryGib: 141, approval: 'required', maxDuration: '30 days', perGpu },
    { name: 'l4', match: { model: 'L4' }, memoryGib: 24, approval: 'none', maxDuration: '12h', perGpu },
  ],
  cpu: { maxDuration: '24h', share: perGpu },
});

let story: Story;

const requests = async () => {
  const [row] = await story.ledger.reads.execute<{ n: number }>(sql`select count(*)::int as n from allocations`);
  return row?.n ?? 0;
};

/** Types it and returns the answer, as it is seen: privately in the channel, or in the direct messages with the bot. */
async function type(user: string, way: 'command' | 'message', text: string): Promise<SeenMessage> {
  const place = way === 'command' ? CHANNEL : story.slack.dm(user);
  const seen = () =>
    story.slack.messagesSeenBy(user, place).filter(({ author, ephemeral }) => (way === 'command' ? ephemeral : author !== user));
  const before = new Set(seen().map(({ ts }) => ts));
  await (way === 'command' ? story.gpu(user, text) : story.slack.say(user, place, text));
  return story.slack.waitFor(() => seen().find(({ ts }) => !before.has(ts)), 8000, `an answer to ${text}`);
}

describe.each(variants)('with %s', (_, options) => {
  beforeAll(async () => {
    story = await startStory({ ...options, policy });
    await Promise.all([
      story.startHost({ name: 'gpu-01', gpus: 8, model: 'NVIDIA H200' }),
      story.startHost({ name: 'gpu-02', gpus: 1, model: 'NVIDIA L4' }),
    ]);
    const free = async () => /8 of 8[\s\S]*1 of 1/.test(await story.gpu(people.ada, 'status'));
    await story.until(free, 'the hosts');
  });
  afterAll(async () => story.end());

  describe('understood, and the parsed end said back with Cancel:', () => {
    it.each([
      ['2 h200 for 6h -- fine-tune', /2 × h200 for 6 h.*would end .*\(Europe\/Berlin\)/s],
      ['2xh200 6h fine-tune', /2 × h200 for 6 h.*would end/s],
      ['h200 x2 until fri 18:00', /2 × h200 until .*It ends Fri .* 18:00 \(Europe\/Berlin\)/s],
      ['1 h200 for 2h — an em-dash', /1 × h200 for 2 h.*would end.*an em-dash/s],
      ['1 h200 for 2h – an en-dash', /1 × h200 for 2 h.*would end.*an en-dash/s],
      ['1 h200 for 2h –fine', /1 × h200 for 2 h.*would end.*fine/s],
      ['1\u00a0h200 for\u00a02h “curly quotes”', /1 × h200 for 2 h.*would end.*curly quotes/s],
      ['1 h200 tonight', /It ends .* 08:00 \(Europe\/Berlin\)/],
      ['1 gpu 24gb for 1h', /1 × h200 for 1 h.*would end/s],
      ['request 1 h200 for 1h', /1 × h200 for 1 h.*would end/s],
    ])('%s', async (text, words) => {
      for (const way of ['command', 'message'] as const) {
        const before = await requests();
        const answer = await type(people.ada, way, text);
        expect(answer.words).toMatch(words);
        expect(answer.buttons.map(({ actionId }) => actionId)).toEqual(['cancel']);
        expect(checkBlocks(answer.blocks)).toEqual([]);
        expect(await requests()).toBe(before + 1);
      }
    });

    it('also when nobody has to approve, by command and by direct message', async () => {
      await story.gpu(people.bob, 'request 1 l4 for 2h -- takes the only one');
      await story.sees(people.bob, story.slack.dm(people.bob), /Your container runs/);
      // Whenever this runs, the pool gives it for so long.
      const end = DateTime.now().setZone('Europe/Berlin').plus({ hours: 6 }).toFormat('HH:mm');
      for (const way of ['command', 'message'] as const) {
        const answer = await type(people.ada, way, `1 l4 until ${end}`);
        expect(answer.words).toMatch(new RegExp(`1 × l4 until .*It ends .* ${end} \\(Europe/Berlin\\)`, 's'));
        expect(answer.buttons.map(({ actionId }) => actionId)).toEqual(['cancel']);
      }
    });

    it('the Cancel under the answer withdraws it', async () => {
      await story.gpu(people.pia, 'request 1 h200 for 1h');
      await story.press(people.pia, CHANNEL, 'cancel');
      expect((await story.sees(people.pia, CHANNEL, /is cancelled/)).words).toContain('Nothing of it counts');
      const dm = story.slack.dm(people.pia);
      await type(people.pia, 'message', '1 h200 for 1h');
      await story.press(people.pia, dm, 'cancel');
      await story.sees(people.pia, dm, /is cancelled/);
    });
  });

  describe('not understood: which words, what would be, one example, and nothing done:', () => {
    it.each([
      ['0 h200', /`0` is no number of GPUs/],
      ['-1 h200', /`-1` is no number of GPUs/],
      ['1e9 h200', /`1e9` is no number of GPUs/],
      ['99999999999 gpus', /`99999999999` is no number of GPUs/],
      ['1 v100', /no pool `v100`\./],
      ['2 h20 for 6h', /no pool `h20`\. Did you mean `h200`\?/],
      ['please 2 h20 for 6h', /no pool `h20`\. Did you mean `h200`\?/],
      ['give me 2 h200', /did not understand `give`, `me`/],
      ['1 h200 image tset', /no image `tset`\. Did you mean `test`\?/],
      ['1 h200 on gpu-99', /no host `gpu-99`/],
      ['2 h200 for ages', /`ages` is no duration/],
      ['1 h200 until 1999-01-01', /passed|time/],
      ['for 6h', /did not find how many GPUs of which pool/],
      ['1 h200 run "python train.py"', /cannot run commands for you yet/],
    ])('%s', async (text, words) => {
      const before = await requests();
      for (const [way, typed] of [
        ['command', `request ${text}`],
        ['command', text],
        ['message', text],
      ] as const) {
        const answer = await type(people.ada, way, typed);
        expect(answer.words).toMatch(words);
        expect(answer.words).toMatch(/`\/gpu request 1 h200 for 2h -- fine-tune`/);
        expect(answer.buttons).toEqual([]);
      }
      expect(await requests()).toBe(before);
    });

    it.each<[string, RegExp, string?]>([
      ['request <!channel>', /did not understand|pool/],
      ['request *_~', /did not understand|pool/],
      ['reqest 1 a', /Did you mean `\/gpu request`/],
      ['relase', /Did you mean `\/gpu release`/],
      ['thanks for the help', /do not know `thanks`/],
      ['<!channel>', /do not know/],
      ['*_~', /do not know `\*_~`/],
      ['release al-nosuch99', /There is no `al-nosuch99`/],
      ['queue h20', /no pool `h20`\. Did you mean `h200`\?/],
      ['10 kB of text', /do not know `very`/, 'very '.repeat(2000)],
      ['a request of 10 kB', /characters; I read at most/, `request ${'very long '.repeat(1000)}`],
    ])('%s', async (title, words, text = title) => {
      const before = await requests();
      for (const way of ['command', 'message'] as const) {
        const answer = await type(people.ada, way, text);
        expect(answer.words).toMatch(words);
        expect(answer.words).toMatch(/`\/gpu (?:request 1 h200 for 2h|mine)/);
        expect(answer.words.length).toBeLessThan(600);
        expect(answer.text).not.toContain('<!channel>');
      }
      expect(await requests()).toBe(before);
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

    it('an empty request shows three examples in a direct message; nothing at all the state of things; help what there is', async () => {
      await story.slack.say(people.bob, story.slack.dm(people.bob), 'request');
      const examples = await story.sees(people.bob, story.slack.dm(people.bob), /How to ask for GPUs/);
      expect(examples.words.match(/\/gpu request/g)).toHaveLength(3);
      for (const nothing of ['', '\u0007\u0000']) expect(await story.gpu(people.bob, nothing)).toContain('GPUs are free');
      expect(await story.gpu(people.bob, 'help')).toMatch(/1 h200[\s\S]*\/gpu release/);
      await story.slack.say(people.bob, story.slack.dm(people.bob), 'mine');
      await story.sees(people.bob, story.slack.dm(people.bob), /Running on/);
    });
  });
});
