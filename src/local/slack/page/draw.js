// Drawing Block Kit and mrkdwn as DOM; what Local Slack does not know is drawn as a loud box instead of left out.
import { el } from './dom.js';
import { formatDate, parseMrkdwn, plain, withEmoji } from './mrkdwn.js';

/**
 * @typedef {object} Drawing
 * @property {{ members: Record<string, string>, channels: Record<string, string>, groups: Record<string, string> }} names
 * @property {string} me the acting member's id
 * @property {string} timeZone the acting member's zone
 * @property {(block: any, element: any, button: HTMLButtonElement) => void} press called when a button is pressed
 */

/** @param {any[]} blocks @param {Drawing} drawing */
export function drawBlocks(blocks, drawing) {
  return el('div', { class: 'blocks' }, ...blocks.map((block) => drawBlock(block, drawing)));
}

/** @param {string} text @param {Drawing} drawing */
export function drawMrkdwn(text, drawing) {
  return el('div', { class: 'text' }, ...parseMrkdwn(text).map((piece) => drawPiece(piece, drawing)));
}

/** @param {any} block @param {Drawing} drawing @returns {HTMLElement} */
function drawBlock(block, drawing) {
  switch (block.type) {
    case 'header':
      return el('h3', null, drawText(block.text, drawing));
    case 'divider':
      return el('hr', null);
    case 'section':
      return drawSection(block, drawing);
    case 'context':
      return el('div', { class: 'context' }, ...block.elements.map((element) => drawElement(block, element, drawing)));
    case 'actions':
      return el('div', { class: 'row' }, ...block.elements.map((element) => drawElement(block, element, drawing)));
    case 'image':
      return drawImage(block);
    default:
      return unknown('block', block.type);
  }
}

/** @param {any} block @param {Drawing} drawing */
function drawSection(block, drawing) {
  const fields = block.fields?.map((field) => el('div', null, drawText(field, drawing)));
  return el(
    'div',
    { class: 'section' },
    el(
      'div',
      { class: 'words' },
      block.text ? drawText(block.text, drawing) : null,
      fields ? el('div', { class: 'fields' }, ...fields) : null,
    ),
    block.accessory ? el('div', { class: 'accessory' }, drawElement(block, block.accessory, drawing)) : null,
  );
}

/** @param {any} block @param {any} element @param {Drawing} drawing @returns {HTMLElement} */
function drawElement(block, element, drawing) {
  switch (element.type) {
    case 'button': {
      const style = ['primary', 'danger'].includes(element.style) ? ` ${element.style}` : '';
      const label = element.accessibility_label ? { 'aria-label': element.accessibility_label } : {};
      const press = (event) => drawing.press(block, element, event.currentTarget);
      return el('button', { class: `button${style}`, type: 'button', ...label, onclick: press }, withEmoji(element.text.text));
    }
    case 'mrkdwn':
    case 'plain_text':
      return drawText(element, drawing);
    case 'image':
      return drawImage(element);
    default:
      return unknown('element', element.type);
  }
}

/** @param {any} text @param {Drawing} drawing @returns {HTMLElement} */
function drawText(text, drawing) {
  return text.type === 'mrkdwn' ? drawMrkdwn(text.text, drawing) : el('span', { class: 'plain' }, withEmoji(plain(text.text)));
}

/** Images of other servers are not loaded: nothing here leaves this machine. @param {any} image */
function drawImage(image) {
  return el('span', { class: 'image' }, `Image: ${image.alt_text}`);
}

/** @param {string} what @param {string} type */
function unknown(what, type) {
  return el('div', { class: 'unknown', role: 'alert' }, `Local Slack cannot draw this ${what} yet: ${type}`);
}

/** @param {import('./mrkdwn.js').Piece} piece @param {Drawing} drawing @returns {Node} */
function drawPiece(piece, drawing) {
  const inner = () => piece.children.map((child) => drawPiece(child, drawing));
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
      return mention(`@${drawing.names.members[piece.id] ?? (piece.label || piece.id)}`, piece.id === drawing.me);
    case 'channel':
      return mention(`#${drawing.names.channels[piece.id] ?? (piece.label || piece.id)}`, false);
    case 'group':
      return mention(`@${drawing.names.groups[piece.id] ?? (piece.label || piece.id)}`, false);
    case 'broadcast':
      return mention(`@${piece.id}`, true);
    default:
      return drawDate(piece, drawing);
  }
}

/** @param {string} text @param {boolean} loud */
function mention(text, loud) {
  return el('span', { class: loud ? 'mention loud' : 'mention' }, text);
}

/** @param {{ unix: number, format: string, fallback: string }} date @param {Drawing} drawing */
function drawDate(date, drawing) {
  const full = formatDate({ unix: date.unix, format: '{date_long} {time_secs}' }, drawing.timeZone, new Date());
  const words = formatDate(date, drawing.timeZone, new Date());
  return el('time', { title: `${full} (${drawing.timeZone}); elsewhere: ${date.fallback}` }, words);
}
