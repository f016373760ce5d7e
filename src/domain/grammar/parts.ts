// Recognisers of every part but the quantity: each reads its part from the words at a place, says what is wrong with it, or passes.
import { numberWord, readDuration, MAX_DURATION_SECONDS } from './duration.ts';
import { memoryMibOf } from './memory.ts';
import { readMoment, tonight } from './moment.ts';
import { nearest } from './nearest.ts';
import { wordAt, type Place, type Read } from './place.ts';
import { shown } from './problem.ts';
import type { Token } from './tokens.ts';
import * as words from './words.ts';

/** Up to `max` words after `skip`, up to a quote or a word that starts another part. */
function valueWords({ tokens, at }: Place, skip: number, max: number): Token[] {
  const value: Token[] = [];
  for (const token of tokens.slice(at + skip, at + skip + max)) {
    if (token.kind === 'quoted' || words.STARTERS.has(token.lower)) break;
    value.push(token);
  }
  return value;
}

const spelled = (tokens: readonly Token[]) => shown(tokens.map(({ text }) => text).join(' '));

/** The longest run of the given words that `read` makes something of. */
function longest<T>(value: readonly Token[], read: (text: string) => T | 'none'): { take: number; typed: string; read: T } | null {
  for (let take = value.length; take > 0; take -= 1) {
    const text = value
      .slice(0, take)
      .map((token) => token.text)
      .join(' ');
    const result = text.length <= 64 ? read(text) : 'none';
    if (result !== 'none') return { take, typed: spelled(value.slice(0, take)), read: result as T };
  }
  return null;
}

function durationFrom(value: readonly Token[], skip: number): Read {
  const found = longest(value, readDuration);
  if (!found) return null;
  const { take, typed, read } = found;
  if (read === 'too_long') return { problem: { code: 'duration_too_long', typed, maxSeconds: MAX_DURATION_SECONDS } };
  if (typeof read === 'string') return { problem: { code: 'bad_duration', typed } };
  return { take: skip + take, set: { duration: read.seconds } };
}

export function readFor(place: Place): Read {
  if (wordAt(place, 0) !== 'for') return null;
  if (words.NIGHT.has(wordAt(place, 1) ?? '')) {
    return { take: 2, set: { time: tonight(place.context.at, place.context.zone) } };
  }
  const value = valueWords(place, 1, 8);
  if (value.length === 0) return { problem: { code: 'missing_value', keyword: 'for' } };
  return durationFrom(value, 1) ?? { problem: { code: 'bad_duration', typed: spelled(value.slice(0, 2)) } };
}

export function readBareDuration(place: Place): Read {
  const word = wordAt(place, 0) ?? '';
  const starts = /^[-+.]?\d/.test(word) || word === 'half' || numberWord(word) !== null;
  return starts ? durationFrom(valueWords(place, 0, 8), 0) : null;
}

export function readUntil(place: Place): Read {
  if (!words.UNTIL.has(wordAt(place, 0) ?? '')) return null;
  const { at, zone } = place.context;
  // "until tonight" is read by chrono; a bare "tonight" is not.
  const night = words.NIGHT.has(wordAt(place, 1) ?? '') ? place.tokens.slice(place.at + 1, place.at + 2) : [];
  const value = [...night, ...valueWords(place, 1 + night.length, 6)];
  if (value.length === 0) return { problem: { code: 'missing_value', keyword: 'until' } };
  const found = longest(value, (text) => readMoment(text, at, zone));
  const next = value[found?.take ?? 0];
  if (!found || (next && isRestOfTime(place, place.at + 1 + found.take))) {
    return { problem: { code: 'bad_time', typed: spelled(value.slice(0, (found?.take ?? 1) + 1)), reason: 'not_understood' } };
  }
  const { take, typed, read } = found;
  if ('refused' in read) return { problem: { code: 'bad_time', typed, reason: read.refused } };
  if ('past' in read) return { problem: { code: 'time_in_past', typed, until: read.past } };
  if ('tooFar' in read) return { problem: { code: 'time_too_far', typed, until: read.tooFar, maxSeconds: MAX_DURATION_SECONDS } };
  return { take: 1 + take, set: { time: read.until } };
}

/** "tomorrow 9", "fri 25:00": chrono read the day and left the hour. */
function isRestOfTime({ tokens, context }: Place, at: number): boolean {
  const word = tokens[at]?.lower ?? '';
  if (words.isTimeOfDay(word)) return true;
  const next = tokens[at + 1]?.lower ?? '';
  return words.isNumber(word) && words.nounOf(word, context) === null && words.nounOf(next, context) === null && !next.startsWith('x');
}

export function readNight(place: Place): Read {
  if (!words.NIGHT.has(wordAt(place, 0) ?? '')) return null;
  const next = wordAt(place, 1) ?? '';
  if (words.isTimeOfDay(next)) {
    return { problem: { code: 'bad_time', typed: spelled(place.tokens.slice(place.at, place.at + 2)), reason: 'not_understood' } };
  }
  return { take: 1, set: { time: tonight(place.context.at, place.context.zone) } };
}

export function readNamed(place: Place): Read {
  const keyword = wordAt(place, 0);
  if (keyword !== 'image' && keyword !== 'on') return null;
  const name = place.tokens[place.at + 1]?.text;
  if (name === undefined) return { problem: { code: 'missing_value', keyword } };
  if (keyword === 'image') {
    const images = [...place.context.images];
    const image = words.named(name, images);
    if (image !== null) return { take: 2, set: { image } };
    return { problem: { code: 'unknown_image', name: shown(name), nearest: nearest(name, images), images } };
  }
  const hosts = [...place.context.hosts];
  const host = words.named(name, hosts);
  if (host !== null) return { take: 2, set: { host } };
  return { problem: { code: 'unknown_host', name: shown(name), nearest: nearest(name, hosts), hosts } };
}

export function readCommand(place: Place): Read {
  if (wordAt(place, 0) !== 'run') return null;
  const command = place.tokens[place.at + 1];
  if (command === undefined) return { problem: { code: 'missing_value', keyword: 'run' } };
  if (command.kind !== 'quoted') return { problem: { code: 'command_not_quoted', typed: shown(command.text) } };
  return command.text.trim() === ''
    ? { problem: { code: 'missing_value', keyword: 'run' } }
    : { take: 2, set: { command: command.text.trim() } };
}

export function readMemory(place: Place): Read {
  const one = memoryMibOf(wordAt(place, 0) ?? '');
  const memory = one ?? memoryMibOf(`${wordAt(place, 0)} ${wordAt(place, 1)}`);
  if (memory === null) return null;
  const take = one === null ? 2 : 1;
  return memory > 0
    ? { take, set: { memory } }
    : { problem: { code: 'bad_memory', typed: spelled(place.tokens.slice(place.at, place.at + take)) } };
}
