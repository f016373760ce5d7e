// The Bolt app: registers every listener of the table, over signed HTTP or Socket Mode, with our guard around each.
import { App as BoltApp, type BlockAction, type ButtonAction, type Receiver, type ViewSubmitAction } from '@slack/bolt';
import type { App } from '../app/app.ts';
import { boltLogger, type Clients, type SlackAccess } from './client.ts';
import { createGuard, type Guard } from './guard.ts';
import { eventKeepingAck } from './event-ack.ts';
import type { Hearing, Listeners } from './hearing.ts';
import { listeners } from './listeners.ts';
import { createNewest } from './newest.ts';

/** Builds the Bolt app on a receiver and registers all listeners. Asks Slack who we are (auth.test). */
export async function createBoltApp(
  app: App,
  clients: Clients,
  access: SlackAccess,
  receiver: Receiver,
  table: Listeners = listeners,
): Promise<Guard> {
  const { apiUrl, command } = access;
  const hearing: Hearing = { app, guard: createGuard(app, command), clients, apiUrl, command, newest: createNewest() };
  const boltApp = new BoltApp({
    token: access.botToken,
    receiver: eventKeepingAck(receiver),
    logger: boltLogger(app.log),
    deferInitialization: true,
    clientOptions: apiUrl === undefined ? {} : { slackApiUrl: apiUrl },
  });
  await boltApp.init();
  boltApp.error(async (error) => app.log.error({ err: error }, 'Bolt could not process a delivery'));

  boltApp.command(command, (args) => table.command.hear(hearing, args));
  for (const [id, hear] of Object.entries(table.actions)) {
    boltApp.action<BlockAction<ButtonAction>>({ action_id: id, type: 'block_actions' }, (args) => hear(hearing, args));
  }
  for (const [id, hear] of Object.entries(table.viewActions)) {
    boltApp.action<BlockAction>({ action_id: id, type: 'block_actions' }, (args) => hear(hearing, args));
  }
  for (const [id, hear] of Object.entries(table.views)) {
    boltApp.view<ViewSubmitAction>({ callback_id: id, type: 'view_submission' }, (args) => hear(hearing, args));
  }
  for (const event of Object.values(table.events)) {
    if (event.type === 'message') boltApp.event(event.type, (args) => event.hear(hearing, args));
    else boltApp.event(event.type, (args) => event.hear(hearing, args));
  }
  return hearing.guard;
}
