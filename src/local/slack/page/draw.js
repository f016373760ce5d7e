// Drawing Block Kit and mrkdwn as DOM; what Local Slack does not know is drawn as a loud box instead of left out.
import { controlName, drawControl, drawOverflow, isGroup, keyOf } from './controls.js';
import { el } from './dom.js';
import { drawText, plainWords } from './text.js';

/**
 * @typedef {import('./text.js').Reading & import('./controls.js').Holding & {
 *   press: (block: any, element: any, button: HTMLElement) => void,
 *   errors?: Record<string, string>,
 * }} Drawing `press` is called when a button is pressed, or Enter in an input that tells the app of it; `errors` stand beside fields, by block_id
 */

/** @param {any[]} blocks @param {Drawing} drawing */
export function drawBlocks(blocks, drawing) {
  return el('div', { class: 'blocks' }, ...blocks.map((block) => drawBlock(block, drawing)));
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
    case 'input':
      return drawInput(block, drawing);
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
      const own = { class: `button${style}`, type: 'button', 'data-key': keyOf(block, element) };
      return el('button', { ...own, ...label, onclick: press }, plainWords(element.text));
    }
    case 'mrkdwn':
    case 'plain_text':
      return drawText(element, drawing);
    case 'image':
      return drawImage(element);
    case 'overflow':
      return drawOverflow(block, element, drawing);
    default:
      return drawControl(block, element, drawing, { 'aria-label': controlName(block, element) }) ?? unknown('element', element.type);
  }
}

let inputs = 0;

/** A field with its label above, hint and error below. @param {any} block @param {Drawing} drawing */
function drawInput(block, drawing) {
  inputs += 1;
  const [id, about] = [`field-${inputs}`, `about-${inputs}`];
  const error = drawing.errors?.[block.block_id];
  const state = { 'aria-describedby': about, 'aria-invalid': error === undefined ? false : 'true' };
  const label = [plainWords(block.label), block.optional ? el('span', { class: 'soft' }, ' (optional)') : null];
  const control = drawControl(block, block.element, drawing, { id, ...state }) ?? unknown('element', block.element.type);
  const below = el(
    'div',
    { id: about, class: 'below' },
    error === undefined ? null : el('p', { class: 'error', role: 'alert' }, error),
    block.hint ? el('p', { class: 'soft' }, plainWords(block.hint)) : null,
  );
  if (isGroup(block.element)) return el('fieldset', { class: 'field', ...state }, el('legend', null, ...label), control, below);
  return el('div', { class: 'field' }, el('label', { for: id }, ...label), control, below);
}

/** Images of other servers are not loaded: nothing here leaves this machine. @param {any} image */
function drawImage(image) {
  return el('span', { class: 'image' }, `Image: ${image.alt_text}`);
}

/** @param {string} what @param {string} type */
function unknown(what, type) {
  return el('div', { class: 'unknown', role: 'alert' }, `Local Slack cannot draw this ${what} yet: ${type}`);
}
