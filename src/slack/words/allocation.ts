// One allocation in sentences: for its card, its direct messages, and the answer to whoever asked.
import type { AllocationView } from '../../domain/allocation-view.ts';
import type { ApprovalView } from '../../domain/approval-view.ts';
import { formatMilli } from '../../domain/capacity.ts';
import { CPU_POOL } from '../../domain/policy.ts';
import { sayDuration, sayMoment } from '../../domain/time-words.ts';
import { plusSeconds } from '../../domain/time.ts';
import { decisionOf, reasonWords, voter, waitingWords } from './approval.ts';
import { byWhom, code, mention, oneOf, what, when } from './common.ts';
import { remedy, whyEnded, whyFailed, whyLapsed } from './reasons.ts';

/** "2 × a100 for 6 h" or "2 × a100 until Fri 18:00". */
export function wantWords(view: AllocationView): string {
  const { until } = view;
  const long = until === null ? `for ${sayDuration(view.durationSeconds)}` : `until ${when(until, view.holder.zone)}`;
  return `${what(view.pool, view.devices)} ${long}`;
}

/** The parsed end, as the answer to a request echoes it. */
function endWords(view: AllocationView, at: Date): string {
  const { zone } = view.holder;
  if (view.until !== null) return `It ends ${sayMoment(view.until, zone)}, whenever it starts.`;
  const end = sayMoment(plusSeconds(at, view.durationSeconds), zone);
  return `Its ${sayDuration(view.durationSeconds)} begin when the container runs; started now, it would end ${end}.`;
}

/** Where an allocation stands, in one sentence; the first line of its card. */
export function stateSentence(view: AllocationView): string {
  const { zone } = view.holder;
  const by = byWhom(view.changedBy);
  switch (view.state) {
    case 'requested':
      return view.approval === null ? 'Waiting for an approval.' : waitingWords(view.approval, view.holder);
    case 'queued':
      return `${approvedBy(view)}Waiting for a place${view.ahead === 0 ? ', first in line' : `, ${view.ahead} ahead`}${startWords(view)}.`;
    case 'placed':
      return `${approvedBy(view)}Starting on ${code(view.host ?? '')}.`;
    case 'active':
      return `${approvedBy(view)}Running on ${whereWords(view)}${view.leaseEndsAt === null ? '' : ` until ${when(view.leaseEndsAt, zone)}`}.`;
    case 'retiring':
      return `Stopping: ${whyEnded(view.reason)}. Its GPUs are free once ${code(view.host ?? 'the host')} has confirmed.`;
    case 'retired':
      return `Ended ${when(view.changedAt, zone)}: ${whyEnded(view.reason)}. The files in \`/workspace\` are kept.`;
    case 'denied':
      return `Denied by ${by} ${when(view.changedAt, zone)}.`;
    case 'lapsed':
      return `Lapsed ${when(view.changedAt, zone)}: ${whyLapsed(view.reason)}.`;
    case 'cancelled':
      return `Cancelled by ${by} ${when(view.changedAt, zone)}.`;
    case 'failed':
      return `Could not be started: ${whyFailed(view.reason, view.image, view.host)}. Nothing of it is left, and its GPUs are free.`;
  }
}

/** "`gpu-01`, GPU 0 and 1". */
function whereWords(view: AllocationView): string {
  const numbers = view.leased.map(({ index }) => index);
  const gpu = numbers.length === 0 ? '' : `, GPU ${numbers.join(' + ')}`;
  return `${code(view.host ?? '?')}${gpu}`;
}

/** What is not real about it, or null. */
export function simulatedWords({ simulated, host, state }: AllocationView): string | null {
  if (host === null) {
    if (state !== 'requested' && state !== 'queued') return null;
    if (simulated.engine) return 'Only simulated hosts offer it: no container will really run.';
    return simulated.gpus ? 'The container will be real; its GPUs are simulated.' : null;
  }
  if (simulated.engine) return 'This host is simulated: no container really runs, and nobody can go in.';
  return simulated.gpus ? 'The container is real; its GPUs are simulated.' : null;
}

/** What Docker takes as a name; anything else would be a command of the host's making. */
const CONTAINER_NAME = /^[a-zA-Z0-9][\w.-]{0,127}$/;

/** The line that gets its holder in, or null when there is nothing to get into. */
export function wayIn(view: AllocationView): string | null {
  if (view.state !== 'active' || view.containerName === null || view.simulated.engine) return null;
  return CONTAINER_NAME.test(view.containerName) ? `docker exec -it ${view.containerName} sh` : null;
}

/** How it stands with the holder's GPUs and the pool once nothing is to be decided any more. */
export function presentFacts(view: AllocationView): readonly (readonly [string, string])[] {
  const facts: (readonly [string, string])[] = [['Image', code(view.image)]];
  if (view.pool === CPU_POOL) return facts;
  const limit = view.limitMilli === null ? 'no limit' : formatMilli(view.limitMilli);
  return [
    ...facts,
    ['Their GPUs', `${formatMilli(view.usedMilli)}/${limit} now`],
    [`Free ${view.pool}`, `${view.poolDevices.free} of ${view.poolDevices.total}`],
  ];
}

