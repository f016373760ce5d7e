// The elements of Block Kit that are chosen from or typed into, as the browser's own controls: all of them work from the keyboard.
import { el } from './dom.js';
import { drawText, plainWords } from './text.js';
import { localOf, unixOf } from './zones.js';

/**
 * @typedef {string | string[] | null} Given
 * @typedef {object} Holding
 * @property {(block: any, element: any) => Given} valueOf what stands in the field
 * @property {(block: any, element: any, given: Given) => Promise<boolean>} choose whether it was taken: a confirm dialog may say no
 * @property {(block: any, element: any, given: string) => void} type
 * @property {(block: any, element: any, control: HTMLElement) => void} press
 * @property {{ id: string, realName: string }[]} people
 * @property {{ id: string, name: string, kind: string }[]} channels
 * @typedef {import('./text.js').Reading & Holding} Drawing
 */

const GROUPS = ['radio_buttons', 'checkboxes', 'multi_static_select', 'multi_users_select'];
const PICKERS = { datepicker: 'date', timepicker: 'time', datetimepicker: 'datetime-local' };

/** The name that a control keeps over redraws. @param {any} block @param {any} element */
export function keyOf(block, element) {
  return JSON.stringify([block.block_id, element.action_id]);
}

/** Whether it is drawn as several boxes to tick. @param {any} element */
export function isGroup(element) {
  return GROUPS.includes(element.type);
}

/** What a screen reader calls a control without a label. @param {any} block @param {any} element */
export function controlName(block, element) {
  return plainWords(element.placeholder ?? block.text) || 'Choose';
}

/** The control, or undefined for a kind that is not known here. @param {any} block @param {any} element @param {Drawing} drawing @param {object} own */
export function drawControl(block, element, drawing, own) {
  if (isGroup(element)) return drawGroup(block, element, drawing, own['aria-label']);
  const attributes = { ...own, 'data-key': keyOf(block, element) };
  if (element.type in PICKERS) return drawPicker(block, element, drawing, attributes);
  if (element.type === 'plain_text_input' || element.type === 'number_input') return drawTyped(block, element, drawing, attributes);
  return choicesOf(element, drawing) === undefined ? undefined : drawSelect(block, element, drawing, attributes);
}

function drawTyped(block, element, drawing, attributes) {
  const multiline = element.multiline === true;
  const numeric = element.type === 'number_input' ? { inputmode: element.is_decimal_allowed ? 'decimal' : 'numeric' } : {};
  const placeholder = plainWords(element.placeholder);
  const control = el(multiline ? 'textarea' : 'input', { ...attributes, ...numeric, placeholder, autocomplete: 'off', rows: '4' });
  control.value = drawing.valueOf(block, element) ?? '';
  control.addEventListener('input', () => drawing.type(block, element, control.value));
  control.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || multiline || event.isComposing || !tellsOnEnter(block, element)) return;
    event.preventDefault();
    drawing.press(block, element, control);
  });
  return control;
}

function tellsOnEnter(block, element) {
  const triggers = element.dispatch_action_config?.trigger_actions_on ?? ['on_enter_pressed'];
  return block.dispatch_action === true && triggers.includes('on_enter_pressed');
}

function drawSelect(block, element, drawing, attributes) {
  const groups = choicesOf(element, drawing);
  const nothing = el('option', { value: '' }, plainWords(element.placeholder) || 'Choose…');
  const lists = groups.map(({ label, choices }) => {
    const options = choices.map(({ value, text }) => el('option', { value }, plainWords(text)));
    return label === undefined ? options : [el('optgroup', { label }, ...options)];
  });
  const control = el('select', attributes, nothing, ...lists.flat());
  return chosen(block, element, drawing, control, drawing.valueOf(block, element) ?? '', (value) => value || null);
}

function drawPicker(block, element, drawing, attributes) {
  const control = el('input', { ...attributes, type: PICKERS[element.type] });
  const isMoment = element.type === 'datetimepicker';
  const zone = drawing.timeZone;
  const held = drawing.valueOf(block, element);
  const shown = isMoment && held !== null ? localOf(Number(held), zone) : (held ?? '');
  const node = chosen(block, element, drawing, control, shown, (value) =>
    isMoment && value ? String(unixOf(value, zone)) : value || null,
  );
  const hint = isMoment ? zone : element.type === 'timepicker' ? element.timezone : undefined;
  return hint === undefined ? node : el('div', { class: 'zoned' }, node, el('span', { class: 'soft' }, hint));
}

