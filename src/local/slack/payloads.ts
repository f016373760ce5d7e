// What Slack sends to an app, in Slack's shapes: slash commands, clicks, events. Pure but for the workspace it reads.
import type { Button } from './block-reading.ts';
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
function channelName(channel: Channel): string {
  if (channel.kind === 'dm') return 'directmessage';
  return channel.kind === 'private' ? 'privategroup' : channel.name;
}

/** What a forged or late click claims instead of what was clicked. */
export interface Tamper {
  readonly value?: string;
  readonly actionId?: string;
  readonly actionTs?: string;
  readonly channel?: string;
  readonly ts?: string;
}

/** Where the button stood. */
export type Surface = { readonly channel: Channel; readonly message: Message } | { readonly home: View };

export function clickPayload(
  workspace: Workspace,
  by: Member,
  surface: Surface,
  button: Button,
  fresh: Fresh & { readonly actionTs: string },
  tamper: Tamper,
): JsonObject {
  const action: JsonObject = {
    action_id: tamper.actionId ?? button.actionId,
    block_id: button.blockId,
    type: 'button',
    text: button.element['text'] ?? null,
    ...(button.value === undefined && tamper.value === undefined ? {} : { value: tamper.value ?? button.value ?? '' }),
    ...(button.style === undefined ? {} : { style: button.style }),
    action_ts: tamper.actionTs ?? fresh.actionTs,
  };
  const shared = {
    type: 'block_actions',
    user: { id: by.id, username: by.name, name: by.name, team_id: by.teamId },
    api_app_id: workspace.app.id,
    token: fresh.verificationToken,
    trigger_id: fresh.triggerId,
    team: { id: workspace.team.id, domain: workspace.team.domain },
    enterprise: null,
    is_enterprise_install: false,
    actions: [action],
  };
  if ('home' in surface) {
    return { ...shared, container: { type: 'view', view_id: surface.home.id }, view: viewJson(workspace, surface.home) };
  }
  const { channel, message } = surface;
  const ephemeral = message.onlyFor !== undefined;
  const channelId = tamper.channel ?? channel.id;
  const ts = tamper.ts ?? message.ts;
  const thread = message.threadTs === undefined ? {} : { thread_ts: message.threadTs };
  return {
    ...shared,
    container: { type: 'message', message_ts: ts, channel_id: channelId, is_ephemeral: ephemeral, ...thread },
    channel: { id: channelId, name: channelName(channel) },
    ...(ephemeral ? {} : { message: { ...messageJson(workspace, message), ts } }),
    state: { values: {} },
    response_url: fresh.responseUrl,
  };
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
