// The confirm dialog that an element may ask for before it counts.
import { byId } from './dom.js';
import { drawText, plainWords } from './text.js';

/** Shows it as Slack does; whether it was agreed to. @param {any} confirm @param {import('./text.js').Reading} reading @returns {Promise<boolean>} */
export function confirmed(confirm, reading) {
  const dialog = /** @type {HTMLDialogElement} */ (byId('confirm'));
  byId('confirm-title').textContent = plainWords(confirm.title);
  byId('confirm-text').replaceChildren(drawText(confirm.text, reading));
  byId('confirm-no').textContent = plainWords(confirm.deny);
  byId('confirm-yes').textContent = plainWords(confirm.confirm);
  byId('confirm-yes').className = `button ${confirm.style === 'danger' ? 'danger' : 'primary'}`;
  dialog.returnValue = 'no';
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true });
  });
}
