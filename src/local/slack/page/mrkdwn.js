// Slack's mrkdwn as a tree: bold, italic, strike, code, pre, quote, links, mentions, dates, emoji. Pure; no DOM.

/**
 * @typedef {{ type: 'text', text: string } | { type: 'break' }
 *   | { type: 'bold' | 'italic' | 'strike' | 'quote', children: Piece[] }
 *   | { type: 'code' | 'pre', text: string }
 *   | { type: 'link', url: string, label: string }
 *   | { type: 'user' | 'channel' | 'group' | 'broadcast', id: string, label: string }
 *   | { type: 'date', unix: number, format: string, fallback: string }} Piece
 */

const MARKS = { '*': 'bold', _: 'italic', '~': 'strike' };
const EMOJI = {
  white_check_mark: '✅',
  heavy_check_mark: '✔️',
  x: '❌',
  no_entry: '⛔',
  warning: '⚠️',
  hourglass: '⌛',
  hourglass_flowing_sand: '⏳',
  tada: '🎉',
  wave: '👋',
  eyes: '👀',
  rocket: '🚀',
  zzz: '💤',
  bulb: '💡',
  bell: '🔔',
  lock: '🔒',
  key: '🔑',
  clock1: '🕐',
  alarm_clock: '⏰',
  information_source: 'ℹ️',
  arrow_right: '➡️',
  large_green_circle: '🟢',
  large_yellow_circle: '🟡',
  red_circle: '🔴',
  white_circle: '⚪',
};

/** @param {string} text @returns {Piece[]} */
export function parseMrkdwn(text) {
  /** @type {Piece[]} */
  const pieces = [];
  for (const [index, part] of text.split('```').entries()) {
    const closed = text.split('```').length % 2 === 1 || index < text.split('```').length - 1;
    if (index % 2 === 1 && closed) pieces.push({ type: 'pre', text: plain(part.replace(/^\n|\n$/g, '')) });
    else if (part !== '') pieces.push(...lines(index % 2 === 1 ? '```' + part : part));
  }
  return pieces;
}

/** Words of a plain_text object or an unformatted text: entities and emoji only. @param {string} text */
export function plain(text) {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

/** @param {string} text */
export function withEmoji(text) {
  return text.replace(/:([a-z0-9_+-]+):/g, (whole, name) => (Object.hasOwn(EMOJI, name) ? EMOJI[name] : whole));
}

/** @param {string} text @returns {Piece[]} */
function lines(text) {
  /** @type {Piece[]} */
  const pieces = [];
  const all = text.split('\n');
  for (const [index, line] of all.entries()) {
    const quote = /^(?:>|&gt;)\s?(.*)$/.exec(line);
    if (quote) pieces.push({ type: 'quote', children: inline(quote[1]) });
    else pieces.push(...inline(line));
    if (!quote && index < all.length - 1) pieces.push({ type: 'break' });
  }
  return pieces;
}

/** @param {string} text @returns {Piece[]} */
function inline(text) {
  /** @type {Piece[]} */
  const pieces = [];
  let pending = '';
  const flush = () => {
    if (pending !== '') pieces.push({ type: 'text', text: withEmoji(plain(pending)) });
    pending = '';
  };
  for (let at = 0; at < text.length;) {
    const found = special(text, at);
    if (found === undefined) {
      pending += text[at];
      at += 1;
    } else {
      flush();
      pieces.push(found.piece);
      at = found.end;
    }
  }
  flush();
  return pieces;
}

/** What begins at this place, if anything does. @param {string} text @param {number} at @returns {{ piece: Piece, end: number } | undefined} */
function special(text, at) {
  const mark = text[at];
  if (mark === '`') {
    const end = text.indexOf('`', at + 1);
    return end > at + 1 ? { piece: { type: 'code', text: plain(text.slice(at + 1, end)) }, end: end + 1 } : undefined;
  }
  if (mark === '<') {
    const end = text.indexOf('>', at);
    return end > at + 1 ? { piece: angle(text.slice(at + 1, end)), end: end + 1 } : undefined;
  }
  if (mark === 'h' && !isWord(text[at - 1])) {
    const url = /^https?:\/\/[^\s<>|]*[^\s<>|.,;:!?)\]}'"]/.exec(text.slice(at))?.[0];
    return url === undefined ? undefined : { piece: { type: 'link', url: plain(url), label: plain(url) }, end: at + url.length };
  }
  if (!Object.hasOwn(MARKS, mark) || isWord(text[at - 1]) || /\s|^$/.test(text[at + 1] ?? '')) return undefined;
  const end = closing(text, at);
  return end === undefined ? undefined : { piece: { type: MARKS[mark], children: inline(text.slice(at + 1, end)) }, end: end + 1 };
}

