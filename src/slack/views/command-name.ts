// Words say `/gpu`, as the docs do; here it becomes the slash command that this Slack workspace has for Berth.
import { DEFAULT_COMMAND } from '../ids.ts';
import type { Message } from './blocks.ts';

/** In code type only: words of our own, never a purpose or a reason that somebody wrote. */
const NAMED = new RegExp(`\`${DEFAULT_COMMAND}(?=[ \`])`, 'g');

export function commandNamed(message: Message, command: string): Message {
  if (command === DEFAULT_COMMAND) return message;
  const rename = (key: string, value: unknown) =>
    key === 'text' && typeof value === 'string' ? value.replaceAll(NAMED, `\`${command}`) : value;
  return JSON.parse(JSON.stringify(message), rename) as Message;
}
