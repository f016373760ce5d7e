// A press of a button on a message or on a Home, or a choice in its menu: where it stands, and the allocation and version it was drawn for.
import type { BlockAction, ButtonAction, OverflowAction } from '@slack/bolt';
import type { Place } from '../app/app.ts';
import { refuse } from '../domain/refusal.ts';
import { separateTurn, type GuardedTurn, type Turn } from './guard.ts';
import type { Click, Hear, Hearing } from './hearing.ts';
import { readButtonValue, readMenuValue, type MenuChoice } from './ids.ts';
import { post } from './messenger.ts';
import { replyThrough } from './response-url.ts';

export interface Pressed {
  readonly id: string;
  readonly version: number;
  /** The message; null: the Home of whoever pressed it. */
  readonly place: Place | null;
  readonly actionTs: string;
  /** What opens a modal, within three seconds. */
  readonly triggerId: string;
  /** Null for a button. */
  readonly choice: MenuChoice | null;
}

/** A listener for a button that was drawn for an allocation. Nothing says yet that it stands where one of ours does: see locate-click.ts. */
export function onMessage(act: (hearing: Hearing, turn: GuardedTurn, pressed: Pressed) => Promise<void>): Hear<Click> {
  return onClick(async (hearing, turn, { body, action }) => act(hearing, turn, pressed(body, action)));
}

/** A listener for any button of a message or of a Home. */
export function onClick(act: (hearing: Hearing, turn: GuardedTurn, click: Click) => Promise<void>): Hear<Click> {
  return async (hearing, click) => {
    const { body, ack, respond } = click;
    // A Home has no place for an answer.
    const reply: Turn['reply'] = isOnHome(body)
      ? async (message) => void (await post(hearing.clients.outbox, body.user.id, message))
      : replyThrough(respond, body.response_url, hearing.apiUrl);
    await hearing.guard.run(separateTurn(body.user.id, ack, reply), async (guarded) => act(hearing, guarded, click));
  };
}

function pressed(body: BlockAction<ButtonAction | OverflowAction>, action: ButtonAction | OverflowAction): Pressed {
  const about = aboutIn(action);
  const rest = { actionTs: action.action_ts, triggerId: body.trigger_id };
  if (about !== null && isOnHome(body)) return { ...about, ...rest, place: null };
  const channel = body.channel?.id ?? body.container['channel_id'];
  const ts = body.message?.ts ?? body.container['message_ts'];
  if (about === null || typeof channel !== 'string' || typeof ts !== 'string') return refuse({ code: 'outdated_card', id: 'it' });
  return { ...about, ...rest, place: { channel, ts } };
}

function isOnHome({ container, view }: BlockAction): boolean {
  return container['type'] === 'view' && view?.type === 'home';
}

function aboutIn(action: ButtonAction | OverflowAction): Pick<Pressed, 'id' | 'version' | 'choice'> | null {
  if (action.type === 'overflow') return readMenuValue(action.selected_option.value ?? '');
  const about = readButtonValue(action.value ?? '');
  return about === null ? null : { ...about, choice: null };
}
