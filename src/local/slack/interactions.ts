// What Slack sends when somebody presses, chooses, submits or closes, in Slack's shapes. Pure but for the workspace it reads.
import type { Button } from './block-reading.ts';
import { statesOf, type Field } from './fields.ts';
import { messageJson } from './messages.ts';
import { channelName, type Fresh } from './payloads.ts';
import { isObject } from './shape.ts';
import type { Answers, Channel, JsonObject, Member, Message, View, Workspace } from './state.ts';
import { viewJson } from './views.ts';

/** What a forged or late click claims instead of what was clicked. */
export interface Tamper {
  /** The button's value, or that of the chosen option. */
  readonly value?: string;
  readonly actionId?: string;
  readonly actionTs?: string;
  readonly channel?: string;
  readonly ts?: string;
}

/** Where it stood. */
export type Surface = { readonly channel: Channel; readonly message: Message } | { readonly view: View };

/** `actions[0]` of a pressed button. */
export function buttonAction(button: Button, tamper: Tamper): JsonObject {
  const value = tamper.value ?? button.value;
  return {
    action_id: tamper.actionId ?? button.actionId,
    block_id: button.blockId,
    type: 'button',
    text: button.element['text'] ?? null,
    ...(value === undefined ? {} : { value }),
    ...(button.style === undefined ? {} : { style: button.style }),
  };
}

/** `actions[0]` of a choice, or of words that Enter was pressed in. */
export function fieldAction(field: Field, state: JsonObject, tamper: Tamper): JsonObject {
  const { placeholder } = field.element;
  const chosen = state['selected_option'];
  const forged = tamper.value === undefined || !isObject(chosen) ? {} : { selected_option: { ...chosen, value: tamper.value } };
  const identity = { action_id: tamper.actionId ?? field.actionId, block_id: field.blockId };
  return { ...state, ...forged, ...identity, ...(placeholder === undefined ? {} : { placeholder }) };
}

export function actionsPayload(
  workspace: Workspace,
  by: Member,
  at: { readonly surface: Surface; readonly answers: Answers },
  action: JsonObject,
  fresh: Fresh & { readonly actionTs: string },
  tamper: Tamper,
): JsonObject {
  const shared = {
    ...identity(workspace, by, fresh),
    type: 'block_actions',
    trigger_id: fresh.triggerId,
    actions: [{ ...action, action_ts: tamper.actionTs ?? fresh.actionTs }],
  };
  if ('view' in at.surface) {
    const { view } = at.surface;
    return { ...shared, container: { type: 'view', view_id: view.id }, view: viewJson(workspace, view) };
  }
  const { channel, message } = at.surface;
  const ephemeral = message.onlyFor !== undefined;
  const channelId = tamper.channel ?? channel.id;
  const ts = tamper.ts ?? message.ts;
  const thread = message.threadTs === undefined ? {} : { thread_ts: message.threadTs };
  return {
    ...shared,
    container: { type: 'message', message_ts: ts, channel_id: channelId, is_ephemeral: ephemeral, ...thread },
    channel: { id: channelId, name: channelName(channel) },
    ...(ephemeral ? {} : { message: { ...messageJson(workspace, message), ts } }),
    state: statesOf(message.blocks, at.answers),
    response_url: fresh.responseUrl,
  };
}

export function submissionPayload(workspace: Workspace, by: Member, view: View, fresh: Fresh): JsonObject {
  const shared = { ...identity(workspace, by, fresh), type: 'view_submission', trigger_id: fresh.triggerId };
  return { ...shared, view: viewJson(workspace, view), response_urls: [] };
}

/** `isCleared`: the whole stack went at once. */
export function closedPayload(workspace: Workspace, by: Member, view: View, fresh: Fresh, isCleared: boolean): JsonObject {
  return { ...identity(workspace, by, fresh), type: 'view_closed', view: viewJson(workspace, view), is_cleared: isCleared };
}

function identity(workspace: Workspace, by: Member, fresh: Fresh): JsonObject {
  return {
    user: { id: by.id, username: by.name, name: by.name, team_id: by.teamId },
    api_app_id: workspace.app.id,
    token: fresh.verificationToken,
    team: { id: workspace.team.id, domain: workspace.team.domain },
    enterprise: null,
    is_enterprise_install: false,
  };
}
