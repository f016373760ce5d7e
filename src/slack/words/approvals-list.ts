// `/gpu approvals` in sentences: what waits for you, what was allowed beforehand, and who stands in for whom.
import type { ApprovalsView, WaitingApproval } from '../../domain/approvals-list.ts';
import type { Outcome } from '../../domain/outcome.ts';
import { sayDuration } from '../../domain/time-words.ts';
import { parseMoment } from '../../domain/time.ts';
import { code, gpus, person, what, when } from './common.ts';
import type { Paragraph } from './standing.ts';

const SHOWN_MAX = 15;

export function approvalsWords({ waiting, allowed, handOvers }: ApprovalsView, zone: string): Paragraph[] {
  const rest = waiting.length - SHOWN_MAX;
  return [
    waiting.length === 0
      ? ['Nothing waits for an approval.']
      : [
          `*${waiting.length === 1 ? 'One request waits' : `${waiting.length} requests wait`} for an approval*`,
          ...waiting.slice(0, SHOWN_MAX).map((one) => `• ${waitingLine(one, zone)}`),
          ...(rest > 0 ? [`and ${rest} more`] : []),
        ],
    ...(allowed.length === 0
      ? []
      : [
          [
            '*Allowed beforehand*',
            ...allowed
              .slice(0, SHOWN_MAX)
              .map(
                ({ number, user, pool, capacityMilli, durationSeconds, grantedBy, expiresAt }) =>
                  `• ${number}: ${person(user)} needs no answer for ${code(pool)} up to ${gpus(capacityMilli)} and ${sayDuration(durationSeconds)} at a time, until ${when(expiresAt, zone)}, by ${person(grantedBy)}. To end it: \`/gpu approvals revoke ${number}\``,
              ),
          ],
        ]),
    ...(handOvers.length === 0
      ? []
      : [
          [
            '*Handed over*',
            ...handOvers.map(({ from, to, until }) => `• ${person(to)} may answer for ${person(from)} until ${when(until, zone)}`),
          ],
        ]),
    ['To hand your own over while you are away: `/gpu approvals hand @name until fri`; to end that: `/gpu approvals back`'],
  ];
}

/** One that waits, on one line. */
export function waitingLine(
  { id, kind, holder, pool, devices, seconds, lapsesAt, paused, channel }: WaitingApproval,
  zone: string,
): string {
  const wants =
    kind === 'new'
      ? `asks for ${what(pool, devices)} for ${sayDuration(seconds)}`
      : `asks to keep ${what(pool, devices)} for ${sayDuration(seconds)} more`;
  const where = channel === null ? '' : ` in <#${channel}>`;
  const waits = paused ? 'waits for the requester’s answer to a question' : `lapses ${when(lapsesAt, zone)}`;
  return `${person(holder)} ${wants} (${code(id)}); its card is${where === '' ? ' on its way' : where}; ${waits}`;
}

export function settledWords(outcome: Extract<Outcome, { kind: 'handed_over' | 'taken_back' | 'revoked' }>, zone: string): string {
  switch (outcome.kind) {
    case 'handed_over':
      return `${person(outcome.to)} may answer for you until ${when(parseMoment(outcome.until), zone)}, and has been told so. To end it earlier: \`/gpu approvals back\``;
    case 'taken_back':
      return 'Nobody answers for you any more.';
    case 'revoked':
      return `The standing approval ${outcome.number} is over: further requests are put to an approver again. What was granted by it stays.`;
  }
}

export function handedOverToYou(by: string, until: Date, zone: string): string {
  return `${person(by)} has handed their approvals over to you until ${when(until, zone)}: you may answer requests in their name now, but not your own. \`/gpu approvals\` shows what waits.`;
}
