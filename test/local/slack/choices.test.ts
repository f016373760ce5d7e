// Choosing in Home tabs and messages, and the kinds of fields, through a real Bolt app: what is told, and what it holds.
import type { App } from '@slack/bolt';
import type { KnownBlock } from '@slack/types';
import { WebClient } from '@slack/web-api';
import { describe, expect, it } from 'vitest';
import type { LocalSlack } from '../../../src/local/slack/local-slack.ts';
import { ADA, BEN, boltOverHttp, boltOverSocket, slackWithTwo } from './support.ts';

type Connect = (slack: LocalSlack, register: (app: App) => void) => Promise<unknown>;
const ways: [string, Connect][] = [
  ['signed HTTP', boltOverHttp],
  ['Socket Mode', boltOverSocket],
];
const plain = (text: string) => ({ type: 'plain_text' as const, text });
const option = (value: string) => ({ text: plain(value.toUpperCase()), value });
const confirm = { title: plain('Sure?'), text: plain('It ends.'), confirm: plain('End it'), deny: plain('Keep') };

describe.each(ways)('over %s', (_way, connect) => {
  it('tells the app of a press and a choice in the Home tab it published', async () => {
    const { slack } = await slackWithTwo();
    const bodies: object[] = [];
    const home = (words: string): KnownBlock[] => [
      {
        type: 'section',
        block_id: 's',
        text: plain(words),
        accessory: { type: 'button', action_id: 'release', value: '7', text: plain('Release') },
      },
      {
        type: 'actions',
        block_id: 'prefs',
        elements: [{ type: 'static_select', action_id: 'digest', options: [option('on'), option('off')] }],
      },
    ];
    await connect(slack, (app) => {
      app.event('app_home_opened', async ({ event, client }) => {
        if (event.view === undefined)
          await client.views.publish({ user_id: event.user, view: { type: 'home', blocks: home('one container') } });
      });
      app.action('digest', async ({ ack, body }) => {
        bodies.push(body);
        await ack();
      });
      app.action('release', async ({ ack, body, client }) => {
        bodies.push(body);
        await ack();
        if (body.type !== 'block_actions') return;
        await client.views.publish({ user_id: body.user.id, hash: body.view?.hash ?? '', view: { type: 'home', blocks: home('nothing') } });
      });
    });
    await slack.openHome(ADA);
    await slack.waitFor(() => slack.homeSeenBy(ADA)?.words.startsWith('one container'));
    await slack.choose(ADA, 'prefs', 'off', { place: 'home' });
    await slack.click(ADA, 'home', 'release');
    await slack.waitFor(() => slack.homeSeenBy(ADA)?.words.startsWith('nothing'));
    expect(slack.homeSeenBy(ADA)?.fields).toMatchObject([{ blockId: 'prefs', value: 'off' }]);
    expect(bodies[1]).toMatchObject({
      type: 'block_actions',
      user: { id: ADA },
      container: { type: 'view' },
      view: { type: 'home', state: { values: { prefs: { digest: { type: 'static_select', selected_option: option('off') } } } } },
      actions: [{ action_id: 'release', block_id: 's', value: '7' }],
    });
    expect(slack.deliveries.filter(({ kind }) => kind === 'event').at(-1)?.payload['event']).toMatchObject({
      type: 'app_home_opened',
      tab: 'home',
    });
  });

  it('tells the app of choices from selects and overflow menus in messages', async () => {
    const { slack, channel } = await slackWithTwo();
    const actions: object[] = [];
    await connect(slack, (app) => {
      app.action(/.*/, async ({ ack, action, body }) => {
        actions.push({ action, state: 'state' in body ? body.state : undefined });
        await ack();
      });
    });
    const more = { type: 'overflow' as const, action_id: 'more', options: [option('extend'), option('release')], confirm };
    const who = { type: 'users_select' as const, action_id: 'who', placeholder: plain('Whose?') };
    const { ts = '' } = await new WebClient(slack.botToken, { slackApiUrl: slack.apiUrl }).chat.postMessage({
      channel,
      text: 'x',
      blocks: [
        { type: 'section', block_id: 's', text: plain('A container'), accessory: more },
        { type: 'actions', block_id: 'a', elements: [who] },
      ],
    });
    const place = { channel, ts };
    expect(await slack.choose(ADA, 's', 'RELEASE', { place, confirm: false })).toMatchObject({ outcome: 'cancelled', confirm });
    await slack.choose(ADA, 'a', BEN, { place });
    await slack.choose(ADA, 's', 'RELEASE', { place });
    await slack.choose(ADA, 's', 'RELEASE', { place, tamper: { value: 'forged' } });
    const state = { values: { a: { who: { type: 'users_select', selected_user: BEN } } } };
    expect(actions).toMatchObject([
      { action: { type: 'users_select', selected_user: BEN, placeholder: plain('Whose?') }, state },
      { action: { type: 'overflow', block_id: 's', selected_option: option('release') }, state },
      { action: { type: 'overflow', selected_option: { value: 'forged' } }, state },
    ]);
    const valueFor = (user: string) =>
      slack
        .messagesSeenBy(user, channel)
        .at(-1)
        ?.fields.map(({ value }) => value);
    expect(valueFor(ADA)).toEqual([null, BEN]);
    expect(valueFor(BEN)).toEqual([null, null]);
    await expect(slack.choose(ADA, 'a', 'U0NONE', { place })).rejects.toThrow('U0NONE cannot be chosen in a.');
  });
});

