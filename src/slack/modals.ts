// Modals: opening one for whoever just clicked or typed, drawing it anew, and hearing what is chosen inside.
import { WebAPIPlatformError } from '@slack/web-api';
import type { BlockElementAction, ViewOutput } from '@slack/bolt';
import type { ModalView } from '@slack/types';
import { refuse } from '../domain/refusal.ts';
import { separateTurn, type GuardedTurn, type Turn } from './guard.ts';
import type { Hear, Hearing, ViewClick } from './hearing.ts';
import { post } from './messenger.ts';
import { plain } from './views/answer.ts';
import { commandNamed } from './views/command-name.ts';
import { withProblem } from './views/modal.ts';
import { NOT_OPENED } from './words/help.ts';

/** Which modal, as it was last known. */
export type OpenModal = Pick<ViewOutput, 'id' | 'hash'>;

/**
 * Acknowledges and opens a modal. The trigger of a click or command lives for three seconds and once: call this first, with what is known
 * without looking anything up, and `updateModal` when the rest has been read. Null when Slack did not open it; the member has been told then.
 */
export async function openModal(hearing: Hearing, turn: GuardedTurn, triggerId: string, view: ModalView): Promise<OpenModal | null> {
  await turn.ack();
  const { app, clients, command } = hearing;
  try {
    const { view: opened } = await clients.lookup.views.open({ trigger_id: triggerId, view: commandNamed(view, command) });
    if (opened?.id === undefined || opened.hash === undefined) throw new Error('Slack opened a modal without an id');
    return { id: opened.id, hash: opened.hash };
  } catch (error) {
    app.log.warn({ err: error }, 'Slack did not open a modal');
    await turn.reply(plain(NOT_OPENED));
    return null;
  }
}

/** Draws it anew over the version named, or any; null when that is not on the screen any more: closed, or changed since. */
export async function updateModal(
  { clients, command }: Hearing,
  { id, hash }: Pick<OpenModal, 'id'> & Partial<OpenModal>,
  view: ModalView,
): Promise<OpenModal | null> {
  try {
    const { view: drawn } = await clients.lookup.views.update({
      view_id: id,
      ...(hash === undefined ? {} : { hash }),
      view: commandNamed(view, command),
    });
    return { id, hash: drawn?.hash ?? '' };
  } catch (error) {
    if (error instanceof WebAPIPlatformError && GONE.has(error.data.error)) return null;
    throw error;
  }
}

/**
 * Draws anew the modal in which something was chosen. Two choices in a row cross each other: the second one names the version before the
 * first drawing. The newest choice that this process knows of is drawn over whatever is there, an older one is not drawn.
 */
export async function redrawModal(hearing: Hearing, { view, action }: Chosen, drawing: ModalView): Promise<void> {
  const isNewest = () => hearing.newest.is(view.id, action.action_ts);
  try {
    if (!isNewest() || (await updateModal(hearing, view, drawing)) !== null || !isNewest()) return;
    await updateModal(hearing, { id: view.id }, drawing);
  } catch (error) {
    // Nothing is lost but the news; the next choice is drawn again.
    hearing.app.log.warn({ err: error }, 'Slack did not draw a modal anew');
  }
}

const GONE = new Set(['hash_conflict', 'not_found', 'view_not_found', 'expired_trigger_id']);

/** What was pressed or chosen in a modal. */
export interface Chosen {
  readonly view: ViewOutput;
  readonly action: BlockElementAction;
  readonly triggerId: string;
}

/** A listener for what is pressed or chosen in a modal. A refusal is shown on top of it; acknowledge as soon as you can. */
export function inView(act: (hearing: Hearing, turn: GuardedTurn, chosen: Chosen) => Promise<void>): Hear<ViewClick> {
  return async (hearing, { body, action, ack }) => {
    const { view } = body;
    const reply: Turn['reply'] = async (message) => {
      const shown = view === undefined ? null : await updateModal(hearing, view, withProblem(view, message.text, null)).catch(() => null);
      if (shown === null) await post(hearing.clients.outbox, body.user.id, message);
    };
    await hearing.guard.run(separateTurn(body.user.id, ack, reply), async (guarded) => {
      if (view === undefined) return refuse({ code: 'outdated_card', id: 'it' });
      hearing.newest.note(view.id, action.action_ts);
      await act(hearing, guarded, { view, action, triggerId: body.trigger_id });
    });
  };
}
