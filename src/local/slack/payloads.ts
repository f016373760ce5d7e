// What Slack sends to an app, in Slack's shapes: slash commands and events. Pure but for the workspace it reads.
import { messageJson } from './messages.ts';
import { viewJson } from './views.ts';
import { BOT_NAME, type Channel, type JsonObject, type Member, type Message, type View, type Workspace } from './state.ts';

/** Random and fresh values a payload carries. */
export interface Fresh {
  readonly verificationToken: string;
  readonly triggerId: string;
  readonly responseUrl: string;
}

export interface Typed {
  readonly command: string;
  readonly text: string;
}

export function commandPayload(workspace: Workspace, by: Member, channel: Channel, typed: Typed, fresh: Fresh): JsonObject {
  return {
    token: fresh.verificationToken,
    team_id: workspace.team.id,
    team_domain: workspace.team.domain,
    channel_id: channel.id,
    channel_name: channelName(channel),
    user_id: by.id,
    user_name: by.name,
    command: typed.command,
    text: typed.text,
    api_app_id: workspace.app.id,
    is_enterprise_install: 'false',
    response_url: fresh.responseUrl,
    trigger_id: fresh.triggerId,
  };
}

/** Slack does not tell commands and clicks the names of DMs and private channels. */
export function channelName(channel: Channel): string {
  if (channel.kind === 'dm') return 'directmessage';
  return channel.kind === 'private' ? 'privategroup' : channel.name;
}

/** The Events API's outer body around one event. */
export function eventPayload(
  workspace: Workspace,
  event: JsonObject,
  ids: { eventId: string; verificationToken: string; time: number },
): JsonObject {
  const authorization = { enterprise_id: null, team_id: workspace.team.id, user_id: workspace.app.botUserId, is_bot: true };
  return {
    token: ids.verificationToken,
    team_id: workspace.team.id,
    context_team_id: workspace.team.id,
    context_enterprise_id: null,
    api_app_id: workspace.app.id,
    event,
    type: 'event_callback',
    event_id: ids.eventId,
    event_time: ids.time,
    authorizations: [{ ...authorization, is_enterprise_install: false }],
    is_ext_shared_channel: false,
    event_context: `local-${ids.eventId}`,
  };
}

export function messageEvent(workspace: Workspace, by: Member, channel: Channel, message: Message): JsonObject {
  return {
    ...messageJson(workspace, message),
    team: by.teamId,
    client_msg_id: `local-${message.ts}`,
    channel: channel.id,
    event_ts: message.ts,
    channel_type: 'im',
  };
}

/** The event by which an app in a DM hears of its own message: what Slack sends too, and apps must not answer. */
export function ownMessageEvent(
  workspace: Workspace,
  what: 'posted' | 'changed' | 'deleted',
  channel: Channel,
  change: { message: Message; previous: Message | undefined; eventTs: string },
): JsonObject {
  const shown = messageJson(workspace, change.message);
  const shared = { channel: channel.id, event_ts: change.eventTs, channel_type: 'im' };
  if (what === 'posted') return { ...shown, bot_profile: { id: workspace.app.botId, app_id: workspace.app.id, name: BOT_NAME }, ...shared };
  const previous = change.previous === undefined ? shown : messageJson(workspace, change.previous);
  const base = { type: 'message', hidden: true, ts: change.eventTs, previous_message: previous, ...shared };
  if (what === 'changed') return { ...base, subtype: 'message_changed', message: shown };
  return { ...base, subtype: 'message_deleted', deleted_ts: change.message.ts };
}

export function homeOpenedEvent(workspace: Workspace, by: Member, dm: Channel, home: View | undefined, eventTs: string): JsonObject {
  const view = home === undefined ? {} : { view: viewJson(workspace, home) };
  return { type: 'app_home_opened', user: by.id, channel: dm.id, tab: 'home', event_ts: eventTs, ...view };
}
