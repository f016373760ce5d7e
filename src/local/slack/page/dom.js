// Building DOM nodes without markup strings: text can never become an element here.

/**
 * @param {string} tag
 * @param {Record<string, string | boolean | ((event: Event) => void)> | null} [attributes] `on…` functions become listeners
 * @param {...(Node | string | null | undefined)} children
 * @returns {HTMLElement}
 */
export function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (typeof value === 'function') node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, '');
    else if (value !== false) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/**
 * @template {HTMLElement} T
 * @param {string} id
 * @returns {T}
 */
export function byId(id) {
  const node = document.getElementById(id);
  if (node === null) throw new Error(`no element #${id}`);
  return /** @type {T} */ (node);
}

/** Draws anew inside the node; the control of the same `data-key` has focus and caret again. @param {HTMLElement} node @param {() => void} draw */
export function keepingFocus(node, draw) {
  const active = /** @type {HTMLInputElement | null} */ (document.activeElement);
  const key = node.contains(active) ? active?.dataset.key : undefined;
  const caret = key === undefined ? null : active.selectionStart;
  draw();
  if (key === undefined) return;
  const again = /** @type {HTMLInputElement | null} */ (node.querySelector(`[data-key="${CSS.escape(key)}"]`));
  again?.focus();
  if (typeof caret === 'number') again?.setSelectionRange(caret, caret);
}
