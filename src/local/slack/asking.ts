// What Slack's client asks for before it sends a submission: required fields, lengths, numbers.
import { fieldsOf, valueOf, type Field } from './fields.ts';
import { word } from './shape.ts';
import type { Answers, Block } from './state.ts';

/** The messages beside fields, by block_id; none: the submission goes to the app. */
export function unanswered(blocks: readonly Block[], answers: Answers): Record<string, string> {
  const fields = fieldsOf(blocks).filter((field) => field.isInput);
  return Object.fromEntries(
    fields.flatMap((field) => {
      const complaint = complaintOf(field, valueOf(field, answers));
      return complaint === undefined ? [] : [[field.blockId, complaint]];
    }),
  );
}

function complaintOf(field: Field, value: string | readonly string[] | null): string | undefined {
  if (value === null || value.length === 0) return field.optional ? undefined : 'Please complete this required field.';
  if (typeof value !== 'string') return undefined;
  if (field.type === 'plain_text_input') return lengthComplaint(field, value);
  return field.type === 'number_input' ? numberComplaint(field, value) : undefined;
}

function lengthComplaint({ element }: Field, value: string): string | undefined {
  const [least, most] = [Number(element['min_length'] ?? 0), Number(element['max_length'] ?? 3000)];
  if (value.length < least) return `Please write at least ${least} characters; there are ${value.length}.`;
  if (value.length > most) return `Please write at most ${most} characters; there are ${value.length}.`;
  return undefined;
}

function numberComplaint({ element }: Field, value: string): string | undefined {
  const decimals = element['is_decimal_allowed'] === true;
  if (!(decimals ? /^-?\d+(?:\.\d+)?$/ : /^-?\d+$/).test(value)) return `Please write a ${decimals ? 'number' : 'whole number'}.`;
  const [least, most] = [word(element['min_value']), word(element['max_value'])];
  if (least !== '' && Number(value) < Number(least)) return `Please write ${least} or more.`;
  if (most !== '' && Number(value) > Number(most)) return `Please write ${most} or less.`;
  return undefined;
}
