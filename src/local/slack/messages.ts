// Writing to a channel: post, edit, delete; every change is told to the listeners.
import { giveIds } from './block-reading.ts';
import type { Block, Channel, Json, Message, Workspace } from './state.ts';

export interface Draft {
  author: string;
  text: string;
  blocks: readonly Block[];
  threadTs?: string | undefined;
  onlyFor?: string | undefined;
  metadata?: Json | undefined;
}

/** Adds a message to the channel and returns it as stored. */
export function post(workspace: Workspace, channel: Channel, draft: Draft): Message {
  const message: Message = {
    channel: channel.id,
    ts: workspace.nextTs(),
    author: draft.author,
    text: draft.text,
    blocks: giveIds(draft.blocks, workspace),
    earlier: [],
    ...(draft.threadTs === undefined ? {} : { threadTs: draft.threadTs }),
    ...(draft.onlyFor === undefined ? {} : { onlyFor: draft.onlyFor }),
    ...(draft.metadata === undefined ? {} : { metadata: draft.metadata }),
  };
  channel.messages.push(message);
  workspace.changed();
  return message;
}

/** Replaces words and blocks of a message that is still there; what is undefined stays as it was. */
export function edit(
  workspace: Workspace,
  channel: Channel,
  message: Message,
  change: { text?: string | undefined; blocks?: readonly Block[] | undefined; metadata?: Json | undefined },
): Message {
  const edited: Message = {
    ...message,
    text: change.text ?? message.text,
    blocks: change.blocks === undefined ? message.blocks : giveIds(change.blocks, workspace),
    editedTs: workspace.nextTs(),
    ...(change.metadata === undefined ? {} : { metadata: change.metadata }),
    earlier: [...message.earlier, message],
  };
  channel.messages = channel.messages.map((each) => (each.ts === message.ts ? edited : each));
  workspace.changed();
  return edited;
}

export function remove(workspace: Workspace, channel: Channel, message: Message): void {
  channel.messages = channel.messages.filter((each) => each.ts !== message.ts);
  workspace.changed();
}

/** A message as the Web API and payloads show it. */
export function messageJson(workspace: Workspace, message: Message): Record<string, Json> {
  const ours = message.author === workspace.app.botUserId;
  return {
    type: 'message',
    user: message.author,
    ts: message.ts,
    text: message.text,
    team: workspace.team.id,
    ...(ours ? { bot_id: workspace.app.botId, app_id: workspace.app.id } : {}),
    ...(message.blocks.length === 0 ? {} : { blocks: message.blocks }),
    ...(message.threadTs === undefined ? {} : { thread_ts: message.threadTs }),
    ...(message.metadata === undefined ? {} : { metadata: message.metadata }),
    ...(message.editedTs === undefined ? {} : { edited: { user: message.author, ts: message.editedTs } }),
  };
}
