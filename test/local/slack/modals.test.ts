// Modals through a real Bolt app, over signed HTTP and Socket Mode: filling in, what is asked for first, what an ack makes of them.
import type { App, ViewResponseAction } from '@slack/bolt';
import type { ModalView } from '@slack/types';
import { describe, expect, it } from 'vitest';
import type { LocalSlack } from '../../../src/local/slack/local-slack.ts';
import { ADA, boltOverHttp, boltOverSocket, movableClock, signal, slackWithTwo } from './support.ts';

type Connect = (slack: LocalSlack, register: (app: App) => void) => Promise<unknown>;
const ways: [string, Connect][] = [
  ['signed HTTP', boltOverHttp],
  ['Socket Mode', boltOverSocket],
];

const plain = (text: string) => ({ type: 'plain_text' as const, text });
const option = (value: string) => ({ text: plain(value.toUpperCase()), value });

const ask = (title: string, extra: Partial<ModalView> = {}): ModalView => ({
  type: 'modal',
  callback_id: 'ask',
  title: plain(title),
  submit: plain('Request'),
  private_metadata: 'v1',
  blocks: [
    {
      type: 'input',
      block_id: 'why',
      label: plain('What for'),
      element: { type: 'plain_text_input', action_id: 'text', min_length: 5, max_length: 20 },
    },
    {
      type: 'input',
      block_id: 'pool',
      label: plain('Pool'),
      dispatch_action: true,
      element: { type: 'static_select', action_id: 'pool', options: [option('a100'), option('h100')], initial_option: option('a100') },
    },
    { type: 'input', block_id: 'when', label: plain('From'), optional: true, element: { type: 'timepicker', action_id: 'time' } },
  ],
  ...extra,
});

/** An app whose /gpu opens `first`. */
async function opened(connect: Connect, first: ModalView, register: (app: App) => void, options = {}) {
  const { slack, channel } = await slackWithTwo(options);
  await connect(slack, (app) => {
    app.command('/gpu', async ({ ack, body, client }) => {
      await ack();
      await client.views.open({ trigger_id: body.trigger_id, view: first });
    });
    register(app);
  });
  await slack.command(ADA, channel, '/gpu', 'request');
  const modal = await slack.waitFor(() => slack.modalSeenBy(ADA), 5000, 'a modal');
  return { slack, channel, modal };
}

const answering = (answer: ViewResponseAction | undefined) => (app: App) =>
  app.view('ask', async ({ ack }) => (answer === undefined ? ack() : ack(answer)));

