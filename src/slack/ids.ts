// Every id that Slack sends back to us, in one place; listeners and the manifest are made from them.

export const DEFAULT_COMMAND = '/gpu';
/** What Slack takes as the name of a slash command. */
export const COMMAND_NAME = /^\/[a-z0-9][a-z0-9_-]{0,30}$/;

/** Ids of buttons. Each carries the allocation and the version it was drawn for. */
export const actions = {
  approve: 'approve',
  approveLess: 'approve_less',
  ask: 'ask',
  deny: 'deny',
  /** The menu of a card, and what it offers. */
  more: 'more',
  reply: 'reply',
  decline: 'decline',
  cancel: 'cancel',
  extend: 'extend',
  release: 'release',
} as const;
export type ActionId = (typeof actions)[keyof typeof actions];

/** Ids of modals, as their submissions name them. */
export const callbacks = {
  approveLess: 'approve_less',
  also: 'also',
  deny: 'deny',
  ask: 'ask',
  reply: 'reply',
  handOver: 'hand_over',
  request: 'request',
} as const;
export type CallbackId = (typeof callbacks)[keyof typeof callbacks];

/** Ids of buttons that open a modal; they carry nothing. */
export const openers = { request: 'open_request' } as const;
export type OpenerId = (typeof openers)[keyof typeof openers];

/** Fields of the modal that asks for GPUs; block_id and action_id are the same. */
export const requestFields = {
  pool: 'request_pool',
  devices: 'request_devices',
  length: 'request_length',
  time: 'request_time',
  image: 'request_image',
  split: 'request_split',
  purpose: 'request_purpose',
} as const;
export type RequestField = (typeof requestFields)[keyof typeof requestFields];

/** Value of a button: "al-7k3q9xwd:3". */
export function buttonValue(id: string, version: number): string {
  return `${id}:${version}`;
}

/** Null when the value is none of ours. */
export function readButtonValue(value: string): { readonly id: string; readonly version: number } | null {
  const [, id, version] = /^(al-[0-9a-z]{6,16}):([1-9][0-9]{0,8})$/.exec(value) ?? [];
  return id === undefined ? null : { id, version: Number(version) };
}

/** What the menu of a card offers. */
const menuChoices = ['also', 'hand_over'] as const;
export type MenuChoice = (typeof menuChoices)[number];

/** Value of a choice in the menu of a card: "also:al-7k3q9xwd:3". */
export function menuValue(choice: MenuChoice, id: string, version: number): string {
  return `${choice}:${buttonValue(id, version)}`;
}

/** Null when the value is none of ours. */
export function readMenuValue(value: string): { readonly choice: MenuChoice; readonly id: string; readonly version: number } | null {
  const [, first = '', rest = ''] = /^([a-z_]+):(.*)$/.exec(value) ?? [];
  const choice = menuChoices.find((known) => known === first);
  const about = readButtonValue(rest);
  return choice === undefined || about === null ? null : { choice, ...about };
}
