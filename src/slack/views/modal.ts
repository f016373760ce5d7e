// What modals are made of, and what becomes of one that was submitted: a refusal in it, or the answer in its place. Pure.
import type { KnownBlock, ModalView, PlainTextElement, SectionBlock, View } from '@slack/types';
import { plainText } from '../words/plain.ts';
import { section, type Message } from './blocks.ts';
import { wordsNamed } from './command-name.ts';

/** Slack's limits. */
const TITLE_MAX = 24;
const METADATA_MAX = 3000;
const ERROR_MAX = 500;
/** The block that says why a submission was refused. */
const PROBLEM = 'problem';

/** A modal as Slack sends it back. */
export interface SentView {
  readonly id: string;
  readonly hash: string;
  readonly callback_id: string;
  readonly private_metadata: string;
  readonly title: PlainTextElement;
  readonly submit: PlainTextElement | null;
  readonly close: PlainTextElement | null;
  readonly blocks: View['blocks'];
}

export interface ModalSpec {
  /** Which submission it is, from ids.ts. */
  readonly callback: string;
  /** 24 characters at most, as the other two. */
  readonly title: string;
  /** Words of the button that submits it, an outcome; a modal with fields needs one. */
  readonly submit?: string;
  readonly close?: string;
  /** Ids and versions, to find again what it is about; never words or secrets. */
  readonly about?: unknown;
  readonly blocks: readonly KnownBlock[];
}

export function modal({ callback, title, submit, close = 'Cancel', about = null, blocks }: ModalSpec): ModalView {
  const metadata = JSON.stringify(about);
  if (metadata.length > METADATA_MAX) throw new Error(`the modal ${callback} would carry ${metadata.length} characters about itself`);
  return {
    type: 'modal',
    callback_id: callback,
    title: label(title),
    ...(submit === undefined ? {} : { submit: label(submit) }),
    close: label(close),
    private_metadata: metadata,
    blocks: [...blocks],
  };
}

/** The same modal, everything in it kept, with a problem below the block that it is about, or on top. */
export function withProblem(view: SentView, words: string, besides: string | null): ModalView {
  const blocks = view.blocks.filter((block) => block.block_id !== PROBLEM);
  const place = besides === null ? 0 : blocks.findIndex((block) => block.block_id === besides) + 1;
  return {
    type: 'modal',
    callback_id: view.callback_id,
    private_metadata: view.private_metadata,
    title: view.title,
    ...(view.submit === null ? {} : { submit: view.submit }),
    ...(view.close === null ? {} : { close: view.close }),
    blocks: [...blocks.slice(0, place), problemBlock(words), ...blocks.slice(place)],
  };
}

/** Says what keeps the modal from being what was asked for; there is one at a time. */
export function problemBlock(words: string): SectionBlock {
  return { ...section(`*Not yet:* ${words}`), block_id: PROBLEM };
}

/** In place of the modal, what came of it. Its buttons stay away: a modal is no card, and nobody finds it again. */
export function answerModal(view: SentView, { blocks }: Message): ModalView {
  return {
    type: 'modal',
    title: view.title,
    close: label('Close'),
    blocks: blocks.filter(({ type }) => type !== 'actions'),
  };
}

/** Messages beside fields, as Slack shows them: without any formatting. */
export function errorWords(errors: Readonly<Record<string, string>>, command: string): Record<string, string> {
  const shown = (words: string) => plainText(wordsNamed(words, command)).slice(0, ERROR_MAX);
  return Object.fromEntries(Object.entries(errors).map(([block, words]) => [block, shown(words)]));
}

/** The first block that a message can stand beside, or null. */
export function firstInput(view: SentView): string | null {
  return view.blocks.find(({ type }) => type === 'input')?.block_id ?? null;
}

function label(text: string): PlainTextElement {
  if (text.length > TITLE_MAX) throw new Error(`too long for a modal: ${text}`);
  return { type: 'plain_text', text };
}
