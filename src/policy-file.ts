// Reads the policy file: only one that nobody but its owner and us can have written, with every mistake named by its line.
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { LineCounter, parseDocument, type Document, type Node } from 'yaml';
import { Policy } from './domain/policy.ts';
import { lineOfBreak, mistakesIn } from './policy-mistakes.ts';

const SIZE_MAX_BYTES = 4 * 1024 * 1024;
const ALIASES_MAX = 100;
/** No policy has more; the parser takes a second for every few thousand. */
const NESTING_MAX = 100;
const MISTAKES_MAX = 20;

/** Says which file, which line and what; nothing has been imported then. */
export class PolicyFileError extends Error {}

export function readPolicyFile(path: string): Policy {
  return parsePolicy(readTrusted(path), path);
}

/** `name` is used in messages only. Throws PolicyFileError. */
export function parsePolicy(text: string, name: string): Policy {
  const tooDeep = lineTooDeep(text);
  if (tooDeep !== null) throw new PolicyFileError(`${name}:${tooDeep}: brackets nested more than ${NESTING_MAX} deep`);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const [broken] = document.errors;
  if (broken !== undefined) throw new PolicyFileError(`${name}:${broken.linePos?.[0].line ?? 1}: ${broken.message.split('\n')[0]}`);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: ALIASES_MAX });
  } catch (cause) {
    const { message } = cause as Error;
    const why = message.startsWith('Excessive alias count') ? `more than ${ALIASES_MAX} aliases; write the values out` : message;
    throw new PolicyFileError(`${name}:${lineOfBreak(document, lines, (node) => !converts(node, document))}: ${why}`, { cause });
  }
  const parsed = Policy.safeParse(value);
  if (parsed.success) return parsed.data;
  const mistakes = mistakesIn(document, value, lines, parsed.error.issues);
  const more = mistakes.length > MISTAKES_MAX ? [`and ${mistakes.length - MISTAKES_MAX} more mistakes`] : [];
  throw new PolicyFileError([...mistakes.slice(0, MISTAKES_MAX).map(({ line, words }) => `${name}:${line}: ${words}`), ...more].join('\n'));
}

function converts(node: Node, document: Document): boolean {
  try {
    node.toJS(document, { maxAliasCount: ALIASES_MAX });
    return true;
  } catch {
    return false;
  }
}

function readTrusted(path: string): string {
  let file: number;
  try {
    // Not blocking: opening a pipe would wait for its writer.
    file = openSync(path, constants.O_RDONLY | constants.O_NOCTTY | constants.O_NONBLOCK);
  } catch (cause) {
    throw new PolicyFileError(`${path}: cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'unknown error'})`, { cause });
  }
  try {
    const status = fstatSync(file);
    const { mode, uid, size } = status;
    if (!status.isFile()) throw new PolicyFileError(`${path}: is no regular file`);
    if ((mode & 0o022) !== 0) {
      throw new PolicyFileError(`${path}: others may write to it (mode ${(mode & 0o777).toString(8)}); run: chmod go-w ${path}`);
    }
    if (uid !== 0 && uid !== process.getuid?.())
      throw new PolicyFileError(`${path}: belongs to uid ${uid}, neither to root nor to the bot`);
    if (size > SIZE_MAX_BYTES) throw new PolicyFileError(`${path}: larger than ${SIZE_MAX_BYTES} bytes`);
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

/** The line of the bracket that is nested too deep, or null. Brackets in texts count too, and are closed there as well. */
function lineTooDeep(text: string): number | null {
  let depth = 0;
  let line = 1;
  for (const character of text) {
    if (character === '\n') line++;
    else if (character === '[' || character === '{') depth++;
    else if (character === ']' || character === '}') depth = Math.max(0, depth - 1);
    if (depth > NESTING_MAX) return line;
  }
  return null;
}
