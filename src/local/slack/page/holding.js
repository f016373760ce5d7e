// What was typed and chosen in this tab: kept over redraws, told to the server in the order it was done, typing after a short pause.
import { keyOf } from './controls.js';

const TYPING_PAUSE_MS = 150;

/** By surface and field. @type {Map<string, import('./controls.js').Given>} */
const held = new Map();
/** Typing not told yet, by surface and field. @type {Map<string, () => Promise<boolean>>} */
const waiting = new Map();
let timer = 0;
/** @type {Promise<any>} */
let last = Promise.resolve();

/** Tells what was typed, then does the job; one after the other. @template T @param {() => Promise<T>} job @returns {Promise<T>} */
export function inOrder(job) {
  clearTimeout(timer);
  const jobs = [...waiting.values(), job];
  waiting.clear();
  for (const each of jobs) last = last.then(each, each);
  return last;
}

/** Forgets what was filled in on a surface that is gone. @param {string} surface */
export function forget(surface) {
  for (const name of held.keys()) if (name.startsWith(surface)) held.delete(name);
}

/**
 * The fields of one surface.
 * @param {object} where what names the place to the server
 * @param {string} surface its name here, with the acting member's
 * @param {any} values what the server says stands in the fields
 * @param {(verb: string, body: object) => Promise<boolean>} act
 * @param {(confirm: any) => Promise<boolean>} confirm
 */
export function holdingAt(where, surface, values, act, confirm) {
  const nameOf = (block, element) => `${surface} ${keyOf(block, element)}`;
  const bodyOf = (block, element) => ({ ...where, block_id: block.block_id, action_id: element.action_id });
  return {
    valueOf(block, element) {
      const name = nameOf(block, element);
      return held.has(name) ? held.get(name) : (values[block.block_id]?.[element.action_id] ?? null);
    },
    type(block, element, given) {
      const name = nameOf(block, element);
      held.set(name, given);
      waiting.set(name, () => act('choose', { ...bodyOf(block, element), given }));
      clearTimeout(timer);
      timer = setTimeout(() => void inOrder(async () => true), TYPING_PAUSE_MS);
    },
    async choose(block, element, given) {
      if (element.confirm !== undefined && !(await confirm(element.confirm))) return false;
      const name = nameOf(block, element);
      const before = held.get(name);
      if (element.type !== 'overflow') held.set(name, given);
      const done = await inOrder(() => act('choose', { ...bodyOf(block, element), given }));
      if (!done && before === undefined) held.delete(name);
      else if (!done) held.set(name, before);
      return done;
    },
    async press(block, element, control) {
      if (element.confirm !== undefined && !(await confirm(element.confirm))) return;
      const isButton = element.type === 'button';
      control.disabled = isButton;
      await inOrder(() => act('click', bodyOf(block, element)));
      control.disabled = false;
    },
  };
}
