// The page's side of modals and Home tabs: what it is told to draw, what it may do, and times in the member's zone.
import { expect, it } from 'vitest';
import { ADA, BEN, boltOverHttp, browser, slackWithTwo } from './support.ts';

interface Zones {
  readonly localOf: (unix: number, timeZone: string) => string;
  readonly unixOf: (local: string, timeZone: string) => number;
}
const { localOf, unixOf } = (await import(new URL('../../../src/local/slack/page/zones.js', import.meta.url).href)) as Zones;

interface View {
  readonly modal: { id: string; hash: string; title: string; depth: number; values: object; errors: object; trouble: string | null } | null;
  readonly home: { values: object } | null;
}

const plain = (text: string) => ({ type: 'plain_text' as const, text });
const zone = { type: 'static_select' as const, action_id: 'zone', options: ['a', 'b'].map((value) => ({ text: plain(value), value })) };
const home = { type: 'home' as const, blocks: [{ type: 'actions' as const, block_id: 'prefs', elements: [zone] }] };
const why = {
  type: 'input' as const,
  block_id: 'why',
  label: plain('Why'),
  element: { type: 'plain_text_input' as const, action_id: 'text' },
};
const ask = {
  type: 'modal' as const,
  callback_id: 'ask',
  title: plain('Ask'),
  submit: plain('Send'),
  notify_on_close: true,
  blocks: [why],
};

async function page() {
  const { slack, channel } = await slackWithTwo();
  await boltOverHttp(slack, (app) => {
    app.command('/gpu', async ({ ack, body, client }) => {
      await ack();
      await client.views.open({ trigger_id: body.trigger_id, view: ask });
    });
    app.event('app_home_opened', async ({ event, client }) => {
      await client.views.publish({ user_id: event.user, view: home });
    });
    app.action('zone', async ({ ack }) => ack());
    app.view('ask', async ({ ack, view }) => {
      if (view.state.values['why']?.['text']?.value === 'training') return ack();
      return ack({ response_action: 'errors', errors: { why: 'Say what you train.' } });
    });
    app.view({ callback_id: 'ask', type: 'view_closed' }, async ({ ack }) => ack());
  });
  const { get, post } = await browser(slack);
  const view = async (as = ADA) => (await (await get(`/page/view?as=${as}`)).json()) as View;
  const act = async (verb: string, body: object) => {
    const answer = await post(`/page/${verb}`, { as: ADA, ...body });
    return answer.ok ? ((await answer.json()) as unknown) : [answer.status, await answer.text()];
  };
  const open = async () => {
    await act('command', { channel, command: '/gpu', text: '' });
    const modal = await slack.waitFor(() => slack.modalSeenBy(ADA));
    return modal.id;
  };
  return { slack, view, act, open };
}

it('tells one member alone of the modal, what was typed and the message beside it', async () => {
  const { view, act, open } = await page();
  const modal = await open();
  expect((await view()).modal).toMatchObject({
    id: modal,
    title: 'Ask',
    depth: 1,
    values: { why: { text: null } },
    errors: {},
    trouble: null,
  });
  expect((await view(BEN)).modal).toBeNull();
  const field = { modal, block_id: 'why', action_id: 'text' };
  expect(await act('choose', { ...field, given: 'things' })).toMatchObject({ outcome: 'kept' });
  expect(await act('submit', { modal })).toEqual({ outcome: 'errors', problems: [] });
  expect((await view()).modal).toMatchObject({ values: { why: { text: 'things' } }, errors: { why: 'Say what you train.' } });
  await act('choose', { ...field, given: 'training' });
  expect(await act('submit', { modal })).toEqual({ outcome: 'closed', problems: [] });
  expect((await view()).modal).toBeNull();
});

it('does nothing in a modal that is gone, or that another member has open', async () => {
  const { slack, act, open } = await page();
  const modal = await open();
  const gone = [409, 'This modal is no longer open.'];
  expect(await act('submit', { as: BEN, modal })).toEqual(gone);
  expect(await act('close', { modal, all: true })).toEqual({ outcome: 'closed' });
  expect(slack.deliveries.at(-1)?.payload).toMatchObject({ type: 'view_closed', is_cleared: true });
  expect(await act('submit', { modal })).toEqual(gone);
  expect(await act('choose', { modal, block_id: 'why', action_id: 'text', given: 'x' })).toEqual(gone);
});

it('chooses in the Home tab, and refuses what is not offered there', async () => {
  const { slack, view, act } = await page();
  await act('home', {});
  await slack.waitFor(() => slack.homeSeenBy(ADA));
  const field = { home: true, block_id: 'prefs', action_id: 'zone' };
  expect(await act('choose', { ...field, given: 'b' })).toEqual({ outcome: 'acked', status: 200 });
  expect((await view()).home?.values).toEqual({ prefs: { zone: 'b' } });
  expect(await act('choose', { ...field, given: 'c' })).toEqual([409, 'prefs has no option c; options: a, b.']);
  expect(await act('choose', { ...field, given: 7 })).toEqual([400, 'given is neither text nor a list of texts.']);
});

it.each<[string, number, string]>([
  ['Europe/Berlin', Date.parse('2026-11-04T08:30:00Z') / 1000, '2026-11-04T09:30'],
  ['America/New_York', Date.parse('2026-07-01T03:59:00Z') / 1000, '2026-06-30T23:59'],
  ['Europe/Berlin', Date.parse('2026-10-24T23:30:00Z') / 1000, '2026-10-25T01:30'],
  ['Europe/Berlin', Date.parse('2026-03-29T01:00:00Z') / 1000, '2026-03-29T03:00'],
  ['Asia/Kolkata', Date.parse('2026-01-01T00:00:00Z') / 1000, '2026-01-01T05:30'],
])('shows a time in %s and reads it back', (timeZone, unix, local) => {
  expect(localOf(unix, timeZone)).toBe(local);
  expect(unixOf(local, timeZone)).toBe(unix);
});
