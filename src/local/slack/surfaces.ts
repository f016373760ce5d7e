// Where something can be pressed or chosen: a message, a Home tab, the modal on top; and finding it there by its ids.
import { memberOf, presence } from './acting.ts';
import { buttonsOf, type Button } from './block-reading.ts';
import { fieldsOf, type Field } from './fields.ts';
import type { Surface } from './interactions.ts';
import { surfaceOf } from './seen.ts';
import { visibleTo, type Block, type Member, type Workspace } from './state.ts';
import { topOf } from './views.ts';

export type Place = { readonly channel: string; readonly ts: string } | 'home' | 'modal';

export interface Target {
  readonly actionId?: string | undefined;
  /** Which block, where two hold the same action_id. */
  readonly blockId?: string | undefined;
}

/** What the member has before them; with `stale`, earlier versions of a message that a screen not redrawn still shows, newest first. */
export function surfacesAt(workspace: Workspace, user: string, place: Place, stale = false): { by: Member; surfaces: Surface[] } {
  const by = memberOf(workspace, user);
  if (place === 'home' || place === 'modal') {
    const view = place === 'home' ? workspace.homes.get(user) : topOf(workspace, user);
    return { by, surfaces: view === undefined ? [] : [{ view }] };
  }
  const { channel } = presence(workspace, user, place.channel);
  const now = channel.messages.find((each) => each.ts === place.ts && visibleTo(each, user));
  const versions = stale ? (now?.earlier.toReversed() ?? []) : now === undefined ? [] : [now];
  return { by, surfaces: versions.map((message) => ({ channel, message })) };
}

function blocksOf(surface: Surface): readonly Block[] {
  return 'view' in surface ? surface.view.blocks : surface.message.blocks;
}

/** The name under which is kept what a member fills in there. */
export function nameOf(surface: Surface): string {
  return 'view' in surface ? surface.view.id : surfaceOf(surface.message);
}

/** The first surface that holds the button, or a field that Enter is pressed in. */
export function findPressed(surfaces: readonly Surface[], target: Target, by: Member): { surface: Surface; pressed: Button | Field } {
  const enterable = (field: Field) => field.isInput && field.dispatches;
  for (const surface of surfaces) {
    const there: (Button | Field)[] = [...buttonsOf(blocksOf(surface)), ...fieldsOf(blocksOf(surface)).filter(enterable)];
    const pressed = there.find((each) => matches(each, target));
    if (pressed !== undefined) return { surface, pressed };
  }
  const [now] = surfaces;
  const there = now === undefined ? [] : buttonsOf(blocksOf(now)).map((each) => each.actionId);
  throw new Error(`${by.name} sees no button ${named(target)} there; buttons: ${there.join(', ') || 'none'}.`);
}

/** The one field that is meant. */
export function findField(surfaces: readonly Surface[], target: Target, by: Member): { surface: Surface; field: Field } {
  for (const surface of surfaces) {
    const fields = fieldsOf(blocksOf(surface)).filter((each) => matches(each, target));
    const [field] = fields;
    if (fields.length > 1) throw new Error(`The block ${named(target)} holds several fields: say which action_id.`);
    if (field !== undefined) return { surface, field };
  }
  const [now] = surfaces;
  const there = now === undefined ? [] : fieldsOf(blocksOf(now)).map((each) => each.blockId);
  throw new Error(`${by.name} sees no field ${named(target)} there; fields: ${there.join(', ') || 'none'}.`);
}

function matches(each: { actionId: string; blockId: string }, { actionId, blockId }: Target): boolean {
  return (actionId ?? each.actionId) === each.actionId && (blockId ?? each.blockId) === each.blockId;
}

function named({ actionId, blockId }: Target): string {
  return actionId ?? blockId ?? '';
}
