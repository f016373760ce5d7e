// What is wrong with a policy document, as sentences with the line of the file.
import { isAlias, isCollection, isPair, type Document, type LineCounter, type Node } from 'yaml';
import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/** A policy is a document of lists and maps of this depth at most; only a hostile one is deeper. */
const DEPTH_MAX = 200;

/** "teams.0.members: write …", with the number of its line. */
export interface Mistake {
  readonly line: number;
  readonly words: string;
}

/** `value`: the document as data, which the issues are about. */
export function mistakesIn(document: Document, value: unknown, lines: LineCounter, issues: readonly Issue[]): Mistake[] {
  return issues.flatMap(unfold).flatMap((issue) => {
    const say = (path: readonly PropertyKey[], what: string): Mistake => ({
      line: lineOf(document, lines, path),
      words: `${issue.path.join('.') || 'policy'}: ${what}`,
    });
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => say([...issue.path, key], `there is no key "${key}"`));
    return [say(issue.path, wordsOf(issue, valueAt(value, issue.path)))];
  });
}

/**
 * Where several forms are possible, the mistakes of the one that was meant: it has the type that was written, and the fewest mistakes.
 * When that is not clear, the sentence that names the forms.
 */
function unfold(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const branches = issue.errors.map((branch) => branch.flatMap(unfold)).filter((branch) => !branch.some(isOtherForm));
  const [best, second] = branches.toSorted((a, b) => a.length - b.length);
  if (best === undefined || best.length === second?.length) return [issue];
  return best.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
}

function isOtherForm({ path, code }: Issue): boolean {
  return path.length === 0 && (code === 'invalid_type' || code === 'invalid_value' || code === 'invalid_union');
}

const types: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list, [a, b]',
  object: 'a section of keys',
  record: 'a section of keys',
};

function wordsOf(issue: Issue, written: unknown): string {
  if (written === undefined) return 'is missing';
  if (written === null) return 'is empty; write a value';
  switch (issue.code) {
    case 'invalid_type':
      // Zod's own words begin so; the policy's say more.
      return issue.message.startsWith('Invalid input') ? `has to be ${types[issue.expected] ?? issue.expected}` : issue.message;
    case 'invalid_value':
      return `has to be ${issue.values.map(String).join(' or ')}`;
    case 'too_small':
    case 'too_big': {
      const [word, bound] = issue.code === 'too_small' ? ['least', issue.minimum] : ['most', issue.maximum];
      const own = !issue.message.startsWith('Too ');
      if (own) return issue.message;
      const than = issue.inclusive === false ? `${word === 'least' ? 'more' : 'less'} than` : `at ${word}`;
      return issue.origin === 'array' ? `has to have ${than} ${bound}` : `has to be ${than} ${bound}`;
    }
    default:
      return issue.message;
  }
}

/** Undefined where there is nothing. */
function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value;
  for (const key of path) at = typeof at === 'object' && at !== null && Object.hasOwn(at, key) ? Reflect.get(at, key) : undefined;
  return at;
}

/** The line of the deepest node on the path that is there. */
function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  for (let depth = path.length; depth > 0; depth--) {
    const node = document.getIn(path.slice(0, depth), true) as Node | undefined;
    if (node?.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

/** The line of the innermost node of which `breaks` says true, by its first child each. */
export function lineOfBreak(document: Document, lines: LineCounter, breaks: (node: Node) => boolean): number {
  let at = document.contents as Node | null;
  for (let depth = 0; depth < DEPTH_MAX && at !== null; depth++) {
    const inner = childrenOf(at).find(breaks);
    if (inner === undefined) break;
    at = inner;
  }
  return at?.range ? lines.linePos(at.range[0]).line : 1;
}

function childrenOf(node: Node): Node[] {
  if (isAlias(node) || !isCollection(node)) return [];
  return node.items.flatMap((item) => (isPair(item) ? [item.key, item.value] : [item])).filter((child) => child !== null) as Node[];
}
