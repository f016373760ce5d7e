// The bar and the list at the side: who you are, which places there are, what in them is unread.
import { byId, el, keepingFocus } from './dom.js';

export const HOME = 'home';

/** @param {any} view */
export function drawPeople(view) {
  const select = /** @type {HTMLSelectElement} */ (byId('me'));
  const kinds = { member: '', guest: ', guest', ultra_guest: ', single-channel guest', stranger: ', of another workspace' };
  const options = view.people.map((person) =>
    el('option', { value: person.id, selected: person.id === view.me.id }, `${person.realName}${kinds[person.kind]} — ${person.tz}`),
  );
  const changed =
    select.options.length !== options.length || options.some((each, index) => each.textContent !== select.options[index].textContent);
  if (changed) select.replaceChildren(...options);
  if (document.activeElement !== select) select.value = view.me.id;
}

const readTs = (view) => JSON.parse(sessionStorage.getItem(`read ${view.me.id}`) ?? '{}');

/** Remembers how far this place was read. @param {any} view @param {string} place */
export function markRead(view, place) {
  const newest = view.channels.find((channel) => channel.id === place)?.messages.at(-1)?.ts;
  if (newest === undefined || document.hidden) return;
  sessionStorage.setItem(`read ${view.me.id}`, JSON.stringify({ ...readTs(view), [place]: newest }));
}

/** @param {any} view @param {string} place @param {(id: string) => void} go */
export function drawPlaces(view, place, go) {
  const read = readTs(view);
  const unread = (channel) => channel.messages.filter((each) => each.author !== view.me.id && each.ts > (read[channel.id] ?? '')).length;
  const entry = (id, label, count) => {
    const state = { class: count > 0 ? 'place unread' : 'place', 'aria-current': id === place ? 'page' : 'false' };
    const badge = count > 0 ? el('span', { class: 'badge', 'aria-label': `${count} unread` }, String(count)) : null;
    return el('button', { type: 'button', 'data-key': id, ...state, onclick: () => go(id) }, el('span', null, label), badge);
  };
  const channels = view.channels.filter((channel) => channel.kind !== 'dm');
  const dms = view.channels.filter((channel) => channel.kind === 'dm');
  const mark = (channel) => (channel.kind === 'private' ? '🔒 ' : '# ');
  const places = byId('places');
  const entries = [
    el('h2', null, 'Channels'),
    ...channels.map((channel) => entry(channel.id, mark(channel) + channel.name, unread(channel))),
    el('h2', null, 'Berth'),
    entry(HOME, 'Home', 0),
    ...dms.map((channel) => entry(channel.id, 'Messages', unread(channel))),
  ];
  keepingFocus(places, () => places.replaceChildren(...entries));
  const total = view.channels.reduce((sum, channel) => sum + unread(channel), 0);
  document.title = `${total > 0 ? `(${total}) ` : ''}Local Slack — not Slack`;
}
