// Pressing, choosing and typing on any surface: kept as the field's value, and told to the app where Slack tells it.
import { outcomeOf, statusOf, type Acting, type Outcome } from './acting.ts';
import { answerOf, type Given } from './answering.ts';
import type { Button } from './block-reading.ts';
import { fieldKey, stateOf, type Field } from './fields.ts';
import { actionsPayload, buttonAction, fieldAction, type Surface, type Tamper } from './interactions.ts';
import { isObject } from './shape.ts';
import type { Block, JsonObject, Member } from './state.ts';
import { findField, findPressed, nameOf, surfacesAt, type Place, type Target } from './surfaces.ts';
import { answersOf, keepAnswers } from './views.ts';

interface ClickResult {
  /** `kept`: the field holds it and the app hears of it with the next action or submission. */
  readonly outcome: Outcome | 'cancelled' | 'kept';
  readonly status: number | undefined;
  /** The dialog that was shown before the click counted. */
  readonly confirm: Block | undefined;
}

interface ClickOptions {
  /** False: says no in the confirm dialog (of an element that has one). */
  readonly confirm?: boolean;
  /** Which block, where two hold the same action_id. */
  readonly blockId?: string;
  /** Presses a button of an earlier version of the message: a screen not redrawn yet. */
  readonly stale?: boolean;
  /** What the request claims instead: a forged click. */
  readonly tamper?: Tamper;
}

interface ChooseOptions extends Omit<ClickOptions, 'blockId'> {
  /** Where the field is; the modal on top when left out. */
  readonly place?: Place;
  /** Which field, where the block holds several. */
  readonly actionId?: string;
}

export interface Clicks {
  /** Presses a button, or Enter in an input that tells the app of it. */
  click(user: string, place: Place, actionId: string, options?: ClickOptions): Promise<ClickResult>;
  /** Presses in the modal on top. */
  pressInView(user: string, actionId: string, options?: ClickOptions): Promise<ClickResult>;
  /** Picks from a select, menu, picker, radio buttons or checkboxes: option values or texts, ids, dates; null empties. */
  choose(user: string, blockId: string, given: Given, options?: ChooseOptions): Promise<ClickResult>;
  /** Replaces the words or the number in a field. */
  type(user: string, blockId: string, words: string, options?: ChooseOptions): Promise<ClickResult>;
}

export function createClicks({ workspace, deliveries, fresh }: Acting): Clicks {
  async function tell(by: Member, surface: Surface, action: JsonObject, element: Block, tamper: Tamper): Promise<ClickResult> {
    const origin = 'view' in surface ? undefined : { channel: surface.channel.id, ts: surface.message.ts };
    const newest = { ...fresh(by, origin), actionTs: workspace.nextTs() };
    const at = { surface, answers: answersOf(workspace, by.id, nameOf(surface)) };
    const payload = actionsPayload(workspace, by, at, action, newest, tamper);
    const ack = await deliveries.send({ kind: 'interactive', payload });
    return { outcome: outcomeOf(ack), status: statusOf(ack), confirm: confirmOf(element) };
  }

  async function fill(user: string, given: Given, target: Target, options: ChooseOptions): Promise<ClickResult> {
    const { by, surfaces } = surfacesAt(workspace, user, options.place ?? 'modal', options.stale);
    const { surface, field } = findField(surfaces, target, by);
    const answer = answerOf(workspace, user, field, given);
    const confirm = confirmOf(field.element);
    if (confirm !== undefined && options.confirm === false) return { outcome: 'cancelled', status: undefined, confirm };
    if (field.type !== 'overflow') keep(user, surface, field, answer);
    if (!field.dispatches || !tellsWhileTyping(field)) return { outcome: 'kept', status: undefined, confirm };
    return tell(by, surface, fieldAction(field, answer, options.tamper ?? {}), field.element, options.tamper ?? {});
  }

  function keep(user: string, surface: Surface, field: Field, answer: JsonObject): void {
    const known = answersOf(workspace, user, nameOf(surface));
    keepAnswers(workspace, user, nameOf(surface), new Map([...known, [fieldKey(field), answer]]));
  }

  const clicks: Clicks = {
    async click(user, place, actionId, options = {}) {
      const { by, surfaces } = surfacesAt(workspace, user, place, options.stale);
      const { surface, pressed } = findPressed(surfaces, { actionId, blockId: options.blockId }, by);
      const confirm = confirmOf(pressed.element);
      if (confirm !== undefined && options.confirm === false) return { outcome: 'cancelled', status: undefined, confirm };
      const tamper = options.tamper ?? {};
      const action = isButton(pressed)
        ? buttonAction(pressed, tamper)
        : fieldAction(pressed, stateOf(pressed, answersOf(workspace, user, nameOf(surface))), tamper);
      return tell(by, surface, action, pressed.element, tamper);
    },
    pressInView: (user, actionId, options) => clicks.click(user, 'modal', actionId, options),
    choose: (user, blockId, given, options = {}) => fill(user, given, { blockId, actionId: options.actionId }, options),
    type: (user, blockId, words, options = {}) => fill(user, words, { blockId, actionId: options.actionId }, options),
  };
  return clicks;
}

function isButton(pressed: Button | Field): pressed is Button {
  return pressed.element['type'] === 'button';
}

function confirmOf(element: Block): Block | undefined {
  const { confirm } = element;
  return isObject(confirm) ? confirm : undefined;
}

/** Typed words reach the app with Enter, unless it asked for every character. */
function tellsWhileTyping({ type, element }: Field): boolean {
  if (type !== 'plain_text_input' && type !== 'number_input') return true;
  const config = element['dispatch_action_config'];
  const triggers = isObject(config) ? config['trigger_actions_on'] : undefined;
  return Array.isArray(triggers) && triggers.includes('on_character_entered');
}
