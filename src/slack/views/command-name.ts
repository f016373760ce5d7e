// Words say `/gpu`, as the docs do; here it becomes the slash command that this Slack workspace has for Berth.
import { DEFAULT_COMMAND } from '../ids.ts';

/** In code type only: words of our own, never a purpose or a reason that somebody wrote. */
const NAMED = new RegExp(`\`${DEFAULT_COMMAND}(?=[ \`])`, 'g');

/** `shown`: a message or a view, whose texts are renamed. */
export function commandNamed<T>(shown: T, command: string): T {
  if (command === DEFAULT_COMMAND) return shown;
  const rename = (key: string, value: unknown) => (key === 'text' && typeof value === 'string' ? wordsNamed(value, command) : value);
  return JSON.parse(JSON.stringify(shown), rename) as T;
}

export function wordsNamed(words: string, command: string): string {
  return words.replaceAll(NAMED, `\`${command}`);
}
