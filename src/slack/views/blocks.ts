// The few block shapes that our messages are made of. Text of ours is mrkdwn; a member's own text is plain text.
import type { ActionsBlock, Button, ContextBlock, KnownBlock, Overflow, SectionBlock } from '@slack/types';
import { actions, buttonValue, type ActionId, type OpenerId } from '../ids.ts';
import { quoted } from '../words/common.ts';

/** What is sent: `text` always stands alone, since screen readers and notifications read nothing else. */
export interface Message {
  readonly text: string;
  readonly blocks: KnownBlock[];
}

const SECTION_MAX = 3000;

export function section(text: string): SectionBlock {
  return { type: 'section', text: { type: 'mrkdwn', text: text.slice(0, SECTION_MAX), verbatim: true } };
}

export function fields(pairs: readonly (readonly [string, string])[]): SectionBlock {
  return {
    type: 'section',
    fields: pairs.slice(0, 10).map(([name, value]) => ({ type: 'mrkdwn', text: `*${name}*\n${value}`, verbatim: true })),
  };
}

/** A member's own reason, never interpreted; nothing when there is none. Escaped, since Slack reads entities in plain text too. */
export function why(purpose: string): SectionBlock[] {
  if (purpose === '') return [];
  return [{ type: 'section', text: { type: 'plain_text', text: `Why: ${quoted(purpose, 500)}`, emoji: false } }];
}

export function note(text: string): ContextBlock {
  return { type: 'context', elements: [{ type: 'mrkdwn', text: text.slice(0, SECTION_MAX), verbatim: true }] };
}

export interface ButtonSpec {
  readonly action: ActionId;
  readonly label: string;
  readonly id: string;
  readonly version: number;
  readonly style?: 'primary' | 'danger';
  /** Asked before anything is destroyed. */
  readonly confirm?: { readonly title: string; readonly text: string; readonly yes: string; readonly no: string };
}

/** What else there is to do, behind three dots. */
export interface MenuSpec {
  readonly action: ActionId;
  readonly options: readonly { readonly value: string; readonly label: string }[];
}

export function buttons(specs: readonly ButtonSpec[], menu: MenuSpec | null = null): ActionsBlock[] {
  if (specs.length === 0) return [];
  return [{ type: 'actions', elements: [...specs.map(button), ...(menu === null ? [] : [overflow(menu)])] }];
}

function overflow({ action, options }: MenuSpec): Overflow {
  return {
    type: 'overflow',
    action_id: action,
    options: options.map(({ value, label }) => ({ text: { type: 'plain_text', text: label }, value })),
  };
}

/** A button that opens a modal. */
export function openerButton(id: OpenerId, label: string): ActionsBlock {
  return { type: 'actions', elements: [{ type: 'button', action_id: id, text: { type: 'plain_text', text: label } }] };
}

function button({ action, label, id, version, style, confirm }: ButtonSpec): Button {
  return {
    type: 'button',
    action_id: action,
    text: { type: 'plain_text', text: label },
    value: buttonValue(id, version),
    ...(style === undefined ? {} : { style }),
    ...(confirm === undefined
      ? {}
      : {
          confirm: {
            title: { type: 'plain_text', text: confirm.title },
            text: { type: 'plain_text', text: confirm.text },
            confirm: { type: 'plain_text', text: confirm.yes },
            deny: { type: 'plain_text', text: confirm.no },
            ...(style === undefined ? {} : { style }),
          },
        }),
  };
}

export function cancelButton(id: string, version: number): ButtonSpec {
  return { action: actions.cancel, label: 'Cancel', id, version };
}

export function releaseButton(id: string, version: number): ButtonSpec {
  const confirm = {
    title: 'Release it now?',
    text: 'The container is stopped and everything running in it ends. Your files in /workspace are kept.',
    yes: 'Release now',
    no: 'Keep it',
  };
  return { action: actions.release, label: 'Release', id, version, style: 'danger', confirm };
}
