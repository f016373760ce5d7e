// Every id that Slack sends back to us, in one place; listeners and the manifest are made from them.

export const DEFAULT_COMMAND = '/gpu';
/** What Slack takes as the name of a slash command. */
export const COMMAND_NAME = /^\/[a-z0-9][a-z0-9_-]{0,30}$/;

/** Ids of buttons. Each carries the allocation and the version it was drawn for. */
export const actions = {
  approve: 'approve',
  deny: 'deny',
  cancel: 'cancel',
  extend: 'extend',
  release: 'release',
} as const;
export type ActionId = (typeof actions)[keyof typeof actions];

/** Value of a button: "al-7k3q9xwd:3". */
export function buttonValue(id: string, version: number): string {
  return `${id}:${version}`;
}

/** Null when the value is none of ours. */
export function readButtonValue(value: string): { readonly id: string; readonly version: number } | null {
  const [, id, version] = /^(al-[0-9a-z]{6,16}):([1-9][0-9]{0,8})$/.exec(value) ?? [];
  return id === undefined ? null : { id, version: Number(version) };
}
