// Block Kit rules of the elements inside blocks: buttons in full, the other interactive ones by their common limits.
import { checkList, checkObject, checkString, checkText, isObject, list, report, type Check, type Fields } from './shape.ts';

const ANY_TEXT = ['plain_text', 'mrkdwn'];

const ELEMENTS: Readonly<Record<string, Check>> = {
  button: checkButton,
  image: (element, at, out) => checkObject(element, at, { required: ['alt_text'], optional: ['image_url', 'slack_file'] }, out),
  mrkdwn: (element, at, out) => checkText(element, at, { kinds: ['mrkdwn'], max: 3000 }, out),
  plain_text: (element, at, out) => checkText(element, at, { kinds: ['plain_text'], max: 3000 }, out),
  static_select: choice({ min: 1, max: 100 }),
  multi_static_select: choice({ min: 1, max: 100 }),
  checkboxes: choice({ min: 1, max: 10 }),
  radio_buttons: choice({ min: 1, max: 10 }),
  overflow: choice({ min: 1, max: 5 }),
  users_select: choice(),
  multi_users_select: choice(),
  conversations_select: choice(),
  channels_select: choice(),
  datepicker: choice(),
  timepicker: choice(),
  datetimepicker: choice(),
  plain_text_input: choice(),
  number_input: choice(),
};

export const CONTEXT_ELEMENTS: readonly string[] = ['image', 'mrkdwn', 'plain_text'];
const INPUT_ONLY = ['plain_text_input', 'number_input'];
export const INTERACTIVE_ELEMENTS: readonly string[] = Object.keys(ELEMENTS).filter(
  (type) => !CONTEXT_ELEMENTS.includes(type) && !INPUT_ONLY.includes(type),
);
export const INPUT_ELEMENTS: readonly string[] = [
  ...INTERACTIVE_ELEMENTS.filter((type) => type !== 'button' && type !== 'overflow'),
  ...INPUT_ONLY,
];

export function checkElement(element: unknown, at: string, allowed: readonly string[], out: string[]): void {
  if (!isObject(element)) return report(out, 'must be an object', at);
  const type = element['type'];
  const check = typeof type === 'string' && allowed.includes(type) ? ELEMENTS[type] : undefined;
  if (check === undefined) return report(out, `unsupported type: ${String(type)}`, `${at}/type`);
  check(element, at, out);
}

function checkButton(button: Fields, at: string, out: string[]): void {
  const optional = ['action_id', 'url', 'value', 'style', 'confirm', 'accessibility_label'];
  checkObject(button, at, { required: ['text'], optional }, out);
  if ('text' in button) checkText(button['text'], `${at}/text`, { kinds: ['plain_text'], max: 75 }, out);
  if ('action_id' in button) checkString(button['action_id'], `${at}/action_id`, { max: 255 }, out);
  if ('url' in button) checkString(button['url'], `${at}/url`, { max: 3000 }, out);
  if ('value' in button) checkString(button['value'], `${at}/value`, { min: 0, max: 2000 }, out);
  if ('accessibility_label' in button) checkString(button['accessibility_label'], `${at}/accessibility_label`, { max: 75 }, out);
  checkStyle(button, at, out);
  if ('confirm' in button) checkConfirm(button['confirm'], `${at}/confirm`, out);
}

function checkStyle(value: Fields, at: string, out: string[]): void {
  if ('style' in value && value['style'] !== 'primary' && value['style'] !== 'danger') {
    report(out, 'must be one of: primary, danger', `${at}/style`);
  }
}

function checkConfirm(confirm: unknown, at: string, out: string[]): void {
  if (!isObject(confirm)) return report(out, 'must be an object', at);
  checkObject(confirm, at, { required: ['title', 'text', 'confirm', 'deny'], optional: ['style'] }, out);
  if ('title' in confirm) checkText(confirm['title'], `${at}/title`, { kinds: ['plain_text'], max: 100 }, out);
  if ('text' in confirm) checkText(confirm['text'], `${at}/text`, { kinds: ANY_TEXT, max: 300 }, out);
  if ('confirm' in confirm) checkText(confirm['confirm'], `${at}/confirm`, { kinds: ['plain_text'], max: 30 }, out);
  if ('deny' in confirm) checkText(confirm['deny'], `${at}/deny`, { kinds: ['plain_text'], max: 30 }, out);
  checkStyle(confirm, at, out);
}

/** The limits every choosing or typing element shares; with `options`, those of its list. */
function choice(options?: { min: number; max: number }): Check {
  return (element, at, out) => {
    if ('action_id' in element) checkString(element['action_id'], `${at}/action_id`, { max: 255 }, out);
    if ('placeholder' in element) checkText(element['placeholder'], `${at}/placeholder`, { kinds: ['plain_text'], max: 150 }, out);
    if ('confirm' in element) checkConfirm(element['confirm'], `${at}/confirm`, out);
    if (options === undefined || 'option_groups' in element) return;
    if (!('options' in element)) return report(out, 'missing required field: options', at);
    const items = list(element['options'], `${at}/options`, out);
    checkList(items, `${at}/options`, options, out);
    for (const [index, item] of items.entries()) checkOption(item, `${at}/options/${index}`, out);
  };
}

function checkOption(option: unknown, at: string, out: string[]): void {
  if (!isObject(option)) return report(out, 'must be an object', at);
  checkObject(option, at, { required: ['text', 'value'], optional: ['description', 'url'] }, out);
  if ('text' in option) checkText(option['text'], `${at}/text`, { kinds: ANY_TEXT, max: 75 }, out);
  if ('value' in option) checkString(option['value'], `${at}/value`, { max: 75 }, out);
  if ('description' in option) checkText(option['description'], `${at}/description`, { kinds: ANY_TEXT, max: 75 }, out);
}
