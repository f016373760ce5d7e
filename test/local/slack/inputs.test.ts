// Block Kit limits of what is chosen from and typed into, and of whole views, each with the pointer to what broke it.
import { expect, it } from 'vitest';
import { checkBlocks } from '../../../src/local/slack/blocks.ts';
import { checkView } from '../../../src/local/slack/view-rules.ts';

const plain = (text: string) => ({ type: 'plain_text', text });
const option = (value: string) => ({ text: plain(value), value });
const many = <T>(count: number, item: (index: number) => T) => Array.from({ length: count }, (_each, index) => item(index));
const options = (count: number) => many(count, (n) => option(`o${n}`));
const input = (element: object, extra: object = {}) => ({ type: 'input', block_id: 'b', label: plain('Label'), element, ...extra });
const modal = (blocks: object[], extra: object = {}) => ({ type: 'modal', title: plain('Title'), submit: plain('Send'), blocks, ...extra });
const x = (count: number) => 'x'.repeat(count);

it('accepts every kind of field at its limits', () => {
  const elements = [
    { type: 'plain_text_input', min_length: 0, max_length: 3000, multiline: true, initial_value: x(3000), placeholder: plain(x(150)) },
    { type: 'plain_text_input', dispatch_action_config: { trigger_actions_on: ['on_enter_pressed', 'on_character_entered'] } },
    { type: 'number_input', is_decimal_allowed: false, min_value: '-1', max_value: '8', initial_value: '2' },
    { type: 'static_select', options: options(100), initial_option: option('o99') },
    { type: 'static_select', option_groups: many(100, (n) => ({ label: plain(`${n}`), options: options(2) })) },
    { type: 'multi_static_select', options: options(100), initial_options: [option('o1')], max_selected_items: 2 },
    { type: 'users_select', initial_user: 'U1' },
    { type: 'multi_users_select', max_selected_items: 5 },
    { type: 'conversations_select', default_to_current_conversation: true, filter: { include: ['im'] } },
    { type: 'channels_select' },
    { type: 'radio_buttons', options: options(10).map((each) => ({ ...each, description: { type: 'mrkdwn', text: x(75) } })) },
    { type: 'checkboxes', options: options(10), initial_options: [option('o3')] },
    { type: 'datepicker', initial_date: '2026-11-04' },
    { type: 'timepicker', initial_time: '23:59', timezone: 'Europe/Berlin' },
    { type: 'datetimepicker', initial_date_time: 1_790_000_000, focus_on_load: true },
  ];
  const blocks = elements.map((element, n) => input(element, { block_id: `b${n}`, hint: plain(x(2000)), optional: n % 2 === 0 }));
  const overflow = { type: 'overflow', options: options(5).map((each) => ({ ...each, url: 'https://x.example/' })) };
  const chosen = { type: 'actions', elements: [{ type: 'static_select', options: options(1) }, overflow, { type: 'users_select' }] };
  const section = { type: 'section', text: plain('s'), accessory: overflow };
  expect(checkView(modal([...blocks, chosen, section], { private_metadata: x(3000), callback_id: x(255) }), 'modal')).toEqual([]);
  expect(checkView({ type: 'home', blocks: [...blocks, chosen] }, 'home')).toEqual([]);
});

