// The fields of blocks, that is all a member can fill in or choose from, and their values in Slack's shape of `state.values`.
import { optionsOf } from './composition.ts';
import { isObject, word } from './shape.ts';
import type { Answers, Block, Json, JsonObject } from './state.ts';

/** Where an element keeps what is chosen, and what it starts with. */
const VALUES: Readonly<Record<string, { key: string; initial: string }>> = {
  plain_text_input: { key: 'value', initial: 'initial_value' },
  number_input: { key: 'value', initial: 'initial_value' },
  static_select: { key: 'selected_option', initial: 'initial_option' },
  radio_buttons: { key: 'selected_option', initial: 'initial_option' },
  overflow: { key: 'selected_option', initial: '' },
  multi_static_select: { key: 'selected_options', initial: 'initial_options' },
  checkboxes: { key: 'selected_options', initial: 'initial_options' },
  users_select: { key: 'selected_user', initial: 'initial_user' },
  multi_users_select: { key: 'selected_users', initial: 'initial_users' },
  conversations_select: { key: 'selected_conversation', initial: 'initial_conversation' },
  channels_select: { key: 'selected_channel', initial: 'initial_channel' },
  datepicker: { key: 'selected_date', initial: 'initial_date' },
  timepicker: { key: 'selected_time', initial: 'initial_time' },
  datetimepicker: { key: 'selected_date_time', initial: 'initial_date_time' },
};

export interface Field {
  readonly blockId: string;
  readonly actionId: string;
  /** `plain_text_input`, `static_select`, …: Block Kit's name of the element. */
  readonly type: string;
  /** The input block's label; empty for elements in sections and actions. */
  readonly label: string;
  readonly hint: string | undefined;
  /** Only input blocks are asked for before a submission. */
  readonly isInput: boolean;
  readonly optional: boolean;
  /** Whether a choice is told to the app at once. */
  readonly dispatches: boolean;
  readonly options: readonly { readonly text: string; readonly value: string }[];
  readonly element: Block;
}

/** Every field of the blocks, in reading order; buttons are none. */
export function fieldsOf(blocks: readonly Block[]): Field[] {
  return blocks.flatMap((block) => {
    const elements = [block['element'], block['accessory'], block['elements']].flat() as readonly Json[];
    return elements.flatMap((element) =>
      isObject(element) && Object.hasOwn(VALUES, word(element['type'])) ? [field(block, element)] : [],
    );
  });
}

function field(block: Block, element: Block): Field {
  const isInput = block['type'] === 'input';
  return {
    blockId: word(block['block_id']),
    actionId: word(element['action_id']),
    type: word(element['type']),
    label: isInput ? plainText(block['label']) : '',
    hint: block['hint'] === undefined ? undefined : plainText(block['hint']),
    isInput,
    optional: !isInput || block['optional'] === true,
    dispatches: !isInput || block['dispatch_action'] === true,
    options: optionsOf(element).map((option) => ({ text: plainText(option['text']), value: word(option['value']) })),
    element,
  };
}

export function fieldKey({ blockId, actionId }: { blockId: string; actionId: string }): string {
  return JSON.stringify([blockId, actionId]);
}

/** What stands in the field: the member's answer while the field still allows it, else what it starts with. */
export function stateOf(each: Field, answers: Answers): JsonObject {
  const answer = answers.get(fieldKey(each));
  if (answer !== undefined && answer['type'] === each.type && stillOffered(each, answer)) return answer;
  const { initial } = valueRule(each);
  return stateWith(each, each.element[initial] ?? null);
}

/** `state` of a view or message: every field but overflow menus, which keep nothing. */
export function statesOf(blocks: readonly Block[], answers: Answers): JsonObject {
  const values: Record<string, Record<string, Json>> = {};
  for (const each of fieldsOf(blocks)) {
    if (each.type === 'overflow') continue;
    (values[each.blockId] ??= {})[each.actionId] = stateOf(each, answers);
  }
  return { values };
}

/** The value in Slack's shape; null: empty. */
export function stateWith(each: Field, value: Json): JsonObject {
  const { key } = valueRule(each);
  const zone = each.type === 'timepicker' && each.element['timezone'] !== undefined ? { timezone: each.element['timezone'] } : {};
  return { type: each.type, [key]: value ?? (isMany(each) ? [] : null), ...zone };
}

/** What the member reads in the field: words, an id, an option's value; a list where several can be chosen; null when empty. */
export function valueOf(each: Field, answers: Answers): string | readonly string[] | null {
  const value = stateOf(each, answers)[valueRule(each).key] ?? null;
  const plain = (item: Json): string => (isObject(item) ? word(item['value']) : String(item as string | number));
  if (Array.isArray(value)) return (value as Json[]).map(plain);
  return value === null || value === '' ? null : plain(value);
}

/** Whether several can be chosen. */
export function isMany(each: Field): boolean {
  return valueRule(each).key.endsWith('s');
}

function stillOffered(each: Field, answer: JsonObject): boolean {
  const chosen = [answer['selected_option'] ?? [], answer['selected_options'] ?? []].flat() as readonly Json[];
  return chosen.every((option) => isObject(option) && each.options.some(({ value }) => value === option['value']));
}

function valueRule(each: Field): { key: string; initial: string } {
  const rule = VALUES[each.type];
  if (rule === undefined) throw new Error(`${each.type} is no field.`);
  return rule;
}

function plainText(text: unknown): string {
  return isObject(text) ? word(text['text']) : '';
}