it('holds every kind of field in Slack’s shape, and asks for numbers that are some', async () => {
  const { slack, channel } = await slackWithTwo();
  const input = (block_id: string, element: object, extra: object = {}) => ({
    type: 'input',
    block_id,
    label: plain(block_id),
    element,
    ...extra,
  });
  const options = [option('a'), option('b'), option('c')];
  const blocks = [
    input('words', { type: 'plain_text_input', action_id: 'x' }, { dispatch_action: true }),
    input(
      'live',
      { type: 'plain_text_input', action_id: 'x', dispatch_action_config: { trigger_actions_on: ['on_character_entered'] } },
      { dispatch_action: true, optional: true },
    ),
    input('number', { type: 'number_input', action_id: 'x', is_decimal_allowed: false, min_value: '1', max_value: '8' }),
    input('many', { type: 'multi_static_select', action_id: 'x', options, max_selected_items: 2 }),
    input('people', { type: 'multi_users_select', action_id: 'x', initial_users: [BEN] }),
    input('where', { type: 'conversations_select', action_id: 'x' }),
    input('channel', { type: 'channels_select', action_id: 'x' }),
    input('one', { type: 'radio_buttons', action_id: 'x', options }),
    input('checks', { type: 'checkboxes', action_id: 'x', options, initial_options: [option('c')] }),
    input('day', { type: 'datepicker', action_id: 'x' }),
    input('time', { type: 'timepicker', action_id: 'x', timezone: 'Europe/Berlin' }),
    input('moment', { type: 'datetimepicker', action_id: 'x' }),
  ];
  const heard: string[] = [];
  await boltOverHttp(slack, (app) => {
    app.command('/gpu', async ({ ack, body, client }) => {
      await ack();
      const view = { type: 'modal', callback_id: 'all', title: plain('All'), submit: plain('Send'), blocks };
      await client.views.open({ trigger_id: body.trigger_id, view: view as never });
    });
    app.action('x', async ({ ack, action }) => {
      heard.push(`${'block_id' in action ? action.block_id : ''}: ${'value' in action ? action.value : ''}`);
      await ack();
    });
    app.view('all', async ({ ack }) => ack());
  });
  await slack.command(ADA, channel, '/gpu', '');
  await slack.waitFor(() => slack.modalSeenBy(ADA));
  expect(await slack.type(ADA, 'words', 'hello')).toMatchObject({ outcome: 'kept' });
  await slack.pressInView(ADA, 'x', { blockId: 'words' });
  await slack.type(ADA, 'live', 'h');
  expect(heard).toEqual(['words: hello', 'live: h']);
  await slack.type(ADA, 'number', '9');
  await expect(slack.choose(ADA, 'many', ['a', 'b', 'c'])).rejects.toThrow('At most 2 can be chosen in many.');
  const chosen = { many: ['b', 'A'], where: slack.dm(ADA), channel, one: 'b', day: '2026-11-04', time: '09:30', moment: '1790000000' };
  for (const [blockId, given] of Object.entries(chosen)) await slack.choose(ADA, blockId, given);
  expect((await slack.submit(ADA)).errors).toEqual({ number: 'Please write 8 or less.' });
  await slack.type(ADA, 'number', '2.5');
  expect((await slack.submit(ADA)).errors).toEqual({ number: 'Please write a whole number.' });
  await slack.type(ADA, 'number', '2');
  expect((await slack.submit(ADA)).outcome).toBe('closed');
  expect(slack.deliveries.at(-1)?.payload['view']).toMatchObject({
    state: {
      values: {
        words: { x: { type: 'plain_text_input', value: 'hello' } },
        number: { x: { type: 'number_input', value: '2' } },
        many: { x: { type: 'multi_static_select', selected_options: [option('b'), option('a')] } },
        people: { x: { type: 'multi_users_select', selected_users: [BEN] } },
        where: { x: { type: 'conversations_select', selected_conversation: slack.dm(ADA) } },
        channel: { x: { type: 'channels_select', selected_channel: channel } },
        one: { x: { type: 'radio_buttons', selected_option: option('b') } },
        checks: { x: { type: 'checkboxes', selected_options: [option('c')] } },
        day: { x: { type: 'datepicker', selected_date: '2026-11-04' } },
        time: { x: { type: 'timepicker', selected_time: '09:30', timezone: 'Europe/Berlin' } },
        moment: { x: { type: 'datetimepicker', selected_date_time: 1_790_000_000 } },
      },
    },
  });
});
