// What somebody holds, as part of a sentence; and what the admins are told when its holder has left.
import type { State } from '../../domain/lifecycle.ts';
import type { Holding } from '../../domain/refusal.ts';
import { parseMoment } from '../../domain/time.ts';
import { code, person, what, when } from './common.ts';

const SHOWN_MAX = 8;

const stateWords: Partial<Record<State, string>> = {
  requested: 'waiting for an approval',
  queued: 'waiting for a place',
  placed: 'starting',
  active: 'running',
  retiring: 'stopping',
};

/** " You hold `al-…` (2 × a100, until …)." Nothing for nothing. */
export function holds(holding: readonly Holding[], zone: string): string {
  return holding.length === 0 ? '' : ` You hold ${listed(holding, zone)}.`;
}

/** To an admin. */
export function departedWords(user: string, holding: readonly Holding[], zone: string): string {
  const [first] = holding;
  const end = first === undefined ? '' : ` To end one: \`/gpu release ${first.id}\`, or \`/gpu cancel …\` for what still waits.`;
  return `The Slack account of ${person(user)} is deactivated, and it still holds ${listed(holding, zone)}. Nothing is ended before its time.${end}`;
}

function listed(holding: readonly Holding[], zone: string): string {
  const items = holding.slice(0, SHOWN_MAX).map(({ id, pool, devices, state, leaseEndsAt }) => {
    const until = leaseEndsAt === null ? (stateWords[state] ?? state) : `until ${when(parseMoment(leaseEndsAt), zone)}`;
    return `${code(id)} (${what(pool, devices)}, ${until})`;
  });
  const more = holding.length > SHOWN_MAX ? [`${holding.length - SHOWN_MAX} more`] : [];
  return [...items, ...more].join(', ');
}