/** Nothing while it cannot be told. */
function startWords({ startsAt, holder }: AllocationView): string {
  return startsAt === null ? '' : `; by the lease ends that are known it starts ${when(startsAt, holder.zone)}`;
}

/** The answer to the one who asked. */
export function requestedWords(view: AllocationView, at: Date): string {
  const head = `*${wantWords(view)}* (${code(view.id)})`;
  const end = endWords(view, at);
  if (view.state === 'requested') {
    const by = view.approval === null ? '' : ` by ${oneOf(view.approval.asked, mention)}`;
    const skips = view.approval?.lapseSkips === true ? ' (only working hours count)' : '';
    return `${head} waits for an approval${by}; it lapses ${sayMoment(view.lapsesAt, view.holder.zone)}${skips}. ${end} You get a direct message when it runs.`;
  }
  if (view.state === 'queued') {
    const line = view.ahead === 0 ? 'is next in line' : `is in line behind ${view.ahead}`;
    return `${head} ${line}${startWords(view)}. ${end} You get a direct message when it runs.`;
  }
  return `${head}: ${stateSentence(view)} ${end}`;
}

/** On the button that extends it. */
export function keepLabel(seconds: number): string {
  return `Keep ${sayDuration(seconds)} more`;
}

/** The answer to whoever extended it. */
export function extendedWords(view: AllocationView): string {
  const end = view.leaseEndsAt === null ? '' : ` until ${sayMoment(view.leaseEndsAt, view.holder.zone)}`;
  return `${code(view.id)} (${what(view.pool, view.devices)}) now runs${end}.`;
}

/** The answer to whoever asked for more than they may take without an approver. */
export function extensionAskedWords(id: string): string {
  return `To keep ${code(id)} that much longer needs an approval: others wait for these GPUs, or your extensions of this week are used up. The approvers were asked; it keeps running until its end meanwhile, and you get a direct message when they have answered.`;
}

export function failedWords(view: AllocationView): string {
  const advice = remedy(view.reason);
  return `${code(view.id)} (${wantWords(view)}) could not be started: ${whyFailed(view.reason, view.image, view.host)}. Nothing counts against your limit any more. ${advice ?? 'Ask again; it may work on another GPU.'}`;
}

export function endedWords(view: AllocationView, reason: string | null): string {
  return `Your container ${code(view.id)} (${what(view.pool, view.devices)} on ${code(view.host ?? '?')}) is over: ${whyEnded(reason)}. The files in \`/workspace\` are kept. To ask for the same again: \`/gpu again ${view.id}\``;
}

function approvedBy(view: AllocationView): string {
  const approval = view.history.find(({ event }) => event === 'approve');
  const less =
    view.asked === null
      ? ''
      : `, with less than the ${what(view.pool, view.asked.devices)} for ${sayDuration(view.asked.durationSeconds)} that were asked for`;
  return approval === undefined ? '' : `Approved by ${byWhom(approval.actor)} ${when(approval.at, view.holder.zone)}${less}. `;
}

/** To the requester of what was approved with less: both numbers, why, and how to give it back. */
export function loweredWords(view: AllocationView, declineBy: Date): string {
  const { asked, approval, holder } = view;
  if (asked === null) return `${code(view.id)} was approved.`;
  const decision = decisionOf(approval);
  const by = decision === null ? 'An approver' : voter(decision);
  const before = `${what(view.pool, asked.devices)} for ${sayDuration(asked.durationSeconds)}`;
  return `${by} approved *${wantWords(view)}* (${code(view.id)}) instead of the ${before} that you asked for.${reasonWords(approval)} If that is of no use to you, decline it by ${when(declineBy, holder.zone)}: it goes back, and nothing of it is charged.`;
}

/** To the holder, who had asked to keep a container for longer. */
export function extensionAnsweredWords(view: AllocationView, approval: ApprovalView): string {
  const about = `${code(view.id)} (${what(view.pool, view.devices)})`;
  const longer = sayDuration(approval.extendSeconds ?? 0);
  const decision = decisionOf(approval);
  const by = decision === null ? '' : ` by ${voter(decision)}`;
  const end = view.leaseEndsAt === null ? '' : ` until ${when(view.leaseEndsAt, view.holder.zone)}`;
  switch (approval.state) {
    case 'approved':
      return `Your extension was approved${by}: ${about} now runs${end}.${decision?.kind === 'lower' ? ` That is less than the ${longer} you asked for.` : ''}${reasonWords(approval)}`;
    case 'denied':
      return `Your extension of ${about} by ${longer} was denied${by}; it runs${end}, as before.${reasonWords(approval)}`;
    default:
      return `Nobody answered whether ${about} may be kept ${longer} longer; it runs${end}, as before. Ask again with \`/gpu extend ${view.id} …\`, or for a shorter time.`;
  }
}
