// The modal on top as a <dialog>: words and fields, messages beside fields, the stack's buttons; focus stays where it was.
import { byId, el, keepingFocus } from './dom.js';
import { drawBlocks } from './draw.js';

const dialog = /** @type {HTMLDialogElement} */ (byId('modal'));
const submit = /** @type {HTMLButtonElement} */ (byId('modal-submit'));
let drawn = '';
/** @type {any} the modal on the screen */
let shown = null;

/**
 * Shows the modal, or closes what is shown when there is none.
 * @param {any} modal as the server told it @param {import('./draw.js').Drawing} drawing
 */
export function drawModal(modal, drawing) {
  const key = JSON.stringify([modal && { ...modal, values: null }, drawing.me, drawing.names]);
  if (key === drawn) return;
  drawn = key;
  const isNew = modal !== null && modal.id !== shown?.id;
  shown = modal;
  if (modal === null) return dialog.close();
  const blocks = byId('modal-blocks');
  keepingFocus(blocks, () => blocks.replaceChildren(drawBlocks(modal.blocks, { ...drawing, errors: modal.errors })));
  byId('modal-title').textContent = modal.title;
  byId('modal-depth').textContent = modal.depth > 1 ? `${modal.depth} of 3` : '';
  byId('modal-trouble').replaceChildren(...(modal.trouble === null ? [] : [el('p', { class: 'error' }, modal.trouble)]));
  byId('modal-close').textContent = modal.close;
  submit.textContent = modal.submit ?? '';
  submit.hidden = modal.submit === null;
  if (!dialog.open) dialog.showModal();
  if (isNew) (firstFocus(blocks, modal) ?? byId('modal-close')).focus();
  else if (Object.keys(modal.errors).length > 0) firstField(blocks.querySelector('[aria-invalid]'))?.focus();
}

/** Where somebody would begin: what the app says, else the first field. */
function firstFocus(blocks, modal) {
  const wanted = modal.blocks.find((block) => block.element?.focus_on_load === true);
  const named =
    wanted === undefined ? null : blocks.querySelector(`[data-key^="${CSS.escape(JSON.stringify([wanted.block_id]).slice(0, -1))}"]`);
  return named ?? blocks.querySelector('input, textarea, select');
}

/** A fieldset itself takes no focus. @param {HTMLElement | null} node */
function firstField(node) {
  return node?.tagName === 'FIELDSET' ? node.querySelector('input') : node;
}

/**
 * Wires the dialog's buttons once.
 * @param {{ submit: (modal: any) => Promise<unknown>, close: (modal: any, all: boolean) => Promise<unknown> }} doings
 */
export function wireModal(doings) {
  byId('modal-form').addEventListener('submit', (event) => {
    event.preventDefault();
    if (shown === null || shown.submit === null || submit.disabled) return;
    submit.disabled = true;
    void doings.submit(shown).finally(() => {
      submit.disabled = false;
    });
  });
  byId('modal-close').addEventListener('click', () => void doings.close(shown, false));
  byId('modal-all').addEventListener('click', () => void doings.close(shown, true));
  dialog.addEventListener('cancel', (event) => {
    event.preventDefault();
    void doings.close(shown, false);
  });
}
