// A question to the approvers in sentences: what Approve would do, what it changes, who was asked, and what was answered.
import type { AllocationView } from '../../domain/allocation-view.ts';
import type { ApprovalView, BeforeAfter, Consequences, VoteView } from '../../domain/approval-view.ts';
import { formatMilli } from '../../domain/capacity.ts';
import { CPU_POOL } from '../../domain/policy.ts';
import { sayDuration } from '../../domain/time-words.ts';
import { code, mention, oneOf, person, quoted, what, when } from './common.ts';
import { hours } from './standing.ts';

/** What Approve would do, in one sentence: where and when it would start (or end), and who waits longer for that. */
export function outcomeWords({ pool, devices, holder: { zone } }: AllocationView, consequences: Consequences): string {
  const { start, end, ahead, delays } = consequences;
  if (end !== null) return `Approve: it runs until ${when(end.after, zone)} instead of ${when(end.before, zone)}; ${delayWords(delays)}.`;
  if (start?.now === true) {
    const gpus = start.gpus.length === 0 ? '' : `, GPU ${start.gpus.join(' + ')}`;
    return `Approve: it starts now on ${code(start.host ?? '?')}${gpus}; ${delayWords(delays)}.`;
  }
  const line = ahead === 0 ? 'it is first in line' : `it waits behind ${ahead}`;
  const time = start?.at ?? null;
  const starts =
    time === null
      ? `and when ${what(pool, devices)} come free cannot be told`
      : `and starts ${when(time, zone)} by the lease ends that are known`;
  return `Approve: ${line}, ${starts}; ${delayWords(delays)}.`;
}

const DELAYS_SHOWN = 3;

function delayWords(delays: Consequences['delays']): string {
  if (delays.length === 0) return 'nobody waits longer';
  const shown = delays.slice(0, DELAYS_SHOWN).map(({ id, holder, seconds }) => {
    const whose = holder === '' ? code(id) : `${code(id)} of ${person(holder)}`;
    return `${whose} ${seconds === null ? 'for an unknown time' : `by ${sayDuration(seconds)}`}`;
  });
  const more = delays.length > DELAYS_SHOWN ? ` and ${delays.length - DELAYS_SHOWN} more` : '';
  return `${delays.length === 1 ? 'one request waits' : `${delays.length} requests wait`} longer: ${shown.join(', ')}${more}`;
}

/** How it stands while nobody has answered. */
export function waitingWords({ lapsesAt, lapseSkips, paused }: ApprovalView, { user, zone }: AllocationView['holder']): string {
  const skips = lapseSkips ? ' (only working hours count)' : '';
  if (paused) return `Waiting for ${person(user)}’s answer to a question; it lapses ${when(lapsesAt, zone)}${skips} at the latest.`;
  return `Waiting for an approval until ${when(lapsesAt, zone)}${skips}, then it lapses.`;
}

type Fact = readonly [name: string, value: string];

/** What approving changes, from the ledger; before and after. */
export function consequenceFacts({ pool }: AllocationView, { gpus, budget, free, record, cheaper }: Consequences): Fact[] {
  const facts: Fact[] = [];
  if (pool !== CPU_POOL) {
    facts.push(['Their GPUs', change(gpus, formatMilli)]);
    if (budget !== null) facts.push(['Their GPU-hours', change(budget, hours)]);
    facts.push([`Free ${pool}`, `${free.before === free.after ? free.before : `${free.before} → ${free.after}`} of ${free.total}`]);
  }
  if (record !== null) {
    const percent = Math.round((record.used * 100) / record.granted);
    facts.push([
      'So far',
      `used ${percent} % of what they were given (${record.containers === 1 ? '1 container' : `${record.containers} containers`})`,
    ]);
  }
  if (cheaper !== null) {
    facts.push([
      'Cheaper',
      `as many ${code(cheaper.pool)} (${cheaper.memoryGib} GB) are free now, at ${Math.round(cheaper.costMilli / 10)} % of the cost`,
    ]);
  }
  return facts;
}

function change({ before, after, limit }: BeforeAfter, show: (value: number) => string): string {
  const values = before === after ? show(after) : `${show(before)} → ${show(after)}`;
  return limit === null ? `${values} (no limit)` : `${values} of ${show(limit)}`;
}

/** Who was asked, and what comes while nobody answers. */
export function askedFacts({ asked, dues, lapsesAt, lapseSkips }: ApprovalView, { zone }: AllocationView['holder']): Fact[] {
  const steps = dues.map((due) =>
    due.kind === 'remind' ? `${when(due.at, zone)}: a reminder` : `${when(due.at, zone)}: ${oneOf(due.names, mention)} asked too`,
  );
  const skips = lapseSkips ? ' (only working hours count)' : '';
  return [
    ['May answer', asked.length === 0 ? 'nobody now' : oneOf(asked, mention)],
    ['If nobody does', [...steps, `${when(lapsesAt, zone)}: it lapses${skips}`].join('\n')],
  ];
}

/** What was said so far: questions with their answers, and the decision with its reason. */
export function voteLines({ votes }: Pick<ApprovalView, 'votes'>): string[] {
  return votes.flatMap((vote) => {
    const words = vote.words === null ? null : quoted(vote.words, 1000);
    if (vote.kind === 'ask') {
      return [`${voter(vote)} asks: ${words ?? ''}`, ...(vote.answer === null ? [] : [`Answer: ${quoted(vote.answer, 1000)}`])];
    }
    return words === null ? [] : [`${voter(vote)}: ${words}`];
  });
}

/** "@pat for @pia". */
export function voter({ user, onBehalfOf }: Pick<VoteView, 'user' | 'onBehalfOf'>): string {
  return onBehalfOf === null ? person(user) : `${person(user)} for ${person(onBehalfOf)}`;
}

/** " They say: …", or nothing. */
export function reasonWords(approval: ApprovalView | null): string {
  const words = decisionOf(approval)?.words ?? null;
  return words === null ? '' : ` They say: ${quoted(words, 1000)}`;
}

export function decisionOf(approval: ApprovalView | null): VoteView | null {
  return approval?.votes.find(({ kind }) => kind !== 'ask') ?? null;
}
