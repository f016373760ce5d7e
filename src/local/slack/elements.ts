// Block Kit rules of the elements inside blocks: which ones stand where, and those of buttons, images and texts.
import { checkConfirm, checkStyle } from './composition.ts';
import { INPUTS, TYPED } from './inputs.ts';
import { checkObject, checkString, checkText, isObject, report, type Check, type Fields } from './shape.ts';

const ELEMENTS: Readonly<Record<string, Check>> = {
  button: checkButton,
  image: (element, at, out) => checkObject(element, at, { required: ['alt_text'], optional: ['image_url', 'slack_file'] }, out),
  mrkdwn: (element, at, out) => checkText(element, at, { kinds: ['mrkdwn'], max: 3000 }, out),
  plain_text: (element, at, out) => checkText(element, at, { kinds: ['plain_text'], max: 3000 }, out),
  ...INPUTS,
};

export const CONTEXT_ELEMENTS: readonly string[] = ['image', 'mrkdwn', 'plain_text'];
export const INTERACTIVE_ELEMENTS: readonly string[] = Object.keys(ELEMENTS).filter(
  (type) => !CONTEXT_ELEMENTS.includes(type) && !TYPED.includes(type),
);
export const INPUT_ELEMENTS: readonly string[] = Object.keys(INPUTS).filter((type) => type !== 'overflow');

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