/** Where the formatting that opens at `at` closes: not inside <…> or `…`, after no space, before no word. @param {string} text @param {number} at */
function closing(text, at) {
  for (let end = at + 1; end < text.length; end += 1) {
    if (text[end] === '<') end = Math.max(end, text.indexOf('>', end));
    else if (text[end] === '`') end = Math.max(end, text.indexOf('`', end + 1));
    else if (text[end] === text[at] && end > at + 1 && !/\s/.test(text[end - 1]) && !isWord(text[end + 1])) return end;
  }
  return undefined;
}

/** @param {string | undefined} char */
function isWord(char) {
  return char !== undefined && /[\p{L}\p{N}_]/u.test(char);
}

/** The inside of <…>. @param {string} inside @returns {Piece} */
function angle(inside) {
  const bar = inside.indexOf('|');
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? '' : plain(inside.slice(bar + 1));
  if (/^@[UW]/.test(target)) return { type: 'user', id: target.slice(1), label };
  if (/^#[CGD]/.test(target)) return { type: 'channel', id: target.slice(1), label };
  if (target.startsWith('!subteam^')) return { type: 'group', id: target.slice('!subteam^'.length), label };
  if (['!here', '!channel', '!everyone'].includes(target)) return { type: 'broadcast', id: target.slice(1), label };
  const date = /^!date\^(-?\d+)\^([^^]*)/.exec(target);
  if (date) return { type: 'date', unix: Number(date[1]), format: date[2], fallback: label };
  if (/^(https?:|mailto:)/.test(target)) return { type: 'link', url: plain(target), label: label || plain(target.replace(/^mailto:/, '')) };
  return { type: 'text', text: `<${plain(inside)}>` };
}

/**
 * A <!date^…> in a zone, as Slack writes it there.
 * @param {{ unix: number, format: string }} date @param {string} timeZone @param {Date} now
 */
export function formatDate({ unix, format }, timeZone, now) {
  const at = new Date(unix * 1000);
  const write = (/** @type {Intl.DateTimeFormatOptions} */ options) =>
    new Intl.DateTimeFormat('en-US', { timeZone, ...options }).format(at);
  const day = (/** @type {Date} */ moment) => new Intl.DateTimeFormat('en-CA', { timeZone }).format(moment);
  const near = {
    [day(now)]: 'Today',
    [day(new Date(now.getTime() - 864e5))]: 'Yesterday',
    [day(new Date(now.getTime() + 864e5))]: 'Tomorrow',
  };
  const pretty = (/** @type {string} */ otherwise) => near[day(at)] ?? otherwise;
  /** @type {Record<string, () => string>} */
  const tokens = {
    date_num: () => day(at),
    date: () => write({ dateStyle: 'long' }),
    date_short: () => write({ month: 'short', day: 'numeric', year: 'numeric' }),
    date_long: () => write({ dateStyle: 'full' }),
    date_pretty: () => pretty(write({ dateStyle: 'long' })),
    date_short_pretty: () => pretty(write({ month: 'short', day: 'numeric', year: 'numeric' })),
    date_long_pretty: () => pretty(write({ dateStyle: 'full' })),
    time: () => write({ hour: 'numeric', minute: '2-digit' }),
    time_secs: () => write({ hour: 'numeric', minute: '2-digit', second: '2-digit' }),
    ago: () => ago(Math.round((unix * 1000 - now.getTime()) / 1000)),
  };
  return format.replace(/\{(\w+)\}/g, (whole, name) => (Object.hasOwn(tokens, name) ? tokens[name]() : whole));
}

/** @param {number} seconds from now; negative: past */
function ago(seconds) {
  const units = /** @type {[Intl.RelativeTimeFormatUnit, number][]} */ ([
    ['day', 86400],
    ['hour', 3600],
    ['minute', 60],
  ]);
  const [unit, size] = units.find(([, length]) => Math.abs(seconds) >= length) ?? ['second', 1];
  return new Intl.RelativeTimeFormat('en').format(Math.trunc(seconds / size), unit);
}