/** Tells of each change; what a confirm dialog declines is taken back. */
function chosen(block, element, drawing, control, shown, given) {
  let before = shown;
  control.value = shown;
  const tell = async () => {
    if (await drawing.choose(block, element, given(control.value))) before = control.value;
    else control.value = before;
  };
  control.addEventListener('change', () => void tell());
  return control;
}

function drawGroup(block, element, drawing, label) {
  const several = element.type !== 'radio_buttons';
  const held = [drawing.valueOf(block, element) ?? []].flat();
  const choices = choicesOf(element, drawing).flatMap((group) => group.choices);
  const name = keyOf(block, element);
  const boxes = choices.map(({ value }) => {
    const box = el('input', { type: several ? 'checkbox' : 'radio', name, value, 'data-key': `${name} ${value}` });
    box.checked = held.includes(value);
    return box;
  });
  const rows = choices.map(({ text, description }, index) => {
    const more = description ? el('span', { class: 'soft' }, drawText(description, drawing)) : null;
    return el('label', { class: 'choice' }, boxes[index], el('span', null, drawText(text, drawing), more));
  });
  let before = boxes.map((box) => box.checked);
  const list = el('div', { class: rows.length > 6 ? 'choices many' : 'choices', role: 'group', 'aria-label': label ?? false }, ...rows);
  const tell = async () => {
    const ticked = boxes.filter((box) => box.checked).map((box) => box.value);
    if (await drawing.choose(block, element, several ? ticked : (ticked[0] ?? null))) before = boxes.map((box) => box.checked);
    else for (const [index, box] of boxes.entries()) box.checked = before[index];
  };
  list.addEventListener('change', () => void tell());
  return list;
}

/** A menu behind three dots. @param {any} block @param {any} element @param {Drawing} drawing */
export function drawOverflow(block, element, drawing) {
  const items = element.options.map((option) => {
    const choose = () => {
      menu.open = false;
      menu.querySelector('summary').focus();
      void drawing.choose(block, element, option.value);
    };
    const description = option.description ? el('span', { class: 'soft' }, plainWords(option.description)) : null;
    return el('button', { type: 'button', onclick: choose }, plainWords(option.text), description);
  });
  const summary = el('summary', { class: 'button', 'aria-label': 'More actions', 'data-key': keyOf(block, element) }, '⋯');
  const menu = el('details', { class: 'menu' }, summary, el('div', { class: 'items' }, ...items));
  menu.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !menu.open) return;
    event.preventDefault();
    event.stopPropagation();
    menu.open = false;
    summary.focus();
  });
  menu.addEventListener('focusout', (event) => {
    if (!menu.contains(event.relatedTarget)) menu.open = false;
  });
  return menu;
}

/** What can be chosen, in groups; undefined for an element that is no choice. */
function choicesOf(element, drawing) {
  const named = (text) => ({ type: 'plain_text', text });
  switch (element.type) {
    case 'static_select':
    case 'multi_static_select':
    case 'radio_buttons':
    case 'checkboxes':
      return (element.option_groups ?? [{ options: element.options }]).map(({ label, options }) => ({
        label: label === undefined ? undefined : plainWords(label),
        choices: options,
      }));
    case 'users_select':
    case 'multi_users_select':
      return [{ choices: drawing.people.map(({ id, realName }) => ({ value: id, text: named(realName) })) }];
    case 'conversations_select':
    case 'channels_select': {
      const offered = drawing.channels.filter(({ kind }) => element.type === 'conversations_select' || kind === 'public');
      const nameOf = ({ kind, name }) => (kind === 'dm' ? 'Direct messages with the app' : `#${name}`);
      return [{ choices: offered.map((channel) => ({ value: channel.id, text: named(nameOf(channel)) })) }];
    }
    default:
      return undefined;
  }
}
