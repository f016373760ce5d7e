// Everything the page draws for one member: people, channels with messages, the Home tab, the modal on top.
import { fieldsOf, valueOf } from './fields.ts';
import { messagesSeen, modalSeen, surfaceOf } from './seen.ts';
import type { Block, Channel, Json, JsonObject, Member, Workspace } from './state.ts';
import { answersOf } from './views.ts';

const MESSAGES_MAX = 300;
const ACTING_KINDS: readonly Member['kind'][] = ['member', 'guest', 'ultra_guest', 'stranger'];

export function canAct(member: Member | undefined): member is Member {
  return member !== undefined && ACTING_KINDS.includes(member.kind);
}

/** What one member sees (the first one when `as` is nobody who can act). */
export function pageView(workspace: Workspace, as: string): JsonObject {
  const members = [...workspace.members.values()];
  const people = members.filter(canAct);
  const me = people.find((member) => member.id === as) ?? people[0];
  const channels = [...workspace.channels.values()].filter((channel) => me !== undefined && channel.members.has(me.id));
  return {
    team: workspace.team.name,
    me: me === undefined ? null : personJson(me),
    people: people.map(personJson),
    names: {
      members: Object.fromEntries(members.map((member) => [member.id, member.name])),
      channels: Object.fromEntries(channels.map((channel) => [channel.id, channel.name])),
      groups: Object.fromEntries([...workspace.usergroups.values()].map((group) => [group.id, group.handle])),
    },
    botUserId: workspace.app.botUserId,
    channels: channels.map((channel) => channelJson(workspace, channel, me?.id ?? '')),
    home: me === undefined ? null : homeJson(workspace, me.id),
    modal: me === undefined ? null : modalJson(workspace, me.id),
  };
}

function personJson({ id, name, realName, kind, tz }: Member): JsonObject {
  return { id, name, realName, kind, tz };
}

function channelJson(workspace: Workspace, channel: Channel, me: string): JsonObject {
  const messages = messagesSeen(workspace, channel, me).slice(-MESSAGES_MAX);
  return {
    id: channel.id,
    name: channel.name,
    kind: channel.kind,
    members: [...channel.members],
    messages: messages.map((message) => ({
      ts: message.ts,
      author: message.author,
      text: message.text,
      blocks: message.blocks,
      values: valuesJson(workspace, me, surfaceOf(message), message.blocks),
      ephemeral: message.ephemeral,
      edited: message.edited,
      threadTs: message.threadTs ?? null,
    })),
  };
}

function homeJson(workspace: Workspace, me: string): Json {
  const home = workspace.homes.get(me);
  return home === undefined ? null : { id: home.id, blocks: home.blocks, values: valuesJson(workspace, me, home.id, home.blocks) };
}

function modalJson(workspace: Workspace, me: string): Json {
  const modal = modalSeen(workspace, me);
  if (modal === undefined) return null;
  const { id, hash, title, submit, close, depth, blocks, errors, trouble } = modal;
  const values = valuesJson(workspace, me, id, blocks);
  return { id, hash, title, submit: submit ?? null, close, depth, blocks, values, errors, trouble: trouble ?? null };
}

/** What stands in each field, by block_id and action_id. */
function valuesJson(workspace: Workspace, me: string, surface: string, blocks: readonly Block[]): JsonObject {
  const values: Record<string, Record<string, Json>> = {};
  const answers = answersOf(workspace, me, surface);
  for (const field of fieldsOf(blocks)) (values[field.blockId] ??= {})[field.actionId] = valueOf(field, answers);
  return values;
}
