// The page of Local Slack: who you are, where you are, what you see, what you type. Each tab acts as its own member.
import { confirmed } from './confirm.js';
import { byId, el, keepingFocus } from './dom.js';
import { drawBlocks } from './draw.js';
import { forget, holdingAt, inOrder } from './holding.js';
import { drawMessages } from './messages.js';
import { drawModal, wireModal } from './modal.js';
import { drawPeople, drawPlaces, HOME, markRead } from './places.js';

/** @type {any} the newest view of the acting member, as the server told it */
let view;
let place = '';
/** Half-typed words by member and place. @type {Map<string, string>} */
const drafts = new Map();
let homeDrawn = '';
let modalSurface = '';

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
  const toasts = byId('toasts');
  toasts.append(note);
  // Shown anew it lies above whatever dialog is open.
  toasts.hidePopover();
  toasts.showPopover();
  setTimeout(() => note.remove(), 8000);
}

/** Does something as the acting member; failures are said, not thrown. @param {string} verb @param {object} body */
async function act(verb, body) {
  try {
    const { outcome, problems = [] } = await ask(verb, { as: view.me.id, ...body });
    if (verb !== 'command' && ['operation_timeout', 'dispatch_failed'].includes(outcome)) toast(`Berth did not take it: ${outcome}`);
    for (const problem of problems) toast(`Slack would not take Berth’s answer: ${problem}`);
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
  drawPeople(view);
  markRead(view, place);
  drawPlaces(view, place, go);
  drawPlace();
  drawTop();
  byId('status').textContent = view.connected ? '' : 'Berth is not connected';
}

/** How blocks of one surface are drawn and acted on. @param {object} where @param {string} surface @param {any} values */
function drawingAt(where, surface, values) {
  const reading = { names: view.names, me: view.me.id, timeZone: view.me.tz };
  const { people, channels } = view;
  const as = view.me.id;
  const does = (verb, body) => act(verb, { as, ...body });
  const asks = (confirm) => confirmed(confirm, reading);
  return { ...reading, people, channels, ...holdingAt(where, `${as} ${surface}`, values, does, asks) };
}

/** The modal on top, whatever place is shown below it. */
function drawTop() {
  const { modal } = view;
  const surface = modal === null ? '' : `${view.me.id} ${modal.id}`;
  if (modal === null && modalSurface !== '') forget(modalSurface);
  modalSurface = surface;
  drawModal(modal, drawingAt({ modal: modal?.id }, modal?.id ?? '', modal?.values ?? {}));
}

function drawPlace() {
  const channel = view.channels.find((each) => each.id === place);
  const names = (channel?.members ?? []).map((id) => view.names.members[id] ?? id).join(', ');
  byId('title').textContent = channel === undefined ? 'Home' : channel.kind === 'dm' ? 'Berth' : `#${channel.name}`;
  byId('about').textContent =
    channel === undefined ? 'what Berth shows you alone' : channel.kind === 'dm' ? 'your direct messages with the app' : names;
  byId('composer').hidden = channel === undefined;
  words.placeholder = `Message, or ${view.commands[0]} help`;
  if (channel !== undefined) {
    homeDrawn = '';
    const of = (message) => drawingAt({ channel: channel.id, ts: message.ts }, `${channel.id} ${message.ts}`, message.values);
    const drawing = { names: view.names, me: view.me.id, timeZone: view.me.tz, bot: view.botUserId, of };
    return drawMessages(list, channel.messages, drawing, `Nothing here yet. Try ${view.commands[0]} help below.`);
  }
  const drawn = JSON.stringify([view.home?.blocks, view.me.id, view.names]);
  if (drawn === homeDrawn) return;
  homeDrawn = drawn;
  const empty = () => el('p', { class: 'empty' }, 'Berth has not published a Home tab for you yet.');
  const home = () => el('div', { class: 'home' }, drawBlocks(view.home.blocks, drawingAt({ home: true }, view.home.id, view.home.values)));
  keepingFocus(list, () => list.replaceChildren(view.home === null ? empty() : home()));
}

/** @param {string} id */
function go(id) {
  drafts.set(placeKey(), words.value);
  place = id;
  words.value = drafts.get(placeKey()) ?? '';
  grow();
  list.replaceChildren();
  homeDrawn = '';
  draw();
  list.scrollTop = id === HOME ? 0 : list.scrollHeight;
  if (id === HOME) void act('home', {});
  else if (matchMedia('(min-width: 700px)').matches) words.focus();
}

/** A permalink's `#CHANNEL/TS`, or `#home`. */
function followHash() {
  const [channel, ts] = location.hash.slice(1).split('/');
  if (channel !== HOME && !view?.channels.some((each) => each.id === channel)) return;
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
wireModal({
  submit: (modal) => inOrder(() => act('submit', { modal: modal.id })),
  close: (modal, all) => inOrder(() => act('close', { modal: modal.id, all })),
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
