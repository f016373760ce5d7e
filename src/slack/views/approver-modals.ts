// The dialogs in which approvers answer with less, deny, ask, allow beforehand and hand over, and the one in which the requester replies.
import type { InputBlock, ModalView } from '@slack/types';
import { sayDuration } from '../../domain/time-words.ts';
import { callbacks } from '../ids.ts';
import { alsoHead, askHead, denyHead, devicesHint, HAND_OVER_HEAD, lessHead, REPLY_HEAD, timeHint } from '../words/approver-modals.ts';
import { section } from './blocks.ts';
import { modal } from './modal.ts';

/** Ids of the blocks that hold a field. */
export const fieldsOf = { devices: 'devices', time: 'time', words: 'words', days: 'days', person: 'person', day: 'day' } as const;

interface Question {
  readonly id: string;
  readonly version: number;
}

interface Asked {
  readonly holder: string;
  readonly pool: string;
  /** 0: there is no number of devices to change. */
  readonly devices: number;
  readonly seconds: number;
}

export function approveLessModal(question: Question, { holder, devices, seconds }: Asked): ModalView {
  return modal({
    callback: callbacks.approveLess,
    title: 'Approve with changes',
    submit: 'Approve this',
    about: about(question),
    blocks: [
      section(lessHead(holder)),
      ...(devices === 0 ? [] : [number(fieldsOf.devices, 'GPUs', { initial: devices, max: devices, hint: devicesHint(devices) })]),
      text(fieldsOf.time, 'For how long', { initial: sayDuration(seconds), hint: timeHint(seconds) }),
      text(fieldsOf.words, 'Why', { multiline: true, optional: true }),
    ],
  });
}

export function denyModal(question: Question, holder: string): ModalView {
  return modal({
    callback: callbacks.deny,
    title: 'Deny the request',
    submit: 'Deny',
    about: about(question),
    blocks: [section(denyHead(holder)), text(fieldsOf.words, 'Why', { multiline: true })],
  });
}

export function askModal(question: Question, holder: string): ModalView {
  return modal({
    callback: callbacks.ask,
    title: 'Ask the requester',
    submit: 'Send',
    about: about(question),
    blocks: [section(askHead(holder)), text(fieldsOf.words, 'Question', { multiline: true })],
  });
}

export function replyModal(question: Question): ModalView {
  return modal({
    callback: callbacks.reply,
    title: 'Answer the question',
    submit: 'Send',
    about: about(question),
    blocks: [section(REPLY_HEAD), text(fieldsOf.words, 'Answer', { multiline: true })],
  });
}

export function alsoModal(question: Question, { holder, pool, devices, seconds }: Asked): ModalView {
  return modal({
    callback: callbacks.also,
    title: 'Approve, also next time',
    submit: 'Approve',
    about: about(question),
    blocks: [
      section(alsoHead(holder, pool, seconds)),
      number(fieldsOf.devices, 'GPUs of one request, at most', { initial: devices, max: 10_000 }),
      number(fieldsOf.days, 'For so many days', { initial: 7, max: 90 }),
    ],
  });
}

export function handOverModal(): ModalView {
  return modal({
    callback: callbacks.handOver,
    title: 'Hand my approvals over',
    submit: 'Hand over',
    blocks: [
      section(HAND_OVER_HEAD),
      { type: 'input', block_id: fieldsOf.person, label: label('To'), element: { type: 'users_select', action_id: fieldsOf.person } },
      { type: 'input', block_id: fieldsOf.day, label: label('Until the end of'), element: { type: 'datepicker', action_id: fieldsOf.day } },
    ],
  });
}

function about({ id, version }: Question): Question {
  return { id, version };
}

function label(words: string) {
  return { type: 'plain_text' as const, text: words };
}

function number(block: string, words: string, { initial, max, hint }: { initial: number; max: number; hint?: string }): InputBlock {
  return {
    type: 'input',
    block_id: block,
    label: label(words),
    ...(hint === undefined ? {} : { hint: label(hint) }),
    element: {
      type: 'number_input',
      is_decimal_allowed: false,
      action_id: block,
      initial_value: String(initial),
      min_value: '1',
      max_value: String(max),
    },
  };
}

interface TextSpec {
  readonly initial?: string;
  readonly hint?: string;
  readonly multiline?: boolean;
  readonly optional?: boolean;
}

function text(block: string, words: string, { initial, hint, multiline = false, optional = false }: TextSpec): InputBlock {
  return {
    type: 'input',
    block_id: block,
    label: label(words),
    optional,
    ...(hint === undefined ? {} : { hint: label(hint) }),
    element: {
      type: 'plain_text_input',
      action_id: block,
      multiline,
      max_length: 1000,
      ...(initial === undefined ? {} : { initial_value: initial }),
    },
  };
}
