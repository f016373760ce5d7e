// The list of messages of one place: grouped by day and author, threads below their first message, unchanged nodes kept.
import { el } from './dom.js';
import { drawBlocks } from './draw.js';
import { formatDate } from './mrkdwn.js';
import { drawMrkdwn } from './text.js';

/** Nodes drawn before, by what they were drawn from: a redraw keeps focus and selection in messages that did not change. */
let drawn = new Map();

/**
 * Draws messages into the list; stays at the bottom when it was there.
 * @param {HTMLElement} list @param {any[]} messages oldest first
 * @param {import('./text.js').Reading & { bot: string, of: (message: any) => import('./draw.js').Drawing }} drawing `of` is how one message is drawn
 * @param {string} empty what to say where there is nothing
 */
export function drawMessages(list, messages, drawing, empty) {
  const atBottom = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
  const next = new Map();
  const nodes = [];
  let day = '';
  let before;
  for (const message of messages.filter((each) => each.threadTs === null)) {
    const date = dayOf(message, drawing);
    if (date !== day) nodes.push(keep(next, `day ${date}`, () => el('div', { class: 'day' }, el('span', null, date))));
    const follows = date === day && before?.author === message.author && Number(message.ts) - Number(before.ts) < 300 && !message.ephemeral;
    day = date;
    before = message.ephemeral ? undefined : message;
    nodes.push(one(next, message, drawing, follows));
    const replies = messages.filter((each) => each.threadTs === message.ts);
    if (replies.length > 0) {
      const key = JSON.stringify(['thread', replies.map(withoutValues), drawing.me, drawing.timeZone, drawing.names]);
      nodes.push(keep(next, key, () => el('div', { class: 'thread' }, ...replies.map((reply) => drawMessage(reply, drawing, false)))));
    }
  }
  const orphans = messages.filter((each) => each.threadTs !== null && !messages.some((parent) => parent.ts === each.threadTs));
  nodes.push(...orphans.map((message) => one(next, message, drawing, false)));
  if (nodes.length === 0) nodes.push(el('p', { class: 'empty' }, empty));
  drawn = next;
  replace(list, nodes);
  if (atBottom) list.scrollTop = list.scrollHeight;
}

/** Makes `nodes` the list's children without moving those that stay. @param {HTMLElement} list @param {Node[]} nodes */
function replace(list, nodes) {
  for (const child of Array.from(list.childNodes)) if (!nodes.includes(child)) child.remove();
  for (const [index, node] of nodes.entries()) if (list.childNodes[index] !== node) list.insertBefore(node, list.childNodes[index] ?? null);
}

function one(next, message, drawing, follows) {
  const key = JSON.stringify([withoutValues(message), drawing.me, drawing.timeZone, drawing.names, follows]);
  return keep(next, key, () => drawMessage(message, drawing, follows));
}

/** What was chosen in a message is on the screen already: no reason to draw it anew. */
function withoutValues(message) {
  return { ...message, values: undefined };
}

function keep(next, key, draw) {
  const node = drawn.get(key) ?? draw();
  next.set(key, node);
  return node;
}

function dayOf(message, drawing) {
  return formatDate({ unix: Number(message.ts), format: '{date_long}' }, drawing.timeZone, new Date());
}

function drawMessage(message, drawing, follows) {
  const name = drawing.names.members[message.author] ?? message.author;
  const isApp = message.author === drawing.bot || message.author === 'USLACKBOT';
  const time = formatDate({ unix: Number(message.ts), format: '{time}' }, drawing.timeZone, new Date());
  const content = message.blocks.length > 0 ? drawBlocks(message.blocks, drawing.of(message)) : drawMrkdwn(message.text, drawing);
  const by = el(
    'div',
    { class: 'by' },
    el('strong', null, name),
    isApp ? el('span', { class: 'app' }, 'APP') : null,
    el('time', null, time),
    message.edited ? el('span', { class: 'edited' }, '(edited)') : null,
  );
  return el(
    'article',
    { class: ['message', message.ephemeral ? 'ephemeral' : '', follows ? 'follows' : ''].join(' ').trim(), 'data-ts': message.ts },
    el('span', { class: `avatar hue${hue(message.author)}`, 'aria-hidden': 'true' }, name.slice(0, 1).toUpperCase()),
    el(
      'div',
      { class: 'body' },
      message.ephemeral ? el('p', { class: 'only' }, 'Only visible to you') : null,
      follows ? null : by,
      content,
    ),
  );
}

/** A steady colour number for an id. @param {string} id */
function hue(id) {
  return Array.from(id).reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 6, 0);
}
