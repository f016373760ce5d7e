// A normalised text as words and quoted parts, and the purpose that `--` sets apart.

/** `text` is a word without trailing commas, or a quoted part without its quotes. `from` is its index in the normalised text. */
export interface Token {
  kind: 'word' | 'quoted';
  text: string;
  lower: string;
  from: number;
}

/** `purpose` is null without `--`. `unclosed` is the part after a double quote that is never closed. */
export type Tokens = { tokens: Token[]; purpose: string | null } | { unclosed: string };

/**
 * Splits a normalised text. A word starting with `--`, or a lone `-`, ends the request: the rest is the purpose, quotes and all.
 * `--` inside a word ends it likewise ("6h--fine-tune"), unless `isName` says that the word is a name.
 */
export function tokenize(text: string, isName: (word: string) => boolean): Tokens {
  const tokens: Token[] = [];
  let at = skipSpaces(text, 0);
  while (at < text.length) {
    const quote = text[at];
    const quoted = quote === '"' || quote === "'" ? readQuoted(text, at, quote) : null;
    if (quoted) {
      tokens.push({ kind: 'quoted', text: quoted.text, lower: quoted.text.toLowerCase(), from: at });
      at = quoted.end;
    } else if (quote === '"') {
      return { unclosed: text.slice(at) };
    } else {
      const space = text.indexOf(' ', at);
      const end = space < 0 ? text.length : space;
      const word = text.slice(at, end);
      if (word === '-') return { tokens, purpose: purposeOf(text.slice(end)) };
      const dashes = isName(word) ? -1 : word.indexOf('--');
      const own = dashes < 0 ? word : word.slice(0, dashes);
      pushWord(tokens, own, at);
      if (dashes >= 0) return { tokens, purpose: purposeOf(text.slice(at + dashes)) };
      at = end;
    }
    at = skipSpaces(text, at);
  }
  return { tokens, purpose: null };
}

/** Text for people as one line: single spaces, and without the quotes around all of it. */
export function purposeOf(text: string): string {
  const line = text
    .replace(/^[-\s]+/, '')
    .split(/\s+/)
    .join(' ')
    .trim();
  const quoted = line.length > 1 && line.startsWith('"') && line.indexOf('"', 1) === line.length - 1;
  return quoted ? line.slice(1, -1).trim() : line;
}

function pushWord(tokens: Token[], word: string, from: number): void {
  const text = word.endsWith(',') || word.endsWith(';') ? word.slice(0, -1) : word;
  if (text !== '') tokens.push({ kind: 'word', text, lower: text.toLowerCase(), from });
}

function skipSpaces(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ') at += 1;
  return at;
}

/** A quoted part from `from`; `\"` inside stands for a quote. An apostrophe closes only before a space, or it is part of a word. */
function readQuoted(text: string, from: number, quote: string): { text: string; end: number } | null {
  let content = '';
  for (let at = from + 1; at < text.length; at += 1) {
    const char = text[at] ?? '';
    if (char === '\\' && text[at + 1] === quote) {
      content += quote;
      at += 1;
    } else if (char === quote && (quote === '"' || at + 1 === text.length || text[at + 1] === ' ')) {
      return { text: content, end: at + 1 };
    } else {
      content += char;
    }
  }
  return null;
}
