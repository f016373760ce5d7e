// The first slice as people live it: ask, approve, run, release; over signed HTTP and over Socket Mode, with one bot and with two.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CHANNEL, people, startStory, type Story, type StoryOptions } from '../support/story.ts';

const variants: readonly (readonly [string, StoryOptions])[] = [
  ['HTTP', { transport: 'http' }],
  ['Socket Mode', { transport: 'socket' }],
  ['two bot processes', { transport: 'http', bots: 'two processes' }],
];

describe.each(variants)('first light over %s', (_, options) => {
  let story: Story;
  beforeEach(async () => {
    story = await startStory(options);
    await story.startHost({ name: 'gpu-01', gpus: 4 });
  });
  afterEach(async () => story.end());

  it('takes a request through approval to a running container, longer, and back', async () => {
    await story.until(async () => (await story.gpu(people.ada, 'status')).includes('4 of 4'), 'four free GPUs');
    const asked = await story.gpu(people.ada, 'request 1 a100 for 2h -- fine-tune');
    expect(asked).toContain('waits for an approval');
    expect(asked).toContain('Only simulated hosts offer it: no container will really run.');
    await story.sees(people.pat, CHANNEL, /asks for[^]*Only simulated hosts offer it/);
    await story.press(people.pat, CHANNEL, 'approve');
    const dm = story.slack.dm(people.ada);
    await story.sees(people.ada, dm, /Your container runs[^]*This host is simulated/);
    for (const list of ['status', 'mine'])
      expect(await story.gpu(people.ada, list)).toContain('Simulated, not real: the containers and GPUs of `gpu-01`.');
    await story.sees(people.pat, CHANNEL, /Running on/);
    const card = () => story.screen(people.ada, dm).find((words) => words.includes('Your container runs')) ?? '';
    const redrawn = async (work: () => Promise<unknown>) => {
      const before = card();
      await work();
      await story.until(async () => card() !== before, 'the card to say the new end');
    };
    await redrawn(async () => expect(await story.gpu(people.ada, 'extend 90 min')).toMatch(/^`al-\w+` \(1 × a100\) now runs until /));
    expect(await story.gpu(people.ada, 'extend for ever')).toContain('Example: `/gpu extend 4h`');
    expect(await story.gpu(people.bob, 'extend 4h')).toContain('You have no container that runs');
    await redrawn(() => story.press(people.ada, dm, 'extend'));
    await story.press(people.ada, dm, 'release');
    await story.sees(people.pat, CHANNEL, /Ended .*released/);
    expect(await story.gpu(people.ada, 'status')).toContain('4 of 4 GPUs are free');
  });
});
