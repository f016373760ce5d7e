// The Web API of local Slack through Slack's own client: tokens, membership, ephemerals, people, pages, blocks.
import { WebClient } from '@slack/web-api';
import { expect, it } from 'vitest';
import type { LocalSlack } from '../../../src/local/slack/local-slack.ts';
import { ADA, BEN, slackWithTwo } from './support.ts';

const web = (slack: LocalSlack, token = slack.botToken) => new WebClient(token, { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } });
const errorOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'no error',
    (error: { data: { error: string } }) => error.data.error,
  );

it('checks that the token is known and of the right kind', async () => {
  const { slack, channel } = await slackWithTwo();
  expect(await errorOf(web(slack, 'xoxb-wrong').auth.test())).toBe('invalid_auth');
  expect(await errorOf(web(slack, '').auth.test())).toBe('not_authed');
  expect(await errorOf(web(slack).apps.connections.open())).toBe('not_allowed_token_type');
  expect(await errorOf(web(slack, slack.appToken).chat.postMessage({ channel, text: 'x' }))).toBe('not_allowed_token_type');
  expect(await web(slack).auth.test()).toMatchObject({ ok: true, team_id: slack.teamId, user_id: slack.botUserId, bot_id: slack.botId });
  expect(await errorOf(web(slack).apiCall('chat.scheduleMessage'))).toBe('unknown_method');
});

it('reads JSON bodies and forms alike', async () => {
  const { slack, channel } = await slackWithTwo();
  const blocks = [{ type: 'divider' }];
  const headers = { authorization: `Bearer ${slack.botToken}` };
  const json = { ...headers, 'content-type': 'application/json; charset=utf-8' };
  const post = async (init: RequestInit) => (await fetch(`${slack.apiUrl}chat.postMessage`, { method: 'POST', ...init })).json();
  expect(await post({ headers: json, body: JSON.stringify({ channel, text: 'a', blocks }) })).toMatchObject({ ok: true });
  expect(await post({ headers, body: new URLSearchParams({ channel, text: 'b', blocks: JSON.stringify(blocks) }) })).toMatchObject({
    ok: true,
  });
  expect(slack.messagesSeenBy(ADA, channel).map((each) => each.blocks[0]?.['type'])).toEqual(['divider', 'divider']);
});

it('lets the bot post only where it is, and hides private channels it is not in', async () => {
  const { slack } = await slackWithTwo();
  const open = slack.addChannel({ name: 'random', members: [ADA], withoutBot: true }).id;
  const hidden = slack.addChannel({ name: 'board', members: [ADA], private: true, withoutBot: true }).id;
  const post = (channel: string) => errorOf(web(slack).chat.postMessage({ channel, text: 'x' }));
  expect(await post(open)).toBe('not_in_channel');
  expect(await post(hidden)).toBe('channel_not_found');
  expect(await post('C0NONE')).toBe('channel_not_found');
  expect(await errorOf(web(slack).conversations.info({ channel: hidden }))).toBe('channel_not_found');
  expect(await web(slack).conversations.info({ channel: open })).toMatchObject({
    channel: { name: 'random', is_member: false, is_private: false },
  });
  expect(await post('#gpu-approvers')).toBe('no error');
  expect(await errorOf(web(slack).chat.postMessage({ channel: ADA, text: '' }))).toBe('no_text');
});

it('opens direct messages, but not with bots, strangers to it or people who left', async () => {
  const { slack } = await slackWithTwo();
  slack.addMember({ id: 'U0GONE', name: 'gone', kind: 'deactivated' });
  const { channel } = await web(slack).conversations.open({ users: ADA });
  expect(channel?.id).toBe(slack.dm(ADA));
  await web(slack).chat.postMessage({ channel: ADA, text: 'to your DM' });
  expect(slack.messagesSeenBy(ADA, slack.dm(ADA)).at(-1)?.text).toBe('to your DM');
  expect(await errorOf(web(slack).conversations.open({ users: slack.botUserId }))).toBe('cannot_dm_bot');
  expect(await errorOf(web(slack).conversations.open({ users: 'U0GONE' }))).toBe('user_disabled');
  expect(await errorOf(web(slack).conversations.open({ users: 'U0NONE' }))).toBe('user_not_found');
});

it('shows an ephemeral to its member only; it cannot be edited', async () => {
  const { slack, channel } = await slackWithTwo();
  const { message_ts } = await web(slack).chat.postEphemeral({ channel, user: ADA, text: 'psst' });
  expect(slack.messagesSeenBy(ADA, channel)).toMatchObject([{ text: 'psst', ephemeral: true }]);
  expect(slack.messagesSeenBy(BEN, channel)).toEqual([]);
  expect(await errorOf(web(slack).chat.update({ channel, ts: message_ts ?? '', text: 'x' }))).toBe('message_not_found');
  const outsider = slack.addMember({ name: 'eve' }).id;
  expect(await errorOf(web(slack).chat.postEphemeral({ channel, user: outsider, text: 'x' }))).toBe('user_not_in_channel');
  expect(slack.messagesSeenBy(outsider, channel)).toEqual([]);
});

