// Typed times are the member's wall clock: right across every change of the clock, whatever zone the process runs in.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { parseAsk } from '../../src/domain/grammar/parse-ask.ts';
import { parseMoment } from '../../src/domain/time.ts';

function untilOf(text: string, at: string, zone: string): string | null {
  const parsed = parseAsk(`h200 ${text}`, {
    at: parseMoment(at),
    zone,
    pools: [{ name: 'h200', memoryMib: null }],
    images: [],
    hosts: [],
  });
  return parsed.ok ? parsed.ask.until : parsed.problem.code;
}

/** Typed, at (UTC), zone → until (UTC). */
type Case = [typed: string, at: string, zone: string, until: string];

const berlin = 'Europe/Berlin';
const newYork = 'America/New_York';

const wednesday = '2026-10-21T10:30:00Z';
const plainCases: Case[] = [
  ['until fri 18:00', wednesday, 'UTC', '2026-10-23T18:00:00.000Z'],
  ['until fri 18:00', wednesday, berlin, '2026-10-23T16:00:00.000Z'],
  ['until friday at 6pm', wednesday, newYork, '2026-10-23T22:00:00.000Z'],
  ['until wed 18:00', wednesday, berlin, '2026-10-21T16:00:00.000Z'],
  ['until wed 12:30', wednesday, berlin, '2026-10-28T11:30:00.000Z'],
  ['until tue 18:00', wednesday, berlin, '2026-10-27T17:00:00.000Z'],
  ['until next wed 9am', wednesday, berlin, '2026-10-28T08:00:00.000Z'],
  ['until 12:31', wednesday, berlin, '2026-10-21T10:31:00.000Z'],
  ['until 12:30', wednesday, berlin, '2026-10-22T10:30:00.000Z'],
  ['until noon', wednesday, berlin, '2026-10-22T10:00:00.000Z'],
  ['until 18.30', wednesday, berlin, '2026-10-21T16:30:00.000Z'],
  ['until tomorrow morning', wednesday, berlin, '2026-10-22T06:00:00.000Z'],
  ['until this evening', wednesday, berlin, '2026-10-21T18:00:00.000Z'],
  ['until 2026-11-02 09:00', wednesday, berlin, '2026-11-02T08:00:00.000Z'],
  ['until 2.11.2026 9:00', wednesday, berlin, '2026-11-02T08:00:00.000Z'],
  ['until 2.11. 9:00', wednesday, berlin, '2026-11-02T08:00:00.000Z'],
  ['until 31/10 9:00', wednesday, berlin, '2026-10-31T08:00:00.000Z'],
  ['until nov 2nd, 9:00', wednesday, berlin, '2026-11-02T08:00:00.000Z'],
  ['until 5 jan 9:00', wednesday, berlin, '2027-01-05T08:00:00.000Z'],
];
const wholeDays: Case[] = [
  ['until today', wednesday, berlin, '2026-10-21T22:00:00.000Z'],
  ['until wed', wednesday, berlin, '2026-10-21T22:00:00.000Z'],
  ['until fri', wednesday, berlin, '2026-10-23T22:00:00.000Z'],
  ['until sunday', wednesday, berlin, '2026-10-25T23:00:00.000Z'],
  ['until midnight', wednesday, berlin, '2026-10-21T22:00:00.000Z'],
  ['until fri midnight', wednesday, berlin, '2026-10-23T22:00:00.000Z'],
  ['until 24:00', wednesday, berlin, '2026-10-21T22:00:00.000Z'],
  ['until eod', wednesday, berlin, '2026-10-21T22:00:00.000Z'],
  ['until tonight', wednesday, berlin, '2026-10-21T22:00:00.000Z'],
  ['until in 3 days', wednesday, berlin, '2026-10-24T22:00:00.000Z'],
  ['until end of month', wednesday, berlin, '2026-10-31T23:00:00.000Z'],
];
const nights: Case[] = [
  ['tonight', wednesday, berlin, '2026-10-22T06:00:00.000Z'],
  ['tonight', '2026-10-21T21:59:00Z', berlin, '2026-10-22T06:00:00.000Z'],
  ['tonight', '2026-10-21T22:01:00Z', berlin, '2026-10-22T06:00:00.000Z'],
  ['tonight', '2026-10-22T02:59:00Z', berlin, '2026-10-22T06:00:00.000Z'],
  ['tonight', '2026-10-22T03:00:00Z', berlin, '2026-10-23T06:00:00.000Z'],
  ['tonight', '2026-10-24T20:00:00Z', berlin, '2026-10-25T07:00:00.000Z'],
  ['tonight', '2026-03-28T20:00:00Z', berlin, '2026-03-29T06:00:00.000Z'],
];
const today: Case[] = [
  // The member's day is not the day in UTC.
  ['until 18:00', '2026-10-21T23:30:00Z', berlin, '2026-10-22T16:00:00.000Z'],
  ['until tomorrow 9:00', '2026-10-21T23:30:00Z', berlin, '2026-10-23T07:00:00.000Z'],
  ['until tomorrow 9:00', '2026-10-22T02:30:00Z', newYork, '2026-10-22T13:00:00.000Z'],
  ['until fri 9:00', '2026-10-22T12:00:00Z', 'Pacific/Kiritimati', '2026-10-22T19:00:00.000Z'],
  ['until 9:00', '2026-10-22T12:00:00Z', 'Asia/Kathmandu', '2026-10-23T03:15:00.000Z'],
];
const typedZones: Case[] = [
  ['until 18:00 UTC', wednesday, berlin, '2026-10-21T18:00:00.000Z'],
  ['until 10:00 utc', wednesday, berlin, '2026-10-22T10:00:00.000Z'],
  ['until 18:00+05:30', wednesday, berlin, '2026-10-21T12:30:00.000Z'],
  ['until 2026-10-25T18:00:00Z', wednesday, newYork, '2026-10-25T18:00:00.000Z'],
];
const clockChanges: Case[] = [
  // Berlin, 29 March 2026: 02:00 → 03:00; 25 October 2026: 03:00 → 02:00.
  ['until fri 18:00', '2026-03-25T12:00:00Z', berlin, '2026-03-27T17:00:00.000Z'],
  ['until mon 18:00', '2026-03-27T12:00:00Z', berlin, '2026-03-30T16:00:00.000Z'],
  ['until fri 18:00', '2026-10-24T12:00:00Z', berlin, '2026-10-30T17:00:00.000Z'],
  ['until tomorrow noon', '2026-10-24T22:30:00Z', berlin, '2026-10-26T11:00:00.000Z'],
  ['until tomorrow', '2026-10-24T12:00:00Z', berlin, '2026-10-25T23:00:00.000Z'],
  ['until sun 01:59', '2026-03-28T12:00:00Z', berlin, '2026-03-29T00:59:00.000Z'],
  ['until sun 02:30', '2026-03-28T12:00:00Z', berlin, '2026-03-29T01:30:00.000Z'],
  ['until sun 03:00', '2026-03-28T12:00:00Z', berlin, '2026-03-29T01:00:00.000Z'],
  ['until sun 01:59', '2026-10-24T12:00:00Z', berlin, '2026-10-24T23:59:00.000Z'],
  ['until sun 02:30', '2026-10-24T12:00:00Z', berlin, '2026-10-25T01:30:00.000Z'],
  ['until sun 03:00', '2026-10-24T12:00:00Z', berlin, '2026-10-25T02:00:00.000Z'],
  // Typed at 02:45 before the change, the second 02:30 is still to come.
  ['until 02:30', '2026-10-25T00:45:00Z', berlin, '2026-10-25T01:30:00.000Z'],
  ['until 02:30', '2026-10-25T01:45:00Z', berlin, '2026-10-26T01:30:00.000Z'],
  // New York, 8 March 2026: 02:00 → 03:00; 1 November 2026: 02:00 → 01:00.
  ['until fri 18:00', '2026-03-07T12:00:00Z', newYork, '2026-03-13T22:00:00.000Z'],
  ['until fri 18:00', '2026-10-28T12:00:00Z', newYork, '2026-10-30T22:00:00.000Z'],
  ['until mon 18:00', '2026-10-30T12:00:00Z', newYork, '2026-11-02T23:00:00.000Z'],
  ['until sun 02:30', '2026-03-07T17:00:00Z', newYork, '2026-03-08T07:30:00.000Z'],
  ['until sun 01:30', '2026-10-31T16:00:00Z', newYork, '2026-11-01T06:30:00.000Z'],
  ['until nov 1 01:30', '2026-10-28T16:00:00Z', newYork, '2026-11-01T06:30:00.000Z'],
  // Lord Howe turns the clock by half an hour, Havana at midnight.
  ['until sun 02:15', '2026-10-03T00:00:00Z', 'Australia/Lord_Howe', '2026-10-03T15:45:00.000Z'],
  ['until sat', '2026-03-06T12:00:00Z', 'America/Havana', '2026-03-08T05:00:00.000Z'],
];

