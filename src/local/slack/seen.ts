// What a member has on the screen, in a form tests can read: words, buttons, who wrote it, and whether others see it.
import { buttonsOf, wordsOf, type Button } from './block-reading.ts';
import { visibleTo, type Block, type Channel, type Message, type Workspace } from './state.ts';

export interface SeenMessage {
  readonly channel: string;
  readonly ts: string;
  readonly author: string;
  readonly authorName: string;
  /** The top-level text: what notifications and screen readers say. */
  readonly text: string;
  readonly blocks: readonly Block[];
  /** The words of all blocks, or the text where there are none: what is read on the screen. */
  readonly words: string;
  readonly buttons: readonly Button[];
  readonly threadTs: string | undefined;
  /** "Only visible to you". */
  readonly ephemeral: boolean;
  readonly edited: boolean;
}

export interface SeenHome {
  readonly blocks: readonly Block[];
  readonly words: string;
  readonly buttons: readonly Button[];
}

export function seen(workspace: Workspace, message: Message): SeenMessage {
  return {
    channel: message.channel,
    ts: message.ts,
    author: message.author,
    authorName: workspace.members.get(message.author)?.name ?? message.author,
    text: message.text,
    blocks: message.blocks,
    words: message.blocks.length === 0 ? message.text : wordsOf(message.blocks),
    buttons: buttonsOf(message.blocks),
    threadTs: message.threadTs,
    ephemeral: message.onlyFor !== undefined,
    edited: message.editedTs !== undefined,
  };
}

/** The messages of a channel that this member sees, oldest first; none where the member is not in. */
export function messagesSeen(workspace: Workspace, channel: Channel, user: string): SeenMessage[] {
  if (!channel.members.has(user)) return [];
  return channel.messages.filter((message) => visibleTo(message, user)).map((message) => seen(workspace, message));
}

export function homeSeen(workspace: Workspace, user: string): SeenHome | undefined {
  const home = workspace.homes.get(user);
  return home === undefined ? undefined : { blocks: home.blocks, words: wordsOf(home.blocks), buttons: buttonsOf(home.blocks) };
}
