// Words as DOM: plain text and mrkdwn with mentions, links and dates in the acting member's zone.
import { el } from './dom.js';
import { formatDate, parseMrkdwn, plain, withEmoji } from './mrkdwn.js';

/**
 * @typedef {object} Reading
 * @property {{ members: Record<string, string>, channels: Record<string, string>, groups: Record<string, string> }} names
 * @property {string} me the acting member's id
 * @property {string} timeZone the acting member's zone
 */

/** @param {string} text @param {Reading} reading */
export function drawMrkdwn(text, reading) {
  return el('div', { class: 'text' }, ...parseMrkdwn(text).map((piece) => drawPiece(piece, reading)));
}

/** A text object of Block Kit. @param {any} text @param {Reading} reading @returns {HTMLElement} */
export function drawText(text, reading) {
  return text.type === 'mrkdwn' ? drawMrkdwn(text.text, reading) : el('span', { class: 'plain' }, plainWords(text));
}

/** Its words alone, as they are written in options and buttons. @param {any} text */
export function plainWords(text) {
  return withEmoji(plain(text?.text ?? ''));
}

/** @param {import('./mrkdwn.js').Piece} piece @param {Reading} reading @returns {Node} */
function drawPiece(piece, reading) {
  const inner = () => piece.children.map((child) => drawPiece(child, reading));
  switch (piece.type) {
    case 'text':
      return document.createTextNode(piece.text);
    case 'break':
      return el('br', null);
    case 'bold':
      return el('strong', null, ...inner());
    case 'italic':
      return el('em', null, ...inner());
    case 'strike':
      return el('s', null, ...inner());
    case 'quote':
      return el('blockquote', null, ...inner());
    case 'code':
      return el('code', null, piece.text);
    case 'pre':
      return el('pre', null, piece.text);
    case 'link':
      return el('a', { href: piece.url, target: '_blank', rel: 'noopener noreferrer' }, piece.label);
    case 'user':
      return mention(`@${reading.names.members[piece.id] ?? (piece.label || piece.id)}`, piece.id === reading.me);
    case 'channel':
      return mention(`#${reading.names.channels[piece.id] ?? (piece.label || piece.id)}`, false);
    case 'group':
      return mention(`@${reading.names.groups[piece.id] ?? (piece.label || piece.id)}`, false);
    case 'broadcast':
      return mention(`@${piece.id}`, true);
    default:
      return drawDate(piece, reading);
  }
}

/** @param {string} text @param {boolean} loud */
function mention(text, loud) {
  return el('span', { class: loud ? 'mention loud' : 'mention' }, text);
}

/** @param {{ unix: number, format: string, fallback: string }} date @param {Reading} reading */
function drawDate(date, reading) {
  const full = formatDate({ unix: date.unix, format: '{date_long} {time_secs}' }, reading.timeZone, new Date());
  const words = formatDate(date, reading.timeZone, new Date());
  return el('time', { title: `${full} (${reading.timeZone}); elsewhere: ${date.fallback}` }, words);
}
