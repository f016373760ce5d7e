// Everything that Berth hears from Slack, each with what it does: the Bolt app registers this table, and the manifest is made from it.
import type { BlockAction, ButtonAction } from '@slack/bolt';
import { locateClick } from '../app/locate-click.ts';
import { refuse } from '../domain/refusal.ts';
import { change } from './change.ts';
import { converse } from './converse.ts';
import type { GuardedTurn, Turn } from './guard.ts';
import type { Click, Command, Hear, Hearing, Listeners, MessageEvent } from './hearing.ts';
import { actions, readButtonValue, type ActionId } from './ids.ts';
import { post } from './messenger.ts';
import { replyThrough } from './response-url.ts';
import { plain } from './views/answer.ts';
import type { Message } from './views/blocks.ts';
import { ONLY_FILES } from './words/help.ts';

export const listeners = {
  command: {
    description: 'Ask for GPUs, see what is free, give them back',
    usageHint: 'request 1 gpu for 2h -- why, or help for everything else',
    hear: hearCommand,
  },
  actions: {
    approve: clickOn(actions.approve),
    deny: clickOn(actions.deny),
    cancel: clickOn(actions.cancel),
    extend: clickOn(actions.extend),
    release: clickOn(actions.release),
  } satisfies Record<ActionId, Hear<Click>>,
  viewActions: {},
  views: {},
  events: { 'message.im': { type: 'message', hear: hearMessage } },
} satisfies Listeners;

async function hearCommand({ app, guard, apiUrl, command }: Hearing, { body, ack, respond }: Command): Promise<void> {
  const turn: Turn = {
    user: body.user_id,
    reply: replyThrough(respond, body.response_url, apiUrl),
    ack: (message) => ack(message === undefined ? undefined : { response_type: 'ephemeral', ...message }),
  };
  await guard.run(turn, (guarded) => converse(app, guarded, { raw: body.text, command, key: `command:${body.trigger_id}` }));
}

async function hearMessage({ app, guard, clients, command }: Hearing, { event, body, context }: MessageEvent): Promise<void> {
  const acknowledge = context['acknowledge'] as () => Promise<void>;
  // Joins, edits and what bots write are no words to the bot; Bolt leaves out our own.
  if (event.channel_type !== 'im' || (event.subtype !== undefined && event.subtype !== 'file_share') || isOfBot(event))
    return acknowledge();
  const reply = async (message: Message) => {
    await post(clients.outbox, event.channel, message);
  };
  const turn: Turn = {
    user: event.user,
    reply,
    ack: async (message) => {
      await acknowledge();
      if (message !== undefined) await reply(message);
    },
  };
  const text = event.text ?? '';
  await guard.run(turn, (guarded) =>
    text.trim() === '' && event.subtype === 'file_share'
      ? guarded.ack(plain(ONLY_FILES))
      : converse(app, guarded, { raw: text, command, key: `event:${body.event_id}` }),
  );
}

function isOfBot(event: object): boolean {
  return 'bot_id' in event && event.bot_id !== undefined;
}

/** A button that performs a verb at once. */
function clickOn(verb: ActionId): Hear<Click> {
  return onMessage(async ({ app }, turn, { id, version, channel, ts, actionTs }) => {
    await turn.inTime(locateClick(app, turn.member, { verb, id, channel, ts }));
    const key = ['click', turn.member.slackTeam, turn.user, channel, ts, verb, actionTs].join(':');
    await change(app, turn, { key, verb, ask: { id, version } });
  });
}

/** A press of a button on a message: where it stands, and the allocation and version it was drawn for. */
interface Pressed {
  readonly id: string;
  readonly version: number;
  readonly channel: string;
  readonly ts: string;
  readonly actionTs: string;
  /** What opens a modal, within three seconds. */
  readonly triggerId: string;
}

/** A listener for a button of a message. Nothing says yet that it stands where one of ours does: see locate-click.ts. */
function onMessage(act: (hearing: Hearing, turn: GuardedTurn, pressed: Pressed) => Promise<void>): Hear<Click> {
  return async (hearing, { body, action: button, ack, respond }) => {
    const reply = replyThrough(respond, body.response_url, hearing.apiUrl);
    const turn: Turn = {
      user: body.user.id,
      reply,
      // A click cannot be acknowledged with an answer; it follows separately.
      ack: async (message) => {
        await ack();
        if (message !== undefined) await reply(message);
      },
    };
    await hearing.guard.run(turn, async (guarded) => act(hearing, guarded, pressed(body, button)));
  };
}

function pressed(body: BlockAction<ButtonAction>, button: ButtonAction): Pressed {
  const value = readButtonValue(button.value ?? '');
  const channel = body.channel?.id ?? body.container['channel_id'];
  const ts = body.message?.ts ?? body.container['message_ts'];
  if (value === null || typeof channel !== 'string' || typeof ts !== 'string') return refuse({ code: 'outdated_card', id: 'it' });
  return { ...value, channel, ts, actionTs: button.action_ts, triggerId: body.trigger_id };
}
