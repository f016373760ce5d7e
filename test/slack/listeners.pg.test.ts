// What the manifest asks Slack to send is what the bot hears: compared with what Bolt registers, and with what is answered.
import { readFileSync } from 'node:fs';
import { App as BoltApp } from '@slack/bolt';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { listeners } from '../../src/slack/listeners.ts';
import type { manifest } from '../../src/slack/manifest.ts';
import { CHANNEL, people, startStory, type Story } from '../support/story.ts';

const { features, settings } = parse(readFileSync('deploy/slack-manifest.yaml', 'utf8')) as ReturnType<typeof manifest>;
const commands = features.slash_commands.map(({ command }) => command);
const kinds = ['command', 'action', 'event', 'message', 'shortcut', 'view', 'options', 'function', 'assistant'] as const;

let story: Story;
let registered: Record<string, unknown[]>;
beforeAll(async () => {
  const spies = kinds.map((kind) => [kind, vi.spyOn(BoltApp.prototype, kind)] as const);
  story = await startStory();
  registered = Object.fromEntries(spies.map(([kind, { mock }]) => [kind, mock.calls.map(([what]) => what)]));
  await story.gpu(people.ada, 'help');
});
afterAll(async () => story.end());

/** Everything that ada sees after `act` and did not write. */
async function answers(channel: string, act: () => Promise<unknown>): Promise<string> {
  const seen = () => story.slack.messagesSeenBy(people.ada, channel).filter(({ author }) => author !== people.ada);
  const before = seen().length;
  await act();
  return (await story.slack.waitFor(() => seen()[before], 5000, 'an answer')).words;
}

describe('Bolt registers', () => {
  it('the commands of the manifest, and the types of its events', () => {
    expect(registered['command']).toEqual(commands);
    expect(registered['event']).toEqual(settings.event_subscriptions.bot_events.map((name) => name.split('.')[0]));
  });

  it('what buttons need, which the manifest turns on, and nothing else', () => {
    const ids = [...Object.keys(listeners.actions), ...Object.keys(listeners.viewActions)];
    expect(registered['action']).toEqual(ids.map((id) => ({ action_id: id, type: 'block_actions' })));
    expect(ids).toEqual(expect.arrayContaining(['approve', 'approve_less', 'ask', 'deny', 'more', 'cancel', 'extend', 'release']));
    expect(registered['view']).toEqual(Object.keys(listeners.views).map((id) => ({ callback_id: id, type: 'view_submission' })));
    expect(settings.interactivity.is_enabled).toBe(true);
    for (const kind of kinds.slice(3).filter((one) => one !== 'view')) expect(registered[kind]).toEqual([]);
  });
});

describe('the bot answers', () => {
  it('each command of the manifest, and what its hint says', async () => {
    for (const { command, usage_hint: hint } of features.slash_commands) {
      expect((await story.slack.command(people.ada, CHANNEL, command, 'help')).message?.words).toContain('What I understand');
      const [example = ''] = hint.split(', ');
      expect(await answers(CHANNEL, () => story.slack.command(people.ada, CHANNEL, command, example))).toMatch(/GPU|a100/);
    }
  });

  it('each event of the manifest: words to the bot, and a look at its Home', async () => {
    expect(settings.event_subscriptions.bot_events).toEqual(['message.im', 'app_home_opened']);
    expect(features.app_home.home_tab_enabled).toBe(true);
    expect((await story.slack.openHome(people.ada)).outcome).toBe('acked');
    await story.slack.waitFor(() => story.slack.homeSeenBy(people.ada), 8000, 'her Home');
    const dm = story.slack.dm(people.ada);
    expect(await answers(dm, () => story.slack.say(people.ada, dm, 'help'))).toContain('What I understand');
  });

  it('each button', async () => {
    await story.startHost({ name: 'gpu-01', gpus: 1 });
    await story.until(async () => (await story.gpu(people.ada, 'status')).includes('1 of 1'), 'the host');
    expect(await story.gpu(people.ada, 'request 1 a100 for 1h')).toContain('waits for an approval');
    const { ts } = await story.sees(people.pat, CHANNEL, /asks for/);
    const press = (actionId: string) =>
      story.slack.click(people.pat, { channel: CHANNEL, ts }, 'approve', { tamper: { actionId, value: 'al-zzzzzzzz:1' } });
    for (const id of Object.keys(listeners.actions).filter((one) => one !== 'more')) expect((await press(id)).outcome).toBe('acked');
  });
});

describe('a message with files', () => {
  let sent = 0;
  const dm = () => story.slack.dm(people.ada);
  /** Ada's last message once more, as Slack tells of it when files hang on it, with `change`. */
  async function send(change: Record<string, unknown>): Promise<unknown> {
    const last = story.slack.deliveries.findLast(({ kind, echo }) => kind === 'event' && echo !== true);
    const event = { ...(last?.payload['event'] as object), files: [{ id: 'F0TRACE01', name: 'trace.log' }], ...change };
    const payload = { ...last?.payload, event_id: `EvFILES${++sent}`, event } as NonNullable<typeof last>['payload'];
    return story.slack.resend({}, { kind: 'event', payload });
  }

  beforeAll(async () => {
    await answers(dm(), () => story.slack.say(people.ada, dm(), 'help'));
  });

  it('is read like any other', async () => {
    expect(await answers(dm(), () => send({ subtype: 'file_share', text: 'quota' }))).toContain('everybody’s limit');
  });

  it('and nothing else is told that files are not read', async () => {
    expect(await answers(dm(), () => send({ subtype: 'file_share', text: '' }))).toContain('I read words, not files');
  });

  it('gets no answer when it was edited, or is a bot’s', async () => {
    const before = story.screen(people.ada, dm()).length;
    await send({ subtype: 'message_changed', text: 'help' });
    await send({ subtype: 'file_share', text: 'help', bot_id: 'B0OTHER01' });
    expect(await answers(dm(), () => send({ subtype: 'file_share', text: 'mine' }))).not.toContain('What I understand');
    expect(story.screen(people.ada, dm())).toHaveLength(before + 1);
  });
});
