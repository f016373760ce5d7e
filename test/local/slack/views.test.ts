// views.* of the Web API: triggers, the stack of modals, versions, and what is looked up by whose id.
import { WebClient, type ViewsOpenArguments } from '@slack/web-api';
import { expect, it } from 'vitest';
import type { LocalSlack } from '../../../src/local/slack/local-slack.ts';
import { ADA, BEN, boltOverHttp, movableClock, slackWithTwo } from './support.ts';

type Modal = ViewsOpenArguments['view'];

const web = (slack: LocalSlack) => new WebClient(slack.botToken, { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } });
const errorOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'no error',
    (error: { data: { error: string } }) => error.data.error,
  );

const plain = (text: string) => ({ type: 'plain_text' as const, text });
const modal = (title: string, extra: object = {}) =>
  ({
    type: 'modal',
    title: plain(title),
    submit: plain('Send'),
    blocks: [{ type: 'input', block_id: 'why', label: plain('Why'), element: { type: 'plain_text_input', action_id: 'text' } }],
    ...extra,
  }) as Modal;

/** Local Slack, and a way to get a trigger of what somebody just did. */
async function triggers() {
  const clock = movableClock();
  const { slack, channel } = await slackWithTwo({ clock });
  await boltOverHttp(slack, (app) => {
    app.command('/gpu', async ({ ack }) => ack());
  });
  const trigger = async (user = ADA): Promise<string> => {
    await slack.command(user, channel, '/gpu', '');
    return slack.deliveries.at(-1)?.payload['trigger_id'] as string;
  };
  return { slack, clock, trigger, views: web(slack).views };
}

it('opens a modal for whoever’s trigger it is, within three seconds and once', async () => {
  const { slack, clock, trigger, views } = await triggers();
  const mine = await trigger();
  clock.move(3);
  const { view } = await views.open({ trigger_id: mine, view: modal('Ask', { callback_id: 'ask', private_metadata: '{"v":1}' }) });
  expect(view).toMatchObject({
    type: 'modal',
    callback_id: 'ask',
    private_metadata: '{"v":1}',
    external_id: '',
    team_id: slack.teamId,
    app_id: slack.appId,
    bot_id: slack.botId,
    root_view_id: view?.id,
    previous_view_id: null,
    state: { values: { why: { text: { type: 'plain_text_input', value: null } } } },
    clear_on_close: false,
    notify_on_close: false,
    close: null,
  });
  expect(slack.modalSeenBy(ADA)).toMatchObject({ title: 'Ask', submit: 'Send', close: 'Cancel', depth: 1, callbackId: 'ask' });
  expect(slack.modalSeenBy(ADA)?.fields).toMatchObject([{ blockId: 'why', actionId: 'text', label: 'Why', optional: false, value: null }]);
  expect(slack.modalSeenBy(BEN)).toBeUndefined();
  expect(await errorOf(views.open({ trigger_id: mine, view: modal('Again') }))).toBe('exchanged_trigger_id');
  const late = await trigger();
  clock.move(4);
  expect(await errorOf(views.open({ trigger_id: late, view: modal('Late') }))).toBe('expired_trigger_id');
  expect(await errorOf(views.open({ trigger_id: '1.2.abc', view: modal('Guess') }))).toBe('invalid_trigger_id');
  expect(slack.modalSeenBy(ADA)?.title).toBe('Ask');
});

it('costs no trigger when the view is refused', async () => {
  const { trigger, views } = await triggers();
  const mine = await trigger();
  const wrong = { data: { error: 'invalid_arguments', errors: ['must be less than 25 characters [json-pointer:/view/title/text]'] } };
  await expect(views.open({ trigger_id: mine, view: modal('A title that is much too long') })).rejects.toMatchObject(wrong);
  expect(await errorOf(views.open({ trigger_id: mine, view: modal('Short') }))).toBe('no error');
  const big = Array.from({ length: 100 }, () => ({ type: 'section' as const, text: { type: 'mrkdwn' as const, text: 'x'.repeat(2900) } }));
  expect(await errorOf(views.open({ trigger_id: await trigger(), view: modal('Big', { blocks: big }) }))).toBe('view_too_large');
});

it('stacks three modals a member and no more', async () => {
  const { slack, trigger, views } = await triggers();
  expect(await errorOf(views.push({ trigger_id: await trigger(), view: modal('Nothing below') }))).toBe('not_found');
  const { view: root } = await views.open({ trigger_id: await trigger(), view: modal('One') });
  const { view: second } = await views.push({ trigger_id: await trigger(), view: modal('Two') });
  expect(second).toMatchObject({ root_view_id: root?.id, previous_view_id: root?.id });
  await views.push({ trigger_id: await trigger(), view: modal('Three') });
  expect(await errorOf(views.push({ trigger_id: await trigger(), view: modal('Four') }))).toBe('push_limit_reached');
  expect(slack.modalSeenBy(ADA)).toMatchObject({ title: 'Three', depth: 3 });
  await views.open({ trigger_id: await trigger(BEN), view: modal('Ben’s') });
  expect(slack.modalSeenBy(BEN)).toMatchObject({ title: 'Ben’s', depth: 1 });
  await views.update({ view_id: root?.id ?? '', view: modal('One, anew') });
  expect(slack.modalSeenBy(ADA)?.title).toBe('Three');
});

it('updates by view_id or external_id, and only over the version that was read', async () => {
  const { slack, trigger, views } = await triggers();
  const { view: first } = await views.open({ trigger_id: await trigger(), view: modal('Old', { external_id: 'ask-ada' }) });
  const { view: second } = await views.update({
    external_id: 'ask-ada',
    view: modal('New', { external_id: 'ask-ada' }),
    hash: first?.hash ?? '',
  });
  expect(second?.id).toBe(first?.id);
  expect(second?.hash).not.toBe(first?.hash);
  const over = (hash: string | undefined) => errorOf(views.update({ view_id: first?.id ?? '', view: modal('Newer'), hash: hash ?? '' }));
  expect(await over(first?.hash)).toBe('hash_conflict');
  expect(slack.modalSeenBy(ADA)?.title).toBe('New');
  expect(await errorOf(views.open({ trigger_id: await trigger(BEN), view: modal('Same name', { external_id: 'ask-ada' }) }))).toBe(
    'duplicate_external_id',
  );
  expect(await over(second?.hash)).toBe('no error');
  expect(slack.modalSeenBy(ADA)?.title).toBe('Newer');
  expect(await errorOf(views.update({ view_id: 'V0NONE', view: modal('x') }))).toBe('not_found');
  expect(await errorOf(views.update({ view: modal('x') } as never))).toBe('invalid_arguments');
});

it('publishes a Home tab with fields and refuses a modal there', async () => {
  const { slack, views } = await triggers();
  const pick = { type: 'static_select' as const, action_id: 'zone', options: [{ text: plain('Berlin'), value: 'Europe/Berlin' }] };
  const home = { type: 'home' as const, blocks: [{ type: 'actions' as const, block_id: 'prefs', elements: [pick] }] };
  const { view } = await views.publish({ user_id: ADA, view: home });
  expect(view?.state).toEqual({ values: { prefs: { zone: { type: 'static_select', selected_option: null } } } });
  expect(slack.homeSeenBy(ADA)?.fields).toMatchObject([{ blockId: 'prefs', actionId: 'zone', value: null, options: [{ text: 'Berlin' }] }]);
  expect(await errorOf(views.publish({ user_id: ADA, view: modal('Not here') as never }))).toBe('invalid_arguments');
  expect(await errorOf(views.publish({ user_id: 'U0NONE', view: home }))).toBe('user_not_found');
});