it.each<[string, object, string]>([
  ['101 options', { type: 'static_select', options: options(101) }, 'no more than 100 items allowed […/options]'],
  ['no options', { type: 'multi_static_select' }, 'missing required field: options […]'],
  ['empty groups', { type: 'static_select', option_groups: [] }, 'no less than 1 items allowed […/option_groups]'],
  ['11 radio buttons', { type: 'radio_buttons', options: options(11) }, 'no more than 10 items allowed […/options]'],
  ['11 checkboxes', { type: 'checkboxes', options: options(11) }, 'no more than 10 items allowed […/options]'],
  [
    'a placeholder on radio buttons',
    { type: 'radio_buttons', options: options(1), placeholder: plain('p') },
    'invalid additional property: placeholder […]',
  ],
  [
    'a long option',
    { type: 'static_select', options: [{ ...option('o'), text: plain(x(76)) }] },
    'must be less than 76 characters […/options/0/text/text]',
  ],
  [
    'a long option value',
    { type: 'static_select', options: [{ ...option('o'), value: x(76) }] },
    'must be less than 76 characters […/options/0/value]',
  ],
  [
    'a mrkdwn option',
    { type: 'static_select', options: [{ text: { type: 'mrkdwn', text: 'm' }, value: 'v' }] },
    'must be one of: plain_text […/options/0/text/type]',
  ],
  [
    'a foreign initial option',
    { type: 'static_select', options: options(2), initial_option: option('o2') },
    'must be one of the options, exactly as written there […/initial_option]',
  ],
  [
    'a foreign initial check',
    { type: 'checkboxes', options: options(2), initial_options: [option('o2')] },
    'must be one of the options, exactly as written there […/initial_options/0]',
  ],
  ['a long min_length', { type: 'plain_text_input', min_length: 3001 }, 'must be between 0 and 3000 […/min_length]'],
  ['max_length 0', { type: 'plain_text_input', max_length: 0 }, 'must be between 1 and 3000 […/max_length]'],
  ['min above max', { type: 'plain_text_input', min_length: 9, max_length: 8 }, 'must be less than or equal to max_length […/min_length]'],
  ['a long placeholder', { type: 'plain_text_input', placeholder: plain(x(151)) }, 'must be less than 151 characters […/placeholder/text]'],
  ['multiline as text', { type: 'plain_text_input', multiline: 'yes' }, 'must be a boolean […/multiline]'],
  [
    'an odd dispatch trigger',
    { type: 'plain_text_input', dispatch_action_config: { trigger_actions_on: ['on_blur'] } },
    'must be one of: on_enter_pressed, on_character_entered […/dispatch_action_config/trigger_actions_on/0]',
  ],
  ['a number without kind', { type: 'number_input' }, 'missing required field: is_decimal_allowed […]'],
  ['a number as number', { type: 'number_input', is_decimal_allowed: true, min_value: 1 }, 'must be a number as text […/min_value]'],
  [
    'a decimal where none may be',
    { type: 'number_input', is_decimal_allowed: false, initial_value: '0.5' },
    'must be a number as text […/initial_value]',
  ],
  [
    'an odd date',
    { type: 'datepicker', initial_date: '04.11.2026' },
    String.raw`must match ^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$ […/initial_date]`,
  ],
  ['an odd time', { type: 'timepicker', initial_time: '24:00' }, String.raw`must match ^(?:[01]\d|2[0-3]):[0-5]\d$ […/initial_time]`],
  [
    'milliseconds',
    { type: 'datetimepicker', initial_date_time: 1_790_000_000_000 },
    'must be a Unix time of 10 digits […/initial_date_time]',
  ],
  ['an overflow menu as input', { type: 'overflow', options: options(2) }, 'unsupported type: overflow […/type]'],
  ['none at most', { type: 'multi_users_select', max_selected_items: 0 }, 'must be an integer, 1 or more […/max_selected_items]'],
])('refuses %s', (_name, element, message) => {
  expect(checkBlocks([input(element)])).toContain(message.replace('…', 'json-pointer:/blocks/0/element'));
});

it('keeps typed fields out of sections and actions, and overflow menus short', () => {
  const elements = [{ type: 'plain_text_input' }, { type: 'overflow', options: options(6) }];
  expect(checkBlocks([{ type: 'actions', elements }])).toEqual([
    'unsupported type: plain_text_input [json-pointer:/blocks/0/elements/0/type]',
    'no more than 5 items allowed [json-pointer:/blocks/0/elements/1/options]',
  ]);
});

it.each<[string, unknown, string]>([
  ['no object', 'x', 'must be an object [json-pointer:/view]'],
  ['a Home tab', { type: 'home', blocks: [] }, 'must be one of: modal [json-pointer:/view/type]'],
  ['no title', { type: 'modal', blocks: [] }, 'missing required field: title [json-pointer:/view]'],
  ['a long title', modal([], { title: plain(x(25)) }), 'must be less than 25 characters [json-pointer:/view/title/text]'],
  ['a long submit', modal([], { submit: plain(x(25)) }), 'must be less than 25 characters [json-pointer:/view/submit/text]'],
  ['a mrkdwn close', modal([], { close: { type: 'mrkdwn', text: 'c' } }), 'must be one of: plain_text [json-pointer:/view/close/type]'],
  ['long metadata', modal([], { private_metadata: x(3001) }), 'must be less than 3001 characters [json-pointer:/view/private_metadata]'],
  ['a long callback_id', modal([], { callback_id: x(256) }), 'must be less than 256 characters [json-pointer:/view/callback_id]'],
  ['101 blocks', modal(many(101, () => ({ type: 'divider' }))), 'no more than 100 items allowed [json-pointer:/view/blocks]'],
  ['a word too many', modal([], { submit_disabled: true }), 'invalid additional property: submit_disabled [json-pointer:/view]'],
  [
    'inputs without submit',
    { type: 'modal', title: plain('T'), blocks: [{ type: 'divider' }, input({ type: 'plain_text_input' })] },
    'must define `submit` to use `input` block [json-pointer:/view/blocks/1/input]',
  ],
  [
    'two focused fields',
    modal(many(2, (n) => input({ type: 'datepicker', focus_on_load: true }, { block_id: `b${n}` }))),
    'only one element may have `focus_on_load` [json-pointer:/view/blocks]',
  ],
])('refuses a modal with %s', (_name, view, message) => {
  expect(checkView(view, 'modal')).toContain(message);
});