it('edits and deletes only the bot’s own messages; without blocks the old ones stay', async () => {
  const { slack, channel } = await slackWithTwo();
  const { ts } = await web(slack).chat.postMessage({ channel, text: 'old', blocks: [{ type: 'divider' }] });
  await web(slack).chat.update({ channel, ts: ts ?? '', text: 'new' });
  expect(slack.messagesSeenBy(ADA, channel)).toMatchObject([{ text: 'new', edited: true, blocks: [{ type: 'divider' }] }]);
  const { permalink } = await web(slack).chat.getPermalink({ channel, message_ts: ts ?? '' });
  expect(permalink).toBe(`${slack.origin}/archives/${channel}/p${(ts ?? '').replace('.', '')}`);
  await web(slack).chat.delete({ channel, ts: ts ?? '' });
  expect(slack.messagesSeenBy(ADA, channel)).toEqual([]);
  const { message } = await slack.say(ADA, channel, 'mine');
  expect(await errorOf(web(slack).chat.update({ channel, ts: message.ts, text: 'x' }))).toBe('cant_update_message');
  expect(await errorOf(web(slack).chat.delete({ channel, ts: message.ts }))).toBe('cant_delete_message');
});

it('tells kinds of people apart as Slack does', async () => {
  const { slack } = await slackWithTwo();
  const kinds = ['member', 'guest', 'ultra_guest', 'stranger', 'bot', 'deactivated'] as const;
  const shown = new Map<string, Record<string, unknown>>();
  for (const kind of kinds) {
    const { id } = slack.addMember({ name: kind, kind, tz: 'Asia/Tokyo' });
    const { user } = await web(slack).users.info({ user: id });
    shown.set(kind, user as Record<string, unknown>);
  }
  const normal = {
    team_id: slack.teamId,
    deleted: false,
    is_bot: false,
    is_restricted: false,
    is_ultra_restricted: false,
    tz: 'Asia/Tokyo',
  };
  expect(shown.get('member')).toMatchObject({ ...normal, tz_offset: 9 * 3600 });
  expect(shown.get('member')).not.toHaveProperty('is_stranger');
  expect(shown.get('guest')).toMatchObject({ ...normal, is_restricted: true });
  expect(shown.get('ultra_guest')).toMatchObject({ ...normal, is_restricted: true, is_ultra_restricted: true });
  expect(shown.get('stranger')).toMatchObject({ is_stranger: true });
  expect(shown.get('stranger')?.['team_id']).not.toBe(slack.teamId);
  expect(shown.get('bot')).toMatchObject({ is_bot: true });
  expect(shown.get('deactivated')).toMatchObject({ deleted: true, team_id: slack.teamId });
});

it('pages through lists with cursors', async () => {
  const { slack, channel } = await slackWithTwo();
  for (let n = 0; n < 5; n += 1) slack.joinChannel(channel, slack.addMember({ name: `m${n}` }).id);
  const pages: number[] = [];
  for await (const part of web(slack).paginate('users.list', { limit: 4 }))
    pages.push((part as { members: unknown[] } & typeof part).members.length);
  expect(pages).toEqual([4, 4, 1]);
  const { members, response_metadata } = await web(slack).conversations.members({ channel, limit: 7 });
  expect(members).toHaveLength(7);
  expect(response_metadata?.next_cursor).not.toBe('');
});

it('lists user groups and their members, without those who left', async () => {
  const { slack } = await slackWithTwo();
  const { id } = slack.addUsergroup({ handle: 'ml', members: [ADA, BEN] });
  slack.addMember({ id: BEN, name: 'ben', kind: 'deactivated' });
  expect((await web(slack).usergroups.list({ include_users: true })).usergroups).toMatchObject([{ id, handle: 'ml', users: [ADA] }]);
  expect((await web(slack).usergroups.users.list({ usergroup: id })).users).toEqual([ADA]);
  expect(await errorOf(web(slack).usergroups.users.list({ usergroup: 'S0' }))).toBe('no_such_subteam');
});

it('refuses blocks over the limits with where and why', async () => {
  const { slack, channel } = await slackWithTwo();
  const blocks = [{ type: 'section', text: { type: 'mrkdwn', text: 'x'.repeat(3001) } }];
  const message = 'must be less than 3001 characters [json-pointer:/blocks/0/text/text]';
  await expect(web(slack).chat.postMessage({ channel, text: 'x', blocks })).rejects.toMatchObject({
    data: { error: 'invalid_blocks', errors: [message], response_metadata: { messages: [`[ERROR] ${message}`] } },
  });
  await expect(web(slack).views.publish({ user_id: ADA, view: { type: 'home', blocks } })).rejects.toMatchObject({
    data: { error: 'invalid_arguments', errors: ['must be less than 3001 characters [json-pointer:/view/blocks/0/text/text]'] },
  });
  const long = Array.from({ length: 5 }, () => ({ type: 'section', text: { type: 'mrkdwn', text: 'x'.repeat(2900) } }));
  expect(await errorOf(web(slack).chat.postMessage({ channel, text: 'x', blocks: long }))).toBe('msg_blocks_too_long');
});

it('publishes a Home tab only over the version it was made from', async () => {
  const { slack } = await slackWithTwo();
  const view = { type: 'home' as const, blocks: [] };
  const first = await web(slack).views.publish({ user_id: ADA, view });
  await web(slack).views.publish({ user_id: ADA, view, hash: first.view?.hash ?? '' });
  expect(await errorOf(web(slack).views.publish({ user_id: ADA, view, hash: first.view?.hash ?? '' }))).toBe('hash_conflict');
});
