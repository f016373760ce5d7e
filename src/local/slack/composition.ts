// Block Kit rules of the objects that elements share: options, confirm dialogs, styles, dispatch settings, true and false.
import { checkList, checkObject, checkString, checkText, isObject, list, report, type Fields } from './shape.ts';
import type { Json } from './state.ts';

export const ANY_TEXT: readonly string[] = ['plain_text', 'mrkdwn'];

export function checkStyle(value: Fields, at: string, out: string[]): void {
  if ('style' in value && value['style'] !== 'primary' && value['style'] !== 'danger') {
    report(out, 'must be one of: primary, danger', `${at}/style`);
  }
}

export function checkConfirm(confirm: unknown, at: string, out: string[]): void {
  if (!isObject(confirm)) return report(out, 'must be an object', at);
  checkObject(confirm, at, { required: ['title', 'text', 'confirm', 'deny'], optional: ['style'] }, out);
  if ('title' in confirm) checkText(confirm['title'], `${at}/title`, { kinds: ['plain_text'], max: 100 }, out);
  if ('text' in confirm) checkText(confirm['text'], `${at}/text`, { kinds: ANY_TEXT, max: 300 }, out);
  if ('confirm' in confirm) checkText(confirm['confirm'], `${at}/confirm`, { kinds: ['plain_text'], max: 30 }, out);
  if ('deny' in confirm) checkText(confirm['deny'], `${at}/deny`, { kinds: ['plain_text'], max: 30 }, out);
  checkStyle(confirm, at, out);
}

export function checkBooleans(value: Fields, names: readonly string[], at: string, out: string[]): void {
  for (const name of names) if (name in value && typeof value[name] !== 'boolean') report(out, 'must be a boolean', `${at}/${name}`);
}

export function checkDispatchConfig(config: unknown, at: string, out: string[]): void {
  if (!isObject(config)) return report(out, 'must be an object', at);
  checkObject(config, at, { required: ['trigger_actions_on'], optional: [] }, out);
  const triggers = 'trigger_actions_on' in config ? list(config['trigger_actions_on'], `${at}/trigger_actions_on`, out) : [];
  for (const [index, trigger] of triggers.entries()) {
    if (trigger === 'on_enter_pressed' || trigger === 'on_character_entered') continue;
    report(out, 'must be one of: on_enter_pressed, on_character_entered', `${at}/trigger_actions_on/${index}`);
  }
}

export interface OptionRule {
  readonly kinds: readonly string[];
  /** Overflow options may be links. */
  readonly url: boolean;
}

export function checkOptions(given: unknown, at: string, rule: OptionRule & { max: number }, out: string[]): void {
  const items = list(given, at, out);
  checkList(items, at, { min: 1, max: rule.max }, out);
  for (const [index, item] of items.entries()) checkOption(item, `${at}/${index}`, rule, out);
}

function checkOption(option: unknown, at: string, rule: OptionRule, out: string[]): void {
  if (!isObject(option)) return report(out, 'must be an object', at);
  checkObject(option, at, { required: ['text', 'value'], optional: ['description', ...(rule.url ? ['url'] : [])] }, out);
  if ('text' in option) checkText(option['text'], `${at}/text`, { kinds: rule.kinds, max: 75 }, out);
  if ('value' in option) checkString(option['value'], `${at}/value`, { max: 75 }, out);
  if ('description' in option) checkText(option['description'], `${at}/description`, { kinds: rule.kinds, max: 75 }, out);
  if ('url' in option) checkString(option['url'], `${at}/url`, { max: 3000 }, out);
}

/** Groups of options with a label each, 1 to 100 of them. */
export function checkOptionGroups(given: unknown, at: string, rule: OptionRule & { max: number }, out: string[]): void {
  const groups = list(given, at, out);
  checkList(groups, at, { min: 1, max: 100 }, out);
  for (const [index, group] of groups.entries()) {
    const here = `${at}/${index}`;
    if (!isObject(group)) {
      report(out, 'must be an object', here);
      continue;
    }
    checkObject(group, here, { required: ['label', 'options'], optional: [] }, out);
    if ('label' in group) checkText(group['label'], `${here}/label`, { kinds: ['plain_text'], max: 75 }, out);
    if ('options' in group) checkOptions(group['options'], `${here}/options`, rule, out);
  }
}

/** The options of an element in reading order, those of its groups too. */
export function optionsOf(element: Fields): readonly Fields[] {
  const groups = Array.isArray(element['option_groups']) ? (element['option_groups'] as unknown[]) : [];
  const lists = [element['options'], ...groups.map((group) => (isObject(group) ? group['options'] : []))];
  return lists.flatMap((options) => (Array.isArray(options) ? (options as unknown[]) : [])).filter((option) => isObject(option));
}

/** What is preselected has to be one of the options, as it is written there. */
export function checkInitialOption(element: Fields, initial: unknown, at: string, out: string[]): void {
  const same = (option: Fields) => JSON.stringify(option as Json) === JSON.stringify(initial);
  if (!optionsOf(element).some(same)) report(out, 'must be one of the options, exactly as written there', at);
}
