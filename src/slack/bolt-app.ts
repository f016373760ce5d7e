// The Bolt app: registers every listener from one table, over signed HTTP or Socket Mode, with our guard around each.
import { App as BoltApp, type BlockAction, type ButtonAction, type Receiver } from '@slack/bolt';
import type { App } from '../app/app.ts';
import { locateClick } from '../app/locate-click.ts';
import { refuse } from '../domain/refusal.ts';
import { change } from './change.ts';
import { boltLogger, type Clients, type SlackAccess } from './client.ts';
import { converse } from './converse.ts';
import { createGuard, type Guard, type GuardedTurn, type Turn } from './guard.ts';
import { actions, COMMAND, readButtonValue, type ActionId } from './ids.ts';
import { eventKeepingAck } from './event-ack.ts';
import { post } from './messenger.ts';
import { replyThrough } from './response-url.ts';
import type { Message } from './views/blocks.ts';

/** What Berth listens to; deploy/slack-manifest.yaml is made from the same table. */
export const listens = { command: COMMAND, actions: Object.values(actions), events: ['message.im'] } as const;

export interface Listening {
  readonly bolt: BoltApp;
  readonly guard: Guard;
}

/** Builds the Bolt app on a receiver and registers all listeners. Asks Slack who we are (auth.test). */
export async function createBoltApp(app: App, clients: Clients, access: SlackAccess, receiver: Receiver): Promise<Listening> {
  const guard = createGuard(app);
  const keepingAck = eventKeepingAck(receiver);
  const boltApp = new BoltApp({
    token: access.botToken,
    receiver: keepingAck,
    logger: boltLogger(app.log),
    deferInitialization: true,
    clientOptions: access.apiUrl === undefined ? {} : { slackApiUrl: access.apiUrl },
  });
  await boltApp.init();
  boltApp.error(async (error) => app.log.error({ err: error }, 'Bolt could not process a delivery'));

  boltApp.command(COMMAND, async ({ command, ack, respond }) => {
    const turn: Turn = {
      user: command.user_id,
      reply: replyThrough(respond, command.response_url, access.apiUrl),
      ack: (message) => ack(message === undefined ? undefined : { response_type: 'ephemeral', ...message }),
    };
    await guard.run(turn, (guarded) => converse(app, guarded, command.text, `command:${command.trigger_id}`));
  });

  for (const action of listens.actions) {
    boltApp.action<BlockAction<ButtonAction>>(
      { action_id: action, type: 'block_actions' },
      async ({ body, action: button, ack, respond }) => {
        const reply = replyThrough(respond, body.response_url, access.apiUrl);
        const turn: Turn = {
          user: body.user.id,
          reply,
          // A click cannot be acknowledged with an answer; it follows separately.
          ack: async (message) => {
            await ack();
            if (message !== undefined) await reply(message);
          },
        };
        await guard.run(turn, (guarded) => click(app, guarded, body, button, action));
      },
    );
  }

  boltApp.event('message', async ({ event, body, context }) => {
    const acknowledge = context['acknowledge'] as () => Promise<void>;
    if (event.channel_type !== 'im' || event.subtype !== undefined || event.bot_id !== undefined) return acknowledge();
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
    await guard.run(turn, (guarded) => converse(app, guarded, event.text ?? '', `event:${body.event_id}`));
  });

  return { bolt: boltApp, guard };
}

async function click(app: App, turn: GuardedTurn, body: BlockAction<ButtonAction>, button: ButtonAction, action: ActionId) {
  const value = readButtonValue(button.value ?? '');
  const channel = body.channel?.id ?? body.container['channel_id'];
  const ts = body.message?.ts ?? body.container['message_ts'];
  if (value === null || typeof channel !== 'string' || typeof ts !== 'string') return refuse({ code: 'outdated_card', id: 'it' });
  await turn.inTime(locateClick(app, turn.member, { verb: action, id: value.id, channel, ts }));
  const key = ['click', turn.member.slackTeam, turn.user, channel, ts, action, button.action_ts].join(':');
  await change(app, turn, { key, verb: action, ask: value });
}
