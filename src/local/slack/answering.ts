// Turns what a member types or picks into a field's value; throws in words what the field does not offer.
import { optionsOf } from './composition.ts';
import { isMany, stateWith, type Field } from './fields.ts';
import type { Json, JsonObject, Workspace } from './state.ts';

/** Words, an option's value or text, an id, `2026-11-04`, `09:30`, a Unix time; a list where several can be chosen; null empties. */
export type Given = string | readonly string[] | null;

export function answerOf(workspace: Workspace, user: string, field: Field, given: Given): JsonObject {
  if (given === null || given === '') return stateWith(field, null);
  if (!isMany(field)) {
    if (typeof given !== 'string') throw new Error(`Only one can be chosen in ${field.blockId}.`);
    return stateWith(field, one(workspace, user, field, given));
  }
  const chosen = [...new Set([given].flat() as string[])].map((each) => one(workspace, user, field, each));
  const most = field.element['max_selected_items'];
  if (typeof most === 'number' && chosen.length > most) throw new Error(`At most ${most} can be chosen in ${field.blockId}.`);
  return stateWith(field, chosen);
}

function one(workspace: Workspace, user: string, field: Field, given: string): Json {
  switch (field.type) {
    case 'users_select':
    case 'multi_users_select':
      return offered(field, given, workspace.members.get(given)?.kind !== 'deactivated' && workspace.members.has(given));
    case 'conversations_select':
      return offered(field, given, workspace.channels.get(given)?.members.has(user) === true);
    case 'channels_select':
      return offered(field, given, workspace.channels.get(given)?.kind === 'public');
    case 'datepicker':
      return offered(field, given, /^\d{4}-\d{2}-\d{2}$/.test(given));
    case 'timepicker':
      return offered(field, given, /^\d{2}:\d{2}$/.test(given));
    case 'datetimepicker':
      return Number(offered(field, given, /^\d{10}$/.test(given)));
    case 'plain_text_input':
    case 'number_input':
      return given;
    default:
      return option(field, given);
  }
}

function offered(field: Field, given: string, isOffered: boolean): string {
  if (!isOffered) throw new Error(`${given} cannot be chosen in ${field.blockId}.`);
  return given;
}

/** The whole option, as the app sent it. */
function option(field: Field, given: string): JsonObject {
  const found = field.options.find(({ value }) => value === given) ?? field.options.find(({ text }) => text === given);
  const whole = optionsOf(field.element).find((each) => each['value'] === found?.value);
  if (found === undefined || whole === undefined)
    throw new Error(`${field.blockId} has no option ${given}; options: ${field.options.map(({ value }) => value).join(', ')}.`);
  return whole as JsonObject;
}