describe.each(ways)('over %s', (_way, connect) => {
  it('keeps what was typed beside an error, and closes when the app takes it', async () => {
    const bodies: object[] = [];
    const { slack, modal } = await opened(connect, ask('Ask'), (app) => {
      app.view('ask', async ({ ack, body, view }) => {
        bodies.push(body);
        const why = view.state.values['why']?.['text']?.value;
        if (why === 'training') await ack();
        else await ack({ response_action: 'errors', errors: { why: `“${why}” says nothing; say what you train.` } });
      });
    });
    expect(modal.fields.map(({ blockId, value }) => [blockId, value])).toEqual([
      ['why', null],
      ['pool', 'a100'],
      ['when', null],
    ]);
    await slack.type(ADA, 'why', 'things');
    await slack.choose(ADA, 'when', '09:30');
    expect(await slack.submit(ADA)).toMatchObject({ outcome: 'errors', delivered: true, problems: [] });
    const [why] = slack.modalSeenBy(ADA)?.fields ?? [];
    expect(why).toMatchObject({ value: 'things', error: '“things” says nothing; say what you train.' });
    await slack.type(ADA, 'why', 'training');
    expect(await slack.submit(ADA)).toMatchObject({ outcome: 'closed', delivered: true, errors: {} });
    expect(slack.modalSeenBy(ADA)).toBeUndefined();
    expect(bodies[1]).toMatchObject({
      type: 'view_submission',
      user: { id: ADA, username: 'ada', name: 'ada', team_id: slack.teamId },
      team: { id: slack.teamId },
      api_app_id: slack.appId,
      view: {
        id: modal.id,
        hash: modal.hash,
        callback_id: 'ask',
        private_metadata: 'v1',
        state: {
          values: {
            why: { text: { type: 'plain_text_input', value: 'training' } },
            pool: { pool: { type: 'static_select', selected_option: option('a100') } },
            when: { time: { type: 'timepicker', selected_time: '09:30' } },
          },
        },
      },
      response_urls: [],
    });
    const [first, second] = bodies as { trigger_id: string }[];
    expect(second?.trigger_id).not.toBe(first?.trigger_id);
  });

  it('asks for required fields and lengths before the app hears of it', async () => {
    const { slack } = await opened(connect, ask('Ask'), answering(undefined));
    expect(await slack.submit(ADA)).toMatchObject({ outcome: 'errors', delivered: false });
    expect(slack.modalSeenBy(ADA)?.errors).toEqual({ why: 'Please complete this required field.' });
    await slack.type(ADA, 'why', 'no');
    expect((await slack.submit(ADA)).errors).toEqual({ why: 'Please write at least 5 characters; there are 2.' });
    await slack.type(ADA, 'why', 'x'.repeat(21));
    expect((await slack.submit(ADA)).errors).toEqual({ why: 'Please write at most 20 characters; there are 21.' });
    expect(slack.deliveries.filter(({ payload }) => payload['type'] === 'view_submission')).toEqual([]);
    await expect(slack.choose(ADA, 'pool', 'tpu')).rejects.toThrow('pool has no option tpu; options: a100, h100.');
    await expect(slack.type(ADA, 'whom', 'x')).rejects.toThrow('ada sees no field whom there; fields: why, pool, when.');
  });

  it('tells the app of a choice at once, which updates the view over the version it saw', async () => {
    const conflict = signal<unknown>();
    const bodies: object[] = [];
    const { slack, modal } = await opened(connect, ask('Ask'), (app) => {
      app.action('pool', async ({ ack, body, client }) => {
        await ack();
        if (body.type !== 'block_actions' || body.view === undefined) return;
        bodies.push(body);
        const { id, hash } = body.view;
        await client.views.update({ view_id: id, hash, view: ask('Ask for H100') });
        await client.views.update({ view_id: id, hash, view: ask('Too late') }).catch((error: unknown) => conflict.reach(error));
      });
    });
    await slack.type(ADA, 'why', 'training');
    expect(await slack.choose(ADA, 'pool', 'H100')).toMatchObject({ outcome: 'acked' });
    expect(await conflict.reached).toMatchObject({ data: { error: 'hash_conflict' } });
    const now = slack.modalSeenBy(ADA);
    expect(now).toMatchObject({ id: modal.id, title: 'Ask for H100' });
    expect(now?.hash).not.toBe(modal.hash);
    expect(now?.fields.map(({ value }) => value)).toEqual(['training', 'h100', null]);
    expect(bodies[0]).toMatchObject({
      type: 'block_actions',
      container: { type: 'view', view_id: modal.id },
      view: {
        hash: modal.hash,
        state: { values: { why: { text: { value: 'training' } }, pool: { pool: { selected_option: option('h100') } } } },
      },
      actions: [{ type: 'static_select', block_id: 'pool', action_id: 'pool', selected_option: option('h100') }],
    });
    expect(bodies[0]).not.toHaveProperty('response_url');
    expect(bodies[0]).not.toHaveProperty('channel');
  });

  it('pushes up to three, refuses the fourth with a line of trouble, and clears them all', async () => {
    const answers: ViewResponseAction[] = [];
    const bare = { blocks: [], submit: plain('Next') };
    const { slack } = await opened(connect, ask('1', bare), (app) => {
      app.view('ask', async ({ ack }) => ack(answers.shift() ?? { response_action: 'clear' }));
    });
    const push = (title: string): ViewResponseAction => ({ response_action: 'push', view: ask(title, bare) });
    answers.push(push('2'), push('3'), push('4'), { response_action: 'update', view: ask('3, anew', bare) });
    expect((await slack.submit(ADA)).outcome).toBe('pushed');
    expect((await slack.submit(ADA)).outcome).toBe('pushed');
    expect(slack.modalSeenBy(ADA)).toMatchObject({ title: '3', depth: 3, trouble: undefined });
    expect(await slack.submit(ADA)).toMatchObject({ outcome: 'failed', problems: ['push_limit_reached'] });
    expect(slack.modalSeenBy(ADA)).toMatchObject({ title: '3', trouble: 'We had some trouble connecting. Try again?' });
    expect((await slack.submit(ADA)).outcome).toBe('updated');
    expect(slack.modalSeenBy(ADA)).toMatchObject({ title: '3, anew', depth: 3, trouble: undefined });
    expect((await slack.submit(ADA)).outcome).toBe('cleared');
    expect(slack.modalSeenBy(ADA)).toBeUndefined();
  });

  it('says that it could not connect when no ack comes in time, and keeps what was typed', async () => {
    const late = signal<void>();
    const register = (app: App) => app.view('ask', () => late.reached);
    const { slack } = await opened(connect, ask('Ask'), register, { ackDeadlineMs: 150 });
    await slack.type(ADA, 'why', 'training');
    expect(await slack.submit(ADA)).toMatchObject({ outcome: 'timeout', delivered: true });
    const modal = slack.modalSeenBy(ADA);
    expect(modal).toMatchObject({ title: 'Ask', trouble: 'We had some trouble connecting. Try again?' });
    expect(modal?.fields[0]?.value).toBe('training');
    late.reach();
  });

  it('tells of closing where the view asks for it: one, or the whole stack', async () => {
    const closed: unknown[] = [];
    const heard = { notify_on_close: true, blocks: [] };
    const { slack, channel } = await opened(connect, ask('1', heard), (app) => {
      app.view({ callback_id: 'ask', type: 'view_closed' }, async ({ ack, body, view }) => {
        await ack();
        closed.push([view.title.text, 'is_cleared' in body && body.is_cleared]);
      });
      app.view('ask', async ({ ack }) => ack({ response_action: 'push', view: ask('2', heard) }));
    });
    await slack.submit(ADA);
    expect(await slack.closeView(ADA)).toEqual({ told: ['acked'] });
    expect(slack.modalSeenBy(ADA)?.title).toBe('1');
    await slack.submit(ADA);
    expect(await slack.closeView(ADA, { all: true })).toEqual({ told: ['acked', 'acked'] });
    expect(slack.modalSeenBy(ADA)).toBeUndefined();
    expect(closed[0]).toEqual(['2', false]);
    expect(new Set(closed.slice(1).map((each) => JSON.stringify(each)))).toEqual(new Set(['["2",true]', '["1",true]']));
    await slack.command(ADA, channel, '/gpu', 'request');
    await slack.waitFor(() => slack.modalSeenBy(ADA));
  });

  it('is refused to an app that took longer than three seconds to ask', async () => {
    const clock = movableClock();
    const { slack, channel } = await slackWithTwo({ clock });
    const refused = signal<unknown>();
    await connect(slack, (app) => {
      app.command('/gpu', async ({ ack, body, client }) => {
        await ack();
        clock.move(4);
        await client.views.open({ trigger_id: body.trigger_id, view: ask('Late') }).catch((error: unknown) => refused.reach(error));
      });
    });
    await slack.command(ADA, channel, '/gpu', 'request');
    expect(await refused.reached).toMatchObject({ data: { error: 'expired_trigger_id' } });
    expect(slack.modalSeenBy(ADA)).toBeUndefined();
  });
});

describe('an ack that Slack would not take', () => {
  it.each<[string, ViewResponseAction, string]>([
    [
      'errors beside nothing',
      { response_action: 'errors', errors: { whom: 'x' } },
      'errors names whom, which is no input block of the view',
    ],
    ['no errors', { response_action: 'errors', errors: {} }, 'errors has no message'],
    [
      'a long title',
      { response_action: 'update', view: ask('x'.repeat(25)) },
      'must be less than 25 characters [json-pointer:/view/title/text]',
    ],
    ['a word that is none', { response_action: 'close' } as never, 'unknown response_action'],
    ['no JSON', 'ok' as never, 'the ack is neither empty nor an object'],
  ])('%s: the member reads that it could not connect', async (_name, answer, problem) => {
    const { slack } = await opened(boltOverHttp, ask('Ask'), answering(answer));
    await slack.type(ADA, 'why', 'training');
    expect(await slack.submit(ADA)).toMatchObject({ outcome: 'failed', problems: [problem] });
    expect(slack.modalSeenBy(ADA)).toMatchObject({ title: 'Ask', errors: {}, trouble: 'We had some trouble connecting. Try again?' });
  });
});
