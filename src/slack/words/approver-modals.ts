// The words of the dialogs in which approvers answer.
import { CPU_POOL } from '../../domain/policy.ts';
import { sayDuration } from '../../domain/time-words.ts';
import { person, what } from './common.ts';

export function lessHead(holder: string): string {
  return `What you approve may be less than ${person(holder)} asked for, never more. They are told both numbers and your reason, and may decline it within 10 minutes.`;
}

export function timeHint(seconds: number): string {
  return `They asked for ${sayDuration(seconds)}; for example 2h or 90m.`;
}

export function devicesHint(devices: number): string {
  return devices === 1 ? 'They asked for one.' : `They asked for ${devices}.`;
}

export function denyHead(holder: string): string {
  return `${person(holder)} is told that you said no, and why. What was held for it is given back.`;
}

export function askHead(holder: string): string {
  return `Your question goes to ${person(holder)} by direct message. The answer comes into the thread of the card; until then the request does not lapse.`;
}

export const REPLY_HEAD = 'The approvers read your answer in the thread of the card. The time until it lapses goes on from there.';

export function alsoHead(holder: string, pool: string, seconds: number): string {
  return `This request is approved now. Further requests of ${person(holder)} for ${pool === CPU_POOL ? 'CPU containers' : what(pool, 1).replace('1 × ', '')}, each for at most ${sayDuration(seconds)}, then need no answer either, within their quota. \`/gpu approvals\` shows it to everybody who may approve, and takes it back.`;
}

export const HAND_OVER_HEAD =
  'Whoever you choose may answer what you may answer, in your name, until the end of that day. You still may, too. `/gpu approvals back` ends it earlier.';

export function wrongAmount(most: number | null = null): string {
  return most === null ? 'Write a whole number, 1 or more.' : `Write a whole number from 1 to ${most}.`;
}

export function wrongLength(): string {
  return 'I cannot read that as a length of time. Write for example 2h, 90m or 2 days.';
}

export function wrongDay(): string {
  return 'Choose today or a later day.';
}
