// What is in stored blocks: their buttons and their words; and the ids Slack adds where the app gave none.
import { isObject } from './shape.ts';
import type { Block, Json, Workspace } from './state.ts';

export interface Button {
  readonly actionId: string;
  readonly blockId: string;
  readonly text: string;
  readonly value: string | undefined;
  readonly style: string | undefined;
  readonly confirm: Block | undefined;
  /** The element as the app sent it. */
  readonly element: Block;
}

/** Every button of the blocks, in reading order: those of actions blocks and section accessories. */
export function buttonsOf(blocks: readonly Block[]): Button[] {
  return blocks.flatMap((block) => {
    const elements: readonly Json[] = isList(block['elements']) ? block['elements'] : [block['accessory'] ?? null];
    return elements.flatMap((element) => (isObject(element) && element['type'] === 'button' ? [button(block, element)] : []));
  });
}

function button(block: Block, element: Block): Button {
  const { text, value, style, confirm } = element;
  return {
    actionId: stringOr(element['action_id'], ''),
    blockId: stringOr(block['block_id'], ''),
    text: isObject(text) ? stringOr(text['text'], '') : '',
    value: stringOr(value, undefined),
    style: stringOr(style, undefined),
    confirm: isObject(confirm) ? confirm : undefined,
    element,
  };
}

/** All words a reader sees in the blocks, one text object a line; without those of confirm dialogs. */
export function wordsOf(blocks: Json): string {
  if (isList(blocks)) return blocks.map(wordsOf).filter(Boolean).join('\n');
  if (!isObject(blocks)) return '';
  const own = typeof blocks['text'] === 'string' ? [blocks['text']] : [];
  const inner = Object.entries(blocks).flatMap(([key, value]) => (key === 'confirm' ? [] : [wordsOf(value)]));
  return [...own, ...inner].filter(Boolean).join('\n');
}

/** The blocks with a block_id each and an action_id on each element that can act. */
export function giveIds(blocks: readonly Block[], workspace: Workspace): readonly Block[] {
  const acting = (element: Json): Json =>
    isObject(element) && element['type'] !== 'image' && element['type'] !== 'mrkdwn' && element['type'] !== 'plain_text'
      ? { action_id: workspace.nextId('a'), ...element }
      : element;
  return blocks.map((block) => ({
    block_id: workspace.nextId('b'),
    ...block,
    ...(isList(block['elements']) ? { elements: block['elements'].map(acting) } : {}),
    ...(block['accessory'] === undefined ? {} : { accessory: acting(block['accessory']) }),
    ...(block['element'] === undefined ? {} : { element: acting(block['element']) }),
  }));
}

function stringOr<T>(value: Json | undefined, otherwise: T): string | T {
  return typeof value === 'string' ? value : otherwise;
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}