describe('a time', () => {
  test.each(plainCases)('%s at %s in %s → %s', (typed, at, zone, until) => expect(untilOf(typed, at, zone)).toBe(until));
});
describe('a day without a time ends at its midnight', () => {
  test.each(wholeDays)('%s at %s in %s → %s', (typed, at, zone, until) => expect(untilOf(typed, at, zone)).toBe(until));
});
describe('tonight is until 08:00 of the morning after the night to come, or under way before 05:00', () => {
  test.each(nights)('%s at %s in %s → %s', (typed, at, zone, until) => expect(untilOf(typed, at, zone)).toBe(until));
});
describe('days are counted on the wall of the member', () => {
  test.each(today)('%s at %s in %s → %s', (typed, at, zone, until) => expect(untilOf(typed, at, zone)).toBe(until));
});
describe('an exact offset may be typed', () => {
  test.each(typedZones)('%s at %s in %s → %s', (typed, at, zone, until) => expect(untilOf(typed, at, zone)).toBe(until));
});
describe('where the clock is turned, the later reading holds', () => {
  test.each(clockChanges)('%s at %s in %s → %s', (typed, at, zone, until) => expect(untilOf(typed, at, zone)).toBe(until));
});
test('a zone that the runtime does not know is read as UTC', () => {
  expect(untilOf('until fri 18:00', wednesday, 'Mars/Olympus')).toBe('2026-10-23T18:00:00.000Z');
});

const winterOffsets: [string, number][] = [
  ['UTC', 0],
  [berlin, -60],
  [newYork, 300],
  ['Pacific/Auckland', -780],
  // Turns its clock at midnight.
  ['America/Havana', 300],
];
describe.each(winterOffsets)('with the process in %s', (processZone, offset) => {
  beforeEach(() => {
    vi.stubEnv('TZ', processZone);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  test('everything above reads the same', () => {
    expect(parseMoment('2026-01-15T12:00:00Z').getTimezoneOffset()).toBe(offset);
    const all = [...plainCases, ...wholeDays, ...nights, ...today, ...typedZones, ...clockChanges];
    const read = all.map(([typed, at, zone]) => [typed, at, zone, untilOf(typed, at, zone)]);
    expect(read).toEqual(all);
  });
});
