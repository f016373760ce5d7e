// Block Kit rules of the elements that are chosen from or typed into, each with its own properties and limits.
import {
  ANY_TEXT,
  checkBooleans,
  checkConfirm,
  checkDispatchConfig,
  checkInitialOption,
  checkOptionGroups,
  checkOptions,
  type OptionRule,
} from './composition.ts';
import { checkList, checkObject, checkString, checkText, list, report, type Check, type Fields } from './shape.ts';

const TYPED_MAX = 3000;
const PLAIN: OptionRule = { kinds: ['plain_text'], url: false };
const RICH: OptionRule = { kinds: ANY_TEXT, url: false };
const LINKS: OptionRule = { kinds: ['plain_text'], url: true };

export const INPUTS: Readonly<Record<string, Check>> = {
  static_select: select({ own: ['initial_option'], options: { ...PLAIN, max: 100 } }),
  multi_static_select: select({ own: ['initial_options', 'max_selected_items'], options: { ...PLAIN, max: 100 } }),
  users_select: select({ own: ['initial_user'] }),
  multi_users_select: select({ own: ['initial_users', 'max_selected_items'] }),
  conversations_select: select({
    own: ['initial_conversation', 'default_to_current_conversation', 'filter', 'response_url_enabled'],
  }),
  channels_select: select({ own: ['initial_channel', 'response_url_enabled'] }),
  radio_buttons: group(['initial_option', 'focus_on_load'], { ...RICH, max: 10 }),
  checkboxes: group(['initial_options', 'focus_on_load'], { ...RICH, max: 10 }),
  overflow: group([], { ...LINKS, max: 5 }),
  datepicker: picker(['placeholder', 'initial_date'], { initial_date: /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/ }),
  timepicker: picker(['placeholder', 'initial_time', 'timezone'], { initial_time: /^(?:[01]\d|2[0-3]):[0-5]\d$/ }),
  datetimepicker: (element, at, out) => {
    picker(['initial_date_time'], {})(element, at, out);
    const initial = element['initial_date_time'];
    if (initial !== undefined && !/^\d{10}$/.test(String(initial as number)))
      report(out, 'must be a Unix time of 10 digits', `${at}/initial_date_time`);
  },
  plain_text_input: checkPlainText,
  number_input: checkNumber,
};

/** The elements with words and numbers of the member's own: they stand in input blocks only. */
export const TYPED: readonly string[] = ['plain_text_input', 'number_input'];

/** What every element here may have. */
function checkCommon(element: Fields, at: string, own: { required?: string[]; optional: string[] }, out: string[]): void {
  checkObject(element, at, { required: own.required ?? [], optional: ['action_id', ...own.optional] }, out);
  if ('action_id' in element) checkString(element['action_id'], `${at}/action_id`, { max: 255 }, out);
  if ('placeholder' in element) checkText(element['placeholder'], `${at}/placeholder`, { kinds: ['plain_text'], max: 150 }, out);
  if ('confirm' in element) checkConfirm(element['confirm'], `${at}/confirm`, out);
  checkBooleans(element, ['focus_on_load', 'multiline', 'is_decimal_allowed'], at, out);
}

function select(rule: { own: string[]; options?: OptionRule & { max: number } }): Check {
  const lists = rule.options === undefined ? [] : ['options', 'option_groups'];
  return (element, at, out) => {
    checkCommon(element, at, { optional: ['placeholder', 'confirm', 'focus_on_load', ...lists, ...rule.own] }, out);
    const most = element['max_selected_items'];
    if (most !== undefined && !(Number.isInteger(most) && Number(most) >= 1))
      report(out, 'must be an integer, 1 or more', `${at}/max_selected_items`);
    if (rule.options !== undefined) checkChoices(element, at, rule.options, out);
    if ('initial_users' in element) list(element['initial_users'], `${at}/initial_users`, out);
  };
}

function group(own: string[], rule: OptionRule & { max: number }): Check {
  return (element, at, out) => {
    checkCommon(element, at, { optional: ['confirm', 'options', ...own] }, out);
    checkChoices(element, at, rule, out);
  };
}

function checkChoices(element: Fields, at: string, rule: OptionRule & { max: number }, out: string[]): void {
  if ('option_groups' in element) checkOptionGroups(element['option_groups'], `${at}/option_groups`, rule, out);
  else if ('options' in element) checkOptions(element['options'], `${at}/options`, rule, out);
  else report(out, 'missing required field: options', at);
  if ('initial_option' in element) checkInitialOption(element, element['initial_option'], `${at}/initial_option`, out);
  if (!('initial_options' in element)) return;
  const initial = list(element['initial_options'], `${at}/initial_options`, out);
  checkList(initial, `${at}/initial_options`, { min: 1, max: rule.max }, out);
  for (const [index, option] of initial.entries()) checkInitialOption(element, option, `${at}/initial_options/${index}`, out);
}

function picker(own: string[], patterns: Readonly<Record<string, RegExp>>): Check {
  return (element, at, out) => {
    checkCommon(element, at, { optional: ['confirm', 'focus_on_load', ...own] }, out);
    for (const [name, pattern] of Object.entries(patterns)) {
      const initial = element[name];
      if (initial !== undefined && !(typeof initial === 'string' && pattern.test(initial)))
        report(out, `must match ${pattern.source}`, `${at}/${name}`);
    }
  };
}

function checkPlainText(element: Fields, at: string, out: string[]): void {
  const own = ['initial_value', 'multiline', 'min_length', 'max_length', 'placeholder', 'dispatch_action_config', 'focus_on_load'];
  checkCommon(element, at, { optional: own }, out);
  if ('initial_value' in element) checkString(element['initial_value'], `${at}/initial_value`, { min: 0, max: TYPED_MAX }, out);
  if ('dispatch_action_config' in element) checkDispatchConfig(element['dispatch_action_config'], `${at}/dispatch_action_config`, out);
  const { min_length: least, max_length: most } = element;
  if (least !== undefined) checkLength(least, 0, `${at}/min_length`, out);
  if (most !== undefined) checkLength(most, 1, `${at}/max_length`, out);
  if (Number(least ?? 0) > Number(most ?? TYPED_MAX)) report(out, 'must be less than or equal to max_length', `${at}/min_length`);
}

function checkLength(length: unknown, least: number, at: string, out: string[]): void {
  if (!Number.isInteger(length)) return report(out, 'must be an integer', at);
  if (Number(length) < least || Number(length) > TYPED_MAX) report(out, `must be between ${least} and ${TYPED_MAX}`, at);
}

function checkNumber(element: Fields, at: string, out: string[]): void {
  const optional = ['initial_value', 'min_value', 'max_value', 'placeholder', 'dispatch_action_config', 'focus_on_load'];
  checkCommon(element, at, { required: ['is_decimal_allowed'], optional }, out);
  if ('dispatch_action_config' in element) checkDispatchConfig(element['dispatch_action_config'], `${at}/dispatch_action_config`, out);
  const isNumber = element['is_decimal_allowed'] === true ? /^-?\d+(?:\.\d+)?$/ : /^-?\d+$/;
  for (const name of ['initial_value', 'min_value', 'max_value']) {
    const value = element[name];
    if (value !== undefined && !(typeof value === 'string' && isNumber.test(value)))
      report(out, 'must be a number as text', `${at}/${name}`);
  }
  if (Number(element['min_value'] ?? -Infinity) > Number(element['max_value'] ?? Infinity))
    report(out, 'must be less than or equal to max_value', `${at}/min_value`);
}
