// The page of Local Slack: who you are, where you are, what you see, what you type. Each tab acts as its own member.
import { byId, el } from './dom.js';
import { drawBlocks, drawMrkdwn } from './draw.js';
import { drawMessages } from './messages.js';

const HOME = 'home';
/** @type {any} the newest view of the acting member, as the server told it */
let view;
let place = '';
/** Half-typed words by member and place. @type {Map<string, string>} */
const drafts = new Map();
let homeDrawn = '';

const me = () => sessionStorage.getItem('me') ?? '';
const placeKey = () => `${view?.me?.id}/${place}`;
const words = /** @type {HTMLTextAreaElement} */ (byId('words'));
const list = byId('messages');

/** @param {string} path @param {object} [body] */
async function ask(path, body) {
  const init = body === undefined ? {} : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(`/page/${path}`, init);
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

/** @param {string} text */
function toast(text) {
  const note = el('p', { class: 'toast' }, text);
  byId('toasts').append(note);
  setTimeout(() => note.remove(), 8000);
}

/** Does something as the acting member; failures are said, not thrown. @param {string} verb @param {object} body */
async function act(verb, body) {
  try {
    const { outcome } = await ask(verb, { as: view.me.id, ...body });
    if (verb !== 'command' && outcome !== null && outcome !== 'acked') toast(`Berth did not take it: ${outcome}`);
    return true;
  } catch (error) {
    toast(error.message);
    return false;
  }
}

let stale = false;
/** @type {Promise<void> | undefined} */
let round;
/** Fetches the view and draws it; changes that come meanwhile make one more round. Resolves when all is drawn. */
function refresh() {
  stale = true;
  round ??= catchUp().finally(() => {
    round = undefined;
  });
  return round;
}

async function catchUp() {
  while (stale) {
    stale = false;
    try {
      view = await ask(`view?as=${encodeURIComponent(me())}`);
      draw();
    } catch (error) {
      toast(error.message);
    }
  }
}

function draw() {
  if (view.me === null) return list.replaceChildren(el('p', { class: 'empty' }, 'There are no members here yet.'));
  const known = place === HOME || view.channels.some((channel) => channel.id === place);
  if (!known) place = view.channels.find((channel) => channel.kind === 'dm')?.id ?? view.channels[0]?.id ?? HOME;
  drawPeople();
  markRead();
  drawPlaces();
  drawPlace();
  byId('status').textContent = view.connected ? '' : 'Berth is not connected';
}

function drawPeople() {
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

const readTs = () => JSON.parse(sessionStorage.getItem(`read ${view.me.id}`) ?? '{}');

function markRead() {
  const newest = view.channels.find((channel) => channel.id === place)?.messages.at(-1)?.ts;
  if (newest === undefined || document.hidden) return;
  sessionStorage.setItem(`read ${view.me.id}`, JSON.stringify({ ...readTs(), [place]: newest }));
}

function drawPlaces() {
  const read = readTs();
  const unread = (channel) => channel.messages.filter((each) => each.author !== view.me.id && each.ts > (read[channel.id] ?? '')).length;
  const entry = (id, label, count) => {
    const state = { class: count > 0 ? 'place unread' : 'place', 'aria-current': id === place ? 'page' : 'false' };
    const badge = count > 0 ? el('span', { class: 'badge', 'aria-label': `${count} unread` }, String(count)) : null;
    return el('button', { type: 'button', ...state, onclick: () => go(id) }, el('span', null, label), badge);
  };
  const channels = view.channels.filter((channel) => channel.kind !== 'dm');
  const dms = view.channels.filter((channel) => channel.kind === 'dm');
  const mark = (channel) => (channel.kind === 'private' ? '🔒 ' : '# ');
  byId('places').replaceChildren(
    el('h2', null, 'Channels'),
    ...channels.map((channel) => entry(channel.id, mark(channel) + channel.name, unread(channel))),
    el('h2', null, 'Berth'),
    ...dms.map((channel) => entry(channel.id, 'Messages', unread(channel))),
    entry(HOME, 'Home', 0),
  );
  const total = view.channels.reduce((sum, channel) => sum + unread(channel), 0);
  document.title = `${total > 0 ? `(${total}) ` : ''}Local Slack — not Slack`;
}

function drawPlace() {
  const channel = view.channels.find((each) => each.id === place);
  const names = (channel?.members ?? []).map((id) => view.names.members[id] ?? id).join(', ');
  byId('title').textContent = channel === undefined ? 'Home' : channel.kind === 'dm' ? 'Berth' : `#${channel.name}`;
  byId('about').textContent =
    channel === undefined ? 'what Berth shows you alone' : channel.kind === 'dm' ? 'your direct messages with the app' : names;
  byId('composer').hidden = channel === undefined;
  words.placeholder = `Message, or ${view.commands[0]} help`;
  const drawing = { names: view.names, me: view.me.id, timeZone: view.me.tz, bot: view.botUserId };
  if (channel !== undefined) {
    homeDrawn = '';
    const press = (message, block, element, button) => void click({ channel: channel.id, ts: message.ts }, block, element, button);
    return drawMessages(list, channel.messages, { ...drawing, press }, `Nothing here yet. Try ${view.commands[0]} help below.`);
  }
  const drawn = JSON.stringify([view.home, view.me.id, view.names]);
  if (drawn === homeDrawn) return;
  homeDrawn = drawn;
  const press = (block, element, button) => void click({ home: true }, block, element, button);
  const empty = el('p', { class: 'empty' }, 'Berth has not published a Home tab for you yet.');
  list.replaceChildren(view.home === null ? empty : el('div', { class: 'home' }, drawBlocks(view.home, { ...drawing, press })));
}

/** @param {object} where @param {any} block @param {any} element @param {HTMLButtonElement} button */
async function click(where, block, element, button) {
  const as = view.me.id;
  if (element.confirm !== undefined && !(await confirmed(element.confirm))) return;
  button.disabled = true;
  await act('click', { as, ...where, block_id: block.block_id, action_id: element.action_id });
  button.disabled = false;
}

/** Shows a confirm dialog as Slack does; whether it was agreed to. @param {any} confirm @returns {Promise<boolean>} */
function confirmed(confirm) {
  const dialog = /** @type {HTMLDialogElement} */ (byId('confirm'));
  const drawing = { names: view.names, me: view.me.id, timeZone: view.me.tz, press: () => undefined };
  byId('confirm-title').textContent = confirm.title.text;
  byId('confirm-text').replaceChildren(drawMrkdwn(confirm.text.text, drawing));
  byId('confirm-no').textContent = confirm.deny.text;
  byId('confirm-yes').textContent = confirm.confirm.text;
  byId('confirm-yes').className = `button ${confirm.style === 'danger' ? 'danger' : 'primary'}`;
  dialog.returnValue = 'no';
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true });
  });
}

