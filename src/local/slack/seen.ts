// What a member has on the screen, in a form tests can read: words, buttons, fields, who wrote it, and whether others see it.
import { buttonsOf, wordsOf, type Button } from './block-reading.ts';
import { fieldsOf, valueOf } from './fields.ts';
import { word } from './shape.ts';
import { visibleTo, type Answers, type Block, type Channel, type Marks, type Message, type Workspace } from './state.ts';
import { answersOf, stackOf } from './views.ts';

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
  readonly fields: readonly SeenField[];
  readonly threadTs: string | undefined;
  /** "Only visible to you". */
  readonly ephemeral: boolean;
  readonly edited: boolean;
}

export interface SeenHome {
  readonly blocks: readonly Block[];
  readonly words: string;
  readonly buttons: readonly Button[];
  readonly fields: readonly SeenField[];
}

export interface SeenModal extends SeenHome {
  readonly id: string;
  readonly hash: string;
  readonly callbackId: string;
  readonly title: string;
  /** The words of the submit button; undefined where there is none. */
  readonly submit: string | undefined;
  readonly close: string;
  /** How many modals lie on the stack, this one with them. */
  readonly depth: number;
  /** Messages beside fields, by block_id. */
  readonly errors: Readonly<Record<string, string>>;
  /** The line that a submission did not get through. */
  readonly trouble: string | undefined;
}

/** Something to fill in or choose from. */
interface SeenField {
  readonly blockId: string;
  readonly actionId: string;
  readonly type: string;
  readonly label: string;
  readonly hint: string | undefined;
  readonly optional: boolean;
  readonly options: readonly { readonly text: string; readonly value: string }[];
  readonly value: string | readonly string[] | null;
  /** The message beside it. */
  readonly error: string | undefined;
}

export function seen(workspace: Workspace, message: Message, user: string): SeenMessage {
  return {
    channel: message.channel,
    ts: message.ts,
    author: message.author,
    authorName: workspace.members.get(message.author)?.name ?? message.author,
    text: message.text,
    blocks: message.blocks,
    words: message.blocks.length === 0 ? message.text : wordsOf(message.blocks),
    buttons: buttonsOf(message.blocks),
    fields: fieldsSeen(message.blocks, answersOf(workspace, user, surfaceOf(message))),
    threadTs: message.threadTs,
    ephemeral: message.onlyFor !== undefined,
    edited: message.editedTs !== undefined,
  };
}

/** The messages of a channel that this member sees, oldest first; none where the member is not in. */
export function messagesSeen(workspace: Workspace, channel: Channel, user: string): SeenMessage[] {
  if (!channel.members.has(user)) return [];
  return channel.messages.filter((message) => visibleTo(message, user)).map((message) => seen(workspace, message, user));
}

export function homeSeen(workspace: Workspace, user: string): SeenHome | undefined {
  const home = workspace.homes.get(user);
  return home === undefined ? undefined : contentSeen(home.blocks, answersOf(workspace, user, home.id));
}

/** The modal on top of the member's stack; none when nothing is open. */
export function modalSeen(workspace: Workspace, user: string): SeenModal | undefined {
  const stack = stackOf(workspace, user);
  const view = stack.at(-1);
  if (view === undefined) return undefined;
  const { errors = {}, trouble } = workspace.marks.get(view.id) ?? {};
  const content = contentSeen(view.blocks, answersOf(workspace, user, view.id), errors);
  return {
    ...content,
    id: view.id,
    hash: view.hash,
    callbackId: word(view.json['callback_id']),
    title: wordsOf(view.json['title'] ?? null),
    submit: view.json['submit'] === null ? undefined : wordsOf(view.json['submit'] ?? null),
    close: wordsOf(view.json['close'] ?? null) || 'Cancel',
    depth: stack.length,
    errors,
    trouble,
  };
}

/** The name of a message as a surface that holds what was chosen there. */
export function surfaceOf(message: { readonly channel: string; readonly ts: string }): string {
  return `${message.channel} ${message.ts}`;
}

function contentSeen(blocks: readonly Block[], answers: Answers, errors: Marks['errors'] = {}): SeenHome {
  return { blocks, words: wordsOf(blocks), buttons: buttonsOf(blocks), fields: fieldsSeen(blocks, answers, errors) };
}

function fieldsSeen(blocks: readonly Block[], answers: Answers, errors: Marks['errors'] = {}): SeenField[] {
  return fieldsOf(blocks).map((field) => {
    const { blockId, actionId, type, label, hint, optional, options } = field;
    const value = valueOf(field, answers);
    return { blockId, actionId, type, label, hint, optional, options, value, error: errors[blockId] };
  });
}
