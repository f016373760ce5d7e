// Block Kit limits, each with the pointer to what broke it.
import { expect, it } from 'vitest';
import { checkBlocks } from '../../../src/local/slack/blocks.ts';

const plain = (text: string) => ({ type: 'plain_text', text });
const mrkdwn = (text: string) => ({ type: 'mrkdwn', text });
const button = (extra: object = {}) => ({ type: 'button', action_id: 'go', text: plain('Go'), ...extra });
const actions = (...elements: object[]) => ({ type: 'actions', elements });
const section = (extra: object) => ({ type: 'section', ...extra });
const many = <T>(count: number, item: (index: number) => T) => Array.from({ length: count }, (_each, index) => item(index));
const x = (count: number) => 'x'.repeat(count);

it('accepts a card that uses everything up to its limit', () => {
  const confirm = { title: plain(x(100)), text: mrkdwn(x(300)), confirm: plain(x(30)), deny: plain(x(30)), style: 'danger' };
  const blocks = [
    { type: 'header', text: plain(x(150)) },
    section({ text: mrkdwn(x(3000)), fields: many(10, () => mrkdwn(x(2000))), accessory: button({ value: x(2000) }), block_id: x(255) }),
    { type: 'context', elements: many(10, () => mrkdwn('c')) },
    { type: 'divider' },
    actions(...many(25, (n) => button({ action_id: `a${n}`, text: plain(x(75)), style: 'primary', confirm }))),
  ];
  expect(checkBlocks(blocks)).toEqual([]);
  expect(checkBlocks([])).toEqual([]);
});

it.each<[string, unknown, string]>([
  ['no list', {}, 'must be an array [json-pointer:/blocks]'],
  ['51 blocks', many(51, () => ({ type: 'divider' })), 'no more than 50 items allowed [json-pointer:/blocks]'],
  ['unknown block', [{ type: 'carousel' }], 'unsupported type: carousel [json-pointer:/blocks/0/type]'],
  ['inherited name as type', [{ type: 'constructor' }], 'unsupported type: constructor [json-pointer:/blocks/0/type]'],
  ['no object', ['x'], 'must be an object [json-pointer:/blocks/0]'],
  ['unknown field', [{ type: 'divider', colour: 'red' }], 'invalid additional property: colour [json-pointer:/blocks/0]'],
  ['section without words', [section({})], 'must define either `fields` or `text` [json-pointer:/blocks/0]'],
  ['empty text', [section({ text: mrkdwn('') })], 'must be more than 0 characters [json-pointer:/blocks/0/text/text]'],
  ['long section', [section({ text: mrkdwn(x(3001)) })], 'must be less than 3001 characters [json-pointer:/blocks/0/text/text]'],
  ['11 fields', [section({ fields: many(11, () => mrkdwn('f')) })], 'no more than 10 items allowed [json-pointer:/blocks/0/fields]'],
  ['long field', [section({ fields: [mrkdwn(x(2001))] })], 'must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]'],
  ['mrkdwn header', [{ type: 'header', text: mrkdwn('h') }], 'must be one of: plain_text [json-pointer:/blocks/0/text/type]'],
  ['long header', [{ type: 'header', text: plain(x(151)) }], 'must be less than 151 characters [json-pointer:/blocks/0/text/text]'],
  ['header without text', [{ type: 'header' }], 'missing required field: text [json-pointer:/blocks/0]'],
  [
    '11 in context',
    [{ type: 'context', elements: many(11, () => mrkdwn('c')) }],
    'no more than 10 items allowed [json-pointer:/blocks/0/elements]',
  ],
  ['button in context', [{ type: 'context', elements: [button()] }], 'unsupported type: button [json-pointer:/blocks/0/elements/0/type]'],
  ['no actions', [actions()], 'no less than 1 items allowed [json-pointer:/blocks/0/elements]'],
  [
    '26 actions',
    [actions(...many(26, (n) => button({ action_id: `a${n}` })))],
    'no more than 25 items allowed [json-pointer:/blocks/0/elements]',
  ],
  ['same action_id', [actions(button(), button())], '`action_id` "go" already exists [json-pointer:/blocks/0/elements/1/action_id]'],
  ['same block_id', many(2, () => ({ type: 'divider', block_id: 'b' })), '`block_id` already exists: b [json-pointer:/blocks/1/block_id]'],
  [
    'long button',
    [actions(button({ text: plain(x(76)) }))],
    'must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]',
  ],
  ['long value', [actions(button({ value: x(2001) }))], 'must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]'],
  [
    'long action_id',
    [actions(button({ action_id: x(256) }))],
    'must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]',
  ],
  ['odd style', [actions(button({ style: 'default' }))], 'must be one of: primary, danger [json-pointer:/blocks/0/elements/0/style]'],
  ['mrkdwn button', [actions(button({ text: mrkdwn('b') }))], 'must be one of: plain_text [json-pointer:/blocks/0/elements/0/text/type]'],
  [
    'half a confirm',
    [actions(button({ confirm: { title: plain('t') } }))],
    'missing required field: deny [json-pointer:/blocks/0/elements/0/confirm]',
  ],
  [
    'emoji on mrkdwn',
    [section({ text: { ...mrkdwn('x'), emoji: true } })],
    'invalid additional property: emoji [json-pointer:/blocks/0/text]',
  ],
])('refuses %s', (_name, blocks, message) => {
  expect(checkBlocks(blocks)).toContain(message);
});

it('allows a Home tab 100 blocks and points into the view', () => {
  const blocks = many(101, () => ({ type: 'divider' }));
  expect(checkBlocks(blocks, { max: 100, root: '/view/blocks' })).toEqual(['no more than 100 items allowed [json-pointer:/view/blocks]']);
});
