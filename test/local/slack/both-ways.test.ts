// The same stories through a real Bolt app, once over signed HTTP and once over Socket Mode.
import type { App } from '@slack/bolt';
import { describe, expect, it } from 'vitest';
import type { LocalSlack } from '../../../src/local/slack/local-slack.ts';
import { ADA, BEN, boltOverHttp, boltOverSocket, signal, slackWithTwo } from './support.ts';

type Connect = (slack: LocalSlack, register: (app: App) => void) => Promise<unknown>;
const ways: [string, Connect][] = [
  ['signed HTTP', boltOverHttp],
  ['Socket Mode', boltOverSocket],
];

const card = (words: string, buttons: boolean) => [
  { type: 'section', text: { type: 'mrkdwn', text: words } },
  ...(buttons
    ? [
        {
          type: 'actions',
          elements: [{ type: 'button', action_id: 'approve', value: '7', style: 'primary', text: { type: 'plain_text', text: 'Approve' } }],
        },
      ]
    : []),
];

describe.each(ways)('over %s', (_way, connect) => {
  it('shows the words of a command’s ack to the member alone', async () => {
    const { slack, channel } = await slackWithTwo();
    await connect(slack, (app) => {
      app.command('/gpu', async ({ command, ack }) => ack(`${command.user_name} typed: ${command.text}`));
    });
    const { outcome, message } = await slack.command(ADA, channel, '/gpu', ' ask @ben & #gpu-approvers about <this> ');
    expect(outcome).toBe('acked');
    expect(message?.text).toBe(`ada typed: ask <@${BEN}|ben> &amp; <#${channel}|gpu-approvers> about &lt;this&gt;`);
    expect(message?.ephemeral).toBe(true);
    expect(slack.messagesSeenBy(ADA, channel)).toHaveLength(1);
    expect(slack.messagesSeenBy(BEN, channel)).toHaveLength(0);
  });

  it('edits a card after a click, with buttons gone', async () => {
    const { slack, channel } = await slackWithTwo();
    const clicked: unknown[] = [];
    await connect(slack, (app) => {
      app.command('/gpu', async ({ ack, client }) => {
        await ack();
        await client.chat.postMessage({ channel, text: 'a request', blocks: card('*a request*', true) });
      });
      app.action('approve', async ({ ack, body, client }) => {
        await ack();
        clicked.push(body);
        if (body.type !== 'block_actions' || body.message === undefined) return;
        await client.chat.update({ channel, ts: body.message.ts, text: 'approved', blocks: card('*approved*', false) });
      });
    });
    await slack.command(ADA, channel, '/gpu', 'request');
    const posted = await slack.waitFor(() => slack.messagesSeenBy(BEN, channel).at(-1));
    expect(posted.buttons.map((button) => button.text)).toEqual(['Approve']);
    const { outcome } = await slack.click(BEN, posted, 'approve');
    expect(outcome).toBe('acked');
    const edited = await slack.waitFor(() => slack.messagesSeenBy(BEN, channel).find((each) => each.edited));
    expect(edited).toMatchObject({ ts: posted.ts, words: '*approved*', buttons: [] });
    expect(clicked[0]).toMatchObject({
      type: 'block_actions',
      user: { id: BEN, username: 'ben', team_id: slack.teamId },
      api_app_id: slack.appId,
      container: { type: 'message', message_ts: posted.ts, channel_id: channel, is_ephemeral: false },
      team: { id: slack.teamId },
      enterprise: null,
      is_enterprise_install: false,
      channel: { id: channel, name: 'gpu-approvers' },
      message: { ts: posted.ts, bot_id: slack.botId },
      actions: [{ action_id: 'approve', type: 'button', value: '7', style: 'primary' }],
    });
  });

  it('hands a direct message to the app, which answers in the DM', async () => {
    const { slack } = await slackWithTwo();
    await connect(slack, (app) => {
      app.message(async ({ message, say }) => {
        if (message.subtype === undefined) await say(`you said ${message.text}`);
      });
    });
    const { outcome } = await slack.say(ADA, slack.dm(ADA), 'status for @ben');
    expect(outcome).toBe('acked');
    await slack.waitFor(() => slack.messagesSeenBy(ADA, slack.dm(ADA)).some((each) => each.text === `you said status for <@${BEN}>`));
    expect(slack.messagesSeenBy(BEN, slack.dm(ADA))).toEqual([]);
  });

  it('tells the app of its own DM as Slack does, which Bolt does not answer', async () => {
    const { slack } = await slackWithTwo();
    let heard = 0;
    await connect(slack, (app) => {
      app.message(async ({ say }) => {
        heard += 1;
        await say('hello');
      });
    });
    await slack.say(ADA, slack.dm(ADA), 'hi');
    const echo = await slack.waitFor(() => slack.deliveries.find((each) => each.echo === true));
    expect(await slack.resend({}, echo)).toMatchObject({ outcome: 'acked' });
    await slack.say(ADA, slack.dm(ADA), 'hi again');
    await slack.waitFor(() => slack.messagesSeenBy(ADA, slack.dm(ADA)).filter((each) => each.text === 'hello').length === 2);
    expect(heard).toBe(2);
  });

  it('shows the Home tab that the app published when it was opened, and its clicks', async () => {
    const { slack } = await slackWithTwo();
    await connect(slack, (app) => {
      app.event('app_home_opened', async ({ event, client }) => {
        await client.views.publish({ user_id: event.user, view: { type: 'home', blocks: card('nothing yet', true) } });
      });
      app.action('approve', async ({ ack, body, client }) => {
        await ack();
        await client.views.publish({ user_id: body.user.id, view: { type: 'home', blocks: card('approved', false) } });
      });
    });
    await slack.openHome(ADA);
    await slack.waitFor(() => slack.homeSeenBy(ADA));
    expect(slack.homeSeenBy(ADA)?.words).toBe('nothing yet\nApprove');
    await slack.click(ADA, 'home', 'approve');
    await slack.waitFor(() => slack.homeSeenBy(ADA)?.words === 'approved');
    expect(slack.homeSeenBy(BEN)).toBeUndefined();
  });

  it('answers through response_url: five times, ephemeral, in the channel, replacing, deleting', async () => {
    const { slack, channel } = await slackWithTwo();
    const failed = signal<string>();
    await connect(slack, (app) => {
      app.command('/gpu', async ({ ack, respond }) => {
        await ack();
        await respond({ response_type: 'in_channel', text: 'for all' });
        await respond({ text: 'for you', blocks: card('for you', true) });
        for (let n = 0; n < 3; n += 1) await respond(`more ${n}`);
        await respond('one too many').catch((error: unknown) => failed.reach(String(error)));
      });
      app.action('approve', async ({ ack, respond, body }) => {
        await ack();
        if (body.type === 'block_actions' && body.message === undefined)
          await respond({ replace_original: true, text: 'replaced', blocks: [] });
      });
    });
    await slack.command(ADA, channel, '/gpu', '');
    await slack.waitFor(() => slack.messagesSeenBy(ADA, channel).length >= 5);
    expect(slack.messagesSeenBy(BEN, channel).map((each) => each.text)).toEqual(['for all']);
    const mine = slack.messagesSeenBy(ADA, channel).find((each) => each.text === 'for you')!;
    await slack.click(ADA, mine, 'approve');
    await slack.waitFor(() => slack.messagesSeenBy(ADA, channel).find((each) => each.ts === mine.ts)?.text === 'replaced');
    expect(slack.messagesSeenBy(ADA, channel)).toHaveLength(5);
    expect(await failed.reached).toContain('404');
  });
});