/** @param {string} id */
function go(id) {
  drafts.set(placeKey(), words.value);
  place = id;
  words.value = drafts.get(placeKey()) ?? '';
  grow();
  list.replaceChildren();
  draw();
  list.scrollTop = id === HOME ? 0 : list.scrollHeight;
  if (id === HOME) void act('home', {});
  else if (matchMedia('(min-width: 700px)').matches) words.focus();
}

/** A permalink's `#CHANNEL/TS`. */
function followHash() {
  const [channel, ts] = location.hash.slice(1).split('/');
  if (!view?.channels.some((each) => each.id === channel)) return;
  go(channel);
  list.querySelector(`[data-ts="${CSS.escape(ts ?? '')}"]`)?.scrollIntoView({ block: 'center' });
}

/** Acts as another member from now on, in this tab. @param {string} id */
async function become(id) {
  drafts.set(placeKey(), words.value);
  sessionStorage.setItem('me', id);
  byId('me').blur();
  await refresh();
  words.value = drafts.get(placeKey()) ?? '';
  grow();
  list.scrollTop = list.scrollHeight;
}

async function send() {
  const typed = words.value.trim();
  if (typed === '') return;
  const [key, channel] = [placeKey(), place];
  words.value = '';
  grow();
  const command = /^(\/\S+)\s*([\s\S]*)$/.exec(typed);
  const sent = command ? act('command', { channel, command: command[1], text: command[2] }) : act('say', { channel, text: typed });
  if (await sent) return;
  if (key === placeKey() && words.value === '') words.value = typed;
  else drafts.set(key, typed);
}

function grow() {
  words.style.height = 'auto';
  words.style.height = `${Math.min(words.scrollHeight + 2, 160)}px`;
}

byId('me').addEventListener('change', () => void become(byId('me').value));
byId('composer').addEventListener('submit', (event) => {
  event.preventDefault();
  void send();
});
words.addEventListener('input', grow);
words.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  void send();
});
addEventListener('hashchange', followHash);
document.addEventListener('visibilitychange', () => view !== undefined && draw());

await refresh();
followHash();
const changes = new EventSource('/page/changes');
changes.addEventListener('message', () => void refresh());
changes.addEventListener('error', () => {
  byId('status').textContent = 'No connection to Local Slack; trying again…';
});
