// Everything that Berth hears from Slack, each with what it does: the Bolt app registers this table, and the manifest is made from it.
import type {
  BlockAction,
  ButtonAction,
  SlackActionMiddlewareArgs,
  SlackCommandMiddlewareArgs,
  SlackEventMiddlewareArgs,
} from '@slack/bolt';
import type { App } from '../app/app.ts';
import { locateClick } from '../app/locate-click.ts';
import { refuse } from '../domain/refusal.ts';
import { change } from './change.ts';
import type { Clients } from './client.ts';
import { converse } from './converse.ts';
import type { Guard, GuardedTurn, Turn } from './guard.ts';
import { actions, readButtonValue, type ActionId } from './ids.ts';
import { post } from './messenger.ts';
import { replyThrough } from './response-url.ts';
import { plain } from './views/answer.ts';
import type { Message } from './views/blocks.ts';
import { ONLY_FILES } from './words/help.ts';

/** What listeners work with. `apiUrl`: as in SlackAccess. */
export interface Hearing {
  readonly app: App;
  readonly guard: Guard;
  readonly clients: Clients;
  readonly apiUrl: string | undefined;
  /** The slash command's name. */
  readonly command: string;
}

type Hear<Args> = (hearing: Hearing, args: Args) => Promise<void>;
type Click = SlackActionMiddlewareArgs<BlockAction<ButtonAction>>;
/** `context`: see event-ack.ts. */
type MessageEvent = SlackEventMiddlewareArgs<'message'> & { readonly context: Readonly<Record<string, unknown>> };

interface Listeners {
  /** The slash command, whatever its name, with how Slack presents it. */
  readonly command: { readonly description: string; readonly usageHint: string; readonly hear: Hear<SlackCommandMiddlewareArgs> };
  readonly actions: Readonly<Record<ActionId, Hear<Click>>>;
  /** By the name to subscribe to, with the type that such an event arrives as. */
  readonly events: Readonly<Record<string, { readonly type: 'message'; readonly hear: Hear<MessageEvent> }>>;
}

export const listeners: Listeners = {
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
  },
  events: { 'message.im': { type: 'message', hear: hearMessage } },
};

async function hearCommand({ app, guard, apiUrl, command }: Hearing, { body, ack, respond }: SlackCommandMiddlewareArgs): Promise<void> {
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

function clickOn(verb: ActionId): Hear<Click> {
  return async ({ app, guard, apiUrl }, { body, action: button, ack, respond }) => {
    const reply = replyThrough(respond, body.response_url, apiUrl);
    const turn: Turn = {
      user: body.user.id,
      reply,
      // A click cannot be acknowledged with an answer; it follows separately.
      ack: async (message) => {
        await ack();
        if (message !== undefined) await reply(message);
      },
    };
    await guard.run(turn, (guarded) => click(app, guarded, body, button, verb));
  };
}

async function click(app: App, turn: GuardedTurn, body: BlockAction<ButtonAction>, button: ButtonAction, verb: ActionId): Promise<void> {
  const value = readButtonValue(button.value ?? '');
  const channel = body.channel?.id ?? body.container['channel_id'];
  const ts = body.message?.ts ?? body.container['message_ts'];
  if (value === null || typeof channel !== 'string' || typeof ts !== 'string') return refuse({ code: 'outdated_card', id: 'it' });
  await turn.inTime(locateClick(app, turn.member, { verb, id: value.id, channel, ts }));
  const key = ['click', turn.member.slackTeam, turn.user, channel, ts, verb, button.action_ts].join(':');
  await change(app, turn, { key, verb, ask: value });
}
