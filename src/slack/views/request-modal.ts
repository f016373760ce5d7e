// The window that asks for GPUs, drawn from what was filled in and what would come of it. Pure.
import type { InputBlock, KnownBlock, ModalView, PlainTextElement, PlainTextOption } from '@slack/types';
import { choiceValue, lengthChoices, readChoice } from '../../domain/grammar/length.ts';
import { CPU_POOL } from '../../domain/policy.ts';
import type { Refusal } from '../../domain/refusal.ts';
import type { RequestPreview } from '../../domain/request-preview.ts';
import { callbacks, requestFields as ids, type RequestField } from '../ids.ts';
import { foreseenRefusal, formWords, lengthOption, poolOption, previewWords, splitOption, submitLabel } from '../words/request-modal.ts';
import { section } from './blocks.ts';
import { modal, problemBlock } from './modal.ts';

/** What stands in the fields, as sent: it may be anything. Null: the field is empty, or not shown. */
export interface RequestForm {
  readonly pool: string | null;
  readonly devices: string | null;
  readonly length: string | null;
  readonly time: string | null;
  readonly image: string | null;
  readonly split: boolean;
}

/** A sentence, and the field that it is about. */
export interface FieldProblem {
  readonly field: RequestField;
  readonly words: string;
}

/** What the window says of itself: how many start at once where it is sent as two requests. */
export interface RequestAbout {
  readonly part: number | null;
}

export const PURPOSE_MAX = 200;
/** Slack's limits. */
const OPTIONS_MAX = 100;
const OPTION_MAX = 75;

export function loadingModal(words: string = formWords.loading): ModalView {
  return modal({ callback: callbacks.request, title: formWords.title, blocks: [section(words)] });
}

/** Before anything is chosen. */
export function usualForm({ usual, images }: RequestPreview): RequestForm {
  const length = choiceValue({ kind: 'for', seconds: usual.seconds });
  return { pool: usual.pool, devices: '1', length, time: null, image: images[0] ?? null, split: false };
}

/** `problems`: what is not understood; a refusal is shown beside its field as well. */
export function requestModal(preview: RequestPreview, form: RequestForm, zone: string, problems: readonly FieldProblem[] = []): ModalView {
  const { foreseen } = preview;
  const part = foreseen?.kind === 'granted' ? foreseen.part : null;
  const devices = foreseen?.kind === 'granted' ? foreseen.devices : 0;
  const split = form.split && part !== null;
  const fields: KnownBlock[] = [
    select(
      ids.pool,
      formWords.pool,
      preview.pools.map((pool) => option(pool.name, poolOption(pool))),
      form.pool,
    ),
    ...(form.pool === CPU_POOL ? [] : [select(ids.devices, formWords.devices, counts(preview.devicesMax), form.devices ?? '1')]),
    select(ids.length, formWords.length, lengths(preview, form, zone), form.length),
    typed(ids.time, formWords.time, { hint: formWords.timeHint, max: 100, tells: true }),
    select(
      ids.image,
      formWords.image,
      preview.images.map((name) => option(name, name)),
      form.image,
    ),
    ...(part === null ? [] : [tick(ids.split, formWords.split, option('split', splitOption(part, devices - part)), split)]),
    typed(ids.purpose, formWords.purpose, { hint: formWords.purposeHint, max: PURPOSE_MAX, tells: false }),
  ];
  const refused =
    foreseen?.kind === 'refused' ? [{ field: refusedField(foreseen.refusal, form), words: foreseenRefusal(foreseen.refusal, zone) }] : [];
  const about: RequestAbout = { part };
  return modal({
    callback: callbacks.request,
    title: formWords.title,
    submit: submitLabel(preview, split),
    about,
    blocks: [...marked(fields, [...problems, ...refused]), { type: 'divider' }, section(previewWords(preview, zone, split))],
  });
}

/** The field beside which a refusal is said; null: it is about none of them. */
export function refusedField(refusal: Refusal, form: RequestForm): RequestField | null {
  switch (refusal.code) {
    case 'unknown_pool':
    case 'no_pool_fits':
    case 'no_approver':
    case 'over_cpu_limit':
      return ids.pool;
    case 'never_fits':
    case 'over_request_cap':
    case 'over_member_limit':
    case 'over_team_limit':
      return form.pool === CPU_POOL ? ids.pool : ids.devices;
    case 'duration_too_long':
    case 'over_budget':
    case 'until_past':
      return form.time === null ? ids.length : ids.time;
    case 'unknown_image':
    case 'image_for_batch':
    case 'driver_too_old':
      return ids.image;
    default:
      return null;
  }
}

/** The first problem below its field, or on top; the others are seen once it is put right. */
function marked(
  fields: readonly KnownBlock[],
  problems: readonly { readonly field: RequestField | null; readonly words: string }[],
): KnownBlock[] {
  const [first] = problems;
  if (first === undefined) return [...fields];
  const place = fields.findIndex((block) => block.block_id === first.field) + 1;
  return [...fields.slice(0, place), problemBlock(first.words), ...fields.slice(place)];
}

function counts(max: number): PlainTextOption[] {
  return Array.from({ length: Math.min(max, OPTIONS_MAX) }, (_, index) => option(String(index + 1), String(index + 1)));
}

/** With the one that is chosen, though it may not be offered any more. */
function lengths({ at, usual }: RequestPreview, form: RequestForm, zone: string): PlainTextOption[] {
  const offered = lengthChoices(at, zone, usual.seconds);
  const chosen = form.length === null ? null : readChoice(form.length);
  const missing = chosen !== null && !offered.some((choice) => choiceValue(choice) === choiceValue(chosen)) ? [chosen] : [];
  return [...offered, ...missing].map((choice) => option(choiceValue(choice), lengthOption(choice, zone)));
}

function option(value: string, words: string): PlainTextOption {
  return { value, text: plain(words.length <= OPTION_MAX ? words : `${words.slice(0, OPTION_MAX - 1)}…`) };
}

function select(id: RequestField, label: string, options: readonly PlainTextOption[], chosen: string | null): InputBlock {
  const shown = options.slice(0, OPTIONS_MAX);
  const initial = shown.find(({ value }) => value === chosen);
  return {
    type: 'input',
    block_id: id,
    dispatch_action: true,
    label: plain(label),
    element: { type: 'static_select', action_id: id, options: shown, ...(initial === undefined ? {} : { initial_option: initial }) },
  };
}

function tick(id: RequestField, label: string, one: PlainTextOption, ticked: boolean): InputBlock {
  return {
    type: 'input',
    block_id: id,
    dispatch_action: true,
    optional: true,
    label: plain(label),
    element: { type: 'checkboxes', action_id: id, options: [one], ...(ticked ? { initial_options: [one] } : {}) },
  };
}

/** `tells`: with Enter, so that no word is drawn over while somebody writes it. */
function typed(id: RequestField, label: string, { hint, max, tells }: { hint: string; max: number; tells: boolean }): InputBlock {
  return {
    type: 'input',
    block_id: id,
    optional: true,
    dispatch_action: tells,
    label: plain(label),
    hint: plain(hint),
    element: {
      type: 'plain_text_input',
      action_id: id,
      max_length: max,
      ...(tells ? { dispatch_action_config: { trigger_actions_on: ['on_enter_pressed'] } } : {}),
    },
  };
}

function plain(text: string): PlainTextElement {
  return { type: 'plain_text', text };
}
