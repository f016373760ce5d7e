// chat.* of the Web API: posting, editing and deleting as the bot, with Slack's refusals.
import { ApiError, flag, optionalText, refuseProblems, structured, text, type Args } from './api-args.ts';
import { botChannel } from './api-conversations.ts';
import type { ApiContext, Methods } from './api-context.ts';
import { wordsOf } from './block-reading.ts';
import { checkBlocks } from './blocks.ts';
import { edit, messageJson, post, remove } from './messages.ts';
import { dmWith, type Block, type Channel, type Message } from './state.ts';

/** Slack adds up the words of all blocks; above this it answers msg_blocks_too_long. */
const BLOCK_WORDS_MAX = 12_000;
const TEXT_MAX = 40_000;

export const chatMethods: Methods = {
  'chat.postMessage': (context, args) => {
    const channel = postable(context, text(args, 'channel'));
    const { words, blocks } = content(args);
    const threadTs = optionalText(args, 'thread_ts');
    if (threadTs !== undefined && !channel.messages.some((each) => each.ts === threadTs)) throw new ApiError('thread_not_found');
    const metadata = structured(args, 'metadata', 'invalid_metadata_format');
    const author = context.workspace.app.botUserId;
    const message = post(context.workspace, channel, { author, text: words ?? '', blocks: blocks ?? [], threadTs, metadata });
    context.onOwnMessage('posted', channel, message);
    return { channel: channel.id, ts: message.ts, message: messageJson(context.workspace, message) };
  },
  'chat.postEphemeral': (context, args) => {
    const channel = postable(context, text(args, 'channel'));
    const user = text(args, 'user');
    if (!channel.members.has(user)) throw new ApiError('user_not_in_channel');
    const { words, blocks } = content(args);
    const threadTs = optionalText(args, 'thread_ts');
    const author = context.workspace.app.botUserId;
    const message = post(context.workspace, channel, { author, text: words ?? '', blocks: blocks ?? [], threadTs, onlyFor: user });
    return { message_ts: message.ts };
  },
  'chat.update': (context, args) => {
    const { channel, message } = own(context, args, 'cant_update_message');
    const { words, blocks } = content(args);
    const metadata = structured(args, 'metadata', 'invalid_metadata_format');
    const edited = edit(context.workspace, channel, message, { text: words, blocks, metadata });
    context.onOwnMessage('changed', channel, edited, message);
    return { channel: channel.id, ts: edited.ts, text: edited.text, message: messageJson(context.workspace, edited) };
  },
  'chat.delete': (context, args) => {
    const { channel, message } = own(context, args, 'cant_delete_message');
    remove(context.workspace, channel, message);
    context.onOwnMessage('deleted', channel, message);
    return { channel: channel.id, ts: message.ts };
  },
  'chat.getPermalink': (context, args) => {
    const channel = botChannel(context, text(args, 'channel'));
    const ts = text(args, 'message_ts');
    if (!channel.messages.some((each) => each.ts === ts && each.onlyFor === undefined)) throw new ApiError('message_not_found');
    return { channel: channel.id, permalink: `${context.origin()}/archives/${channel.id}/p${ts.replace('.', '')}` };
  },
};

/** The channel an app may post to: by id or #name where the bot is in, by user id its DM. */
function postable(context: ApiContext, named: string): Channel {
  const { workspace } = context;
  const member = workspace.members.get(named);
  if (member !== undefined) {
    if (member.kind === 'bot') throw new ApiError('cannot_dm_bot');
    if (member.kind === 'deactivated') throw new ApiError('user_disabled');
    return dmWith(workspace, named);
  }
  const byName = [...workspace.channels.values()].find((each) => each.kind !== 'dm' && `#${each.name}` === named);
  const channel = botChannel(context, byName?.id ?? named);
  if (!channel.members.has(workspace.app.botUserId)) throw new ApiError('not_in_channel');
  return channel;
}

/** Text and blocks of a message, refused where Slack refuses them; undefined: not given. */
function content(args: Args): { words: string | undefined; blocks: readonly Block[] | undefined } {
  const attachments = structured(args, 'attachments', 'invalid_attachments');
  if (Array.isArray(attachments) && attachments.length > 0) throw new ApiError('local_slack_has_no_attachments');
  const given = structured(args, 'blocks', 'invalid_blocks_format');
  const words = optionalText(args, 'text');
  if (given !== undefined) {
    if (!Array.isArray(given)) throw new ApiError('invalid_blocks_format');
    refuseProblems('invalid_blocks', checkBlocks(given));
    if (wordsOf(given).length > BLOCK_WORDS_MAX) throw new ApiError('msg_blocks_too_long');
  }
  const blocks = given as readonly Block[] | undefined;
  if ((words ?? '') === '' && (blocks ?? []).length === 0) throw new ApiError('no_text');
  if (words !== undefined && words.length > TEXT_MAX) throw new ApiError('msg_too_long');
  if (flag(args, 'as_user')) throw new ApiError('as_user_not_supported');
  return { words, blocks };
}

function own(context: ApiContext, args: Args, foreign: string): { channel: Channel; message: Message } {
  const channel = botChannel(context, text(args, 'channel'));
  const ts = text(args, 'ts');
  const message = channel.messages.find((each) => each.ts === ts && each.onlyFor === undefined);
  if (message === undefined) throw new ApiError('message_not_found');
  if (message.author !== context.workspace.app.botUserId) throw new ApiError(foreign);
  return { channel, message };
}
