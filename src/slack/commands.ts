// What was typed after `/gpu`, or to the bot directly: which command, and what it is about.
import { DEFAULT_COMMAND } from './ids.ts';
import { nearest } from '../domain/grammar/nearest.ts';
import { normalizeTyped } from '../domain/grammar/normalize.ts';

export type Typed =
  | { readonly kind: 'status' | 'mine' | 'images' | 'help' }
  | { readonly kind: 'request'; readonly text: string }
  | { readonly kind: 'release' | 'cancel' | 'why' | 'again'; readonly id: string | null }
  | { readonly kind: 'queue'; readonly pool: string | null }
  | { readonly kind: 'quota'; readonly target: QuotaTarget | null }
  | { readonly kind: 'extend' | 'approvals'; readonly rest: string }
  /** What follows, raw: its grammar normalises once, and by itself. */
  | { readonly kind: 'admin'; readonly rest: string }
  | { readonly kind: 'unknown'; readonly word: string; readonly nearest: string | null; readonly text: string };

/** Whose quota is asked for. */
type QuotaTarget = { readonly kind: 'member'; readonly user: string } | { readonly kind: 'team'; readonly name: string };

const WORDS = [
  'request',
  'status',
  'mine',
  'images',
  'queue',
  'quota',
  'why',
  'again',
  'extend',
  'approvals',
  'release',
  'cancel',
  'admin',
  'help',
] as const;

/** "/gpu", or "gpu" before a command: without a command, "gpu" is a request. */
const PREFIX = new RegExp(`^\\s*(?:/gpu\\b|gpu\\s+(?=(?:${WORDS.join('|')})\\b))\\s*`, 'i');

/** Reads the first word as a command; nothing at all is `status`. The slash command's own name may stand before it. Never throws. */
export function readCommand(raw: string, command: string = DEFAULT_COMMAND): Typed {
  const text = withoutName(normalizeTyped(raw.slice(0, 16_000)), command);
  const [, first = '', rest = ''] = /^(\S*)\s*([\s\S]*)$/.exec(text) ?? [];
  const word = first.toLowerCase();
  switch (word) {
    case '':
    case 'status':
      return { kind: 'status' };
    case 'mine':
    case 'images':
    case 'help':
      return { kind: word };
    case 'request':
      // The raw text: the grammar normalises once, and by itself.
      return { kind: 'request', text: raw.replace(/^[\s\S]*?request/i, '') };
    case 'release':
    case 'cancel':
    case 'why':
    case 'again':
      return { kind: word, id: nameIn(rest) };
    case 'extend':
      return { kind: 'extend', rest: raw.replace(/^[\s\S]*?extend/i, '') };
    case 'approvals':
      return { kind: 'approvals', rest };
    case 'queue':
      return { kind: 'queue', pool: nameIn(rest) };
    case 'quota':
      return { kind: 'quota', target: quotaTarget(rest) };
    case 'admin':
      return { kind: 'admin', rest: raw.replace(/^[\s\S]*?admin/i, '') };
    default:
      return {
        kind: 'unknown',
        word: first,
        nearest: nearest(word, WORDS),
        text: withoutName(raw.trimStart(), command),
      };
  }
}

function withoutName(text: string, command: string): string {
  if (command === DEFAULT_COMMAND) return text.replace(PREFIX, '');
  const [first = ''] = text.split(/\s/, 1);
  return first.toLowerCase() === command ? text.slice(first.length).trimStart() : text;
}

/** An id or a name as the ledger spells them, or null when nothing was typed. */
function nameIn(rest: string): string | null {
  const name = rest.toLowerCase().replace(/^`|`$/g, '').slice(0, 40);
  return name === '' ? null : name;
}

/** "<@U024BE7LH|ada>" as Slack escapes a mention, or the name of a team, "team" before it or not. */
function quotaTarget(rest: string): QuotaTarget | null {
  const user = /^<@([UW][A-Z0-9]{2,20})(?:\|[^>]*)?>$/.exec(rest)?.[1];
  if (user !== undefined) return { kind: 'member', user };
  const name = nameIn(rest.replace(/^team\s+/i, ''));
  return name === null ? null : { kind: 'team', name };
}
