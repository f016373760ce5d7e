// conversations.* of the Web API, as the bot sees them: private channels it is not in do not exist for it.
import { ApiError, flag, optionalText, page, text } from './api-args.ts';
import type { ApiContext, Methods } from './api-context.ts';
import { dmWith, type Channel, type JsonObject } from './state.ts';

export const conversationMethods: Methods = {
  'conversations.open': (context, args) => {
    const { workspace } = context;
    const given = optionalText(args, 'channel');
    if (given !== undefined) return { channel: { id: botChannel(context, given).id } };
    const users = text(args, 'users').split(',');
    if (users.length > 1) throw new ApiError('local_slack_has_no_group_dms');
    const member = workspace.members.get(users[0] ?? '');
    if (member === undefined) throw new ApiError('user_not_found');
    if (member.kind === 'bot') throw new ApiError('cannot_dm_bot');
    if (member.kind === 'deactivated') throw new ApiError('user_disabled');
    const known = [...workspace.channels.values()].some((each) => each.kind === 'dm' && each.members.has(member.id));
    const channel = dmWith(workspace, member.id);
    const full = flag(args, 'return_im') ? channelJson(context, channel) : { id: channel.id };
    return { channel: full, ...(known ? { no_op: true, already_open: true } : {}) };
  },
  'conversations.info': (context, args) => ({ channel: channelJson(context, botChannel(context, text(args, 'channel'))) }),
  'conversations.members': (context, args) => {
    const channel = botChannel(context, text(args, 'channel'));
    const { items, response_metadata } = page(args, [...channel.members], 100);
    return { members: items, response_metadata };
  },
};

/** A channel the bot knows of; `channel_not_found` for others' DMs and private channels as for no channel at all. */
export function botChannel(context: ApiContext, id: string): Channel {
  const { workspace } = context;
  const channel = workspace.channels.get(id);
  const hidden = channel !== undefined && channel.kind !== 'public' && !channel.members.has(workspace.app.botUserId);
  if (channel === undefined || hidden) throw new ApiError('channel_not_found');
  return channel;
}

function channelJson({ workspace }: ApiContext, channel: Channel): JsonObject {
  const shared = { id: channel.id, created: channel.created, is_archived: false, context_team_id: workspace.team.id };
  if (channel.kind === 'dm') {
    const user = [...channel.members].find((each) => each !== workspace.app.botUserId) ?? '';
    return { ...shared, is_im: true, is_channel: false, is_private: true, is_open: true, user, is_org_shared: false };
  }
  const external = [...channel.members].some((id) => workspace.members.get(id)?.kind === 'stranger');
  return {
    ...shared,
    name: channel.name,
    name_normalized: channel.name,
    is_channel: true,
    is_group: false,
    is_im: false,
    is_mpim: false,
    is_private: channel.kind === 'private',
    is_general: false,
    is_shared: external,
    is_ext_shared: external,
    is_org_shared: false,
    is_member: channel.members.has(workspace.app.botUserId),
    num_members: channel.members.size,
    topic: { value: '', creator: '', last_set: 0 },
    purpose: { value: '', creator: '', last_set: 0 },
  };
}
