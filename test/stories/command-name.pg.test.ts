// A workspace in which another app owns /gpu: Berth answers to its own name, and says that name wherever it names a command.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CHANNEL, people, startStory, type Story } from '../support/story.ts';

const { ada, pat, root } = people;

let story: Story;
beforeAll(async () => {
  story = await startStory({ command: '/berth' });
  await story.startHost({ name: 'gpu-01', gpus: 2 });
  await story.until(async () => (await story.gpu(ada, 'status')).includes('2 of 2'), 'the host');
});
afterAll(async () => story.end());

it.each<[string, string]>([
  ['help', '`/berth status` — what is free'],
  ['', '`/berth request` shows how to ask'],
  ['stauts', 'Did you mean `/berth status`?'],
  ['request 0 a100', 'Example: `/berth request 1 a100 for 2h -- fine-tune`'],
  ['why', 'for example `/berth why al-7k3q9xwd`'],
])('"%s" is answered with its own name, in the text and in the blocks', async (typed, words) => {
  expect(await story.gpu(ada, typed)).toContain(words);
  const shown = story.slack.messagesSeenBy(ada, CHANNEL).at(-1);
  expect(JSON.stringify(shown)).not.toContain('/gpu');
});

it('a window names it too, from its opening to its refusals, and so do the words where no window can be opened', async () => {
  await story.slack.command(ada, CHANNEL, '/berth', 'request');
  await story.slack.waitFor(() => story.slack.modalSeenBy(ada)?.words.includes('Free now'), 5000, 'the window');
  await story.slack.choose(ada, 'request_pool', 'l4');
  const live = await story.slack.waitFor(() => /No host offers `l4`.*$/m.exec(story.slack.modalSeenBy(ada)?.words ?? '')?.[0]);
  expect(live).toContain('`/berth status` shows what there is');
  expect((await story.slack.submit(ada)).outcome).toBe('updated');
  expect(JSON.stringify(story.slack.modalSeenBy(ada)?.blocks)).toContain('`/berth status` shows what there is');
  expect(JSON.stringify(story.slack.modalSeenBy(ada))).not.toContain('/gpu');
  await story.slack.closeView(ada);
  await story.slack.say(ada, story.slack.dm(ada), 'request');
  const examples = await story.sees(ada, story.slack.dm(ada), /How to ask for GPUs/);
  expect(examples.words).toContain('• `/berth request 1 a100 for 2h -- fine-tune`');
});

it('admins and members are told it by direct message as well, and what people wrote stays as they wrote it', async () => {
  await story.gpu(ada, 'request 1 a100 for 1h -- see /gpu wiki');
  const card = await story.sees(pat, CHANNEL, /asks for/);
  expect(card.words).toContain('see /gpu wiki');
  await story.gpu(root, `admin quota <@${ada}> 4 gpus -- more`);
  expect((await story.sees(ada, story.slack.dm(ada), /changed what you may have/)).words).toContain('`/berth quota` shows all of it.');
  await story.slack.say(ada, story.slack.dm(ada), '/berth queue a100');
  await story.sees(ada, story.slack.dm(ada), /a100.*nobody waits/);
});
