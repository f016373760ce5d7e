// How a request was decided, as arithmetic, what happened since, and what it cost.
import { formatMilli } from '../../domain/capacity.ts';
import { chargeMilli } from '../../domain/journal.ts';
import type { Limit } from '../../domain/quota.ts';
import type { HostChoice } from '../../domain/queue-plan.ts';
import type { RequestBasis, RequestTerms } from '../../domain/request-basis.ts';
import type { QueuedView, WhyView } from '../../domain/standing-views.ts';
import { sayDuration } from '../../domain/time-words.ts';
import { voteLines } from './approval.ts';
import { byWhom, code, gpus, person, what, when } from './common.ts';
import { plainQuote, sourceWords } from './limits.ts';
import { whyEnded, whyFailed, whyLapsed } from './reasons.ts';
import { all, hours, most, silent, startWords, type Bound, type Paragraph, type Show } from './standing.ts';

export function whyWords(view: WhyView, zone: string): Paragraph[] {
  const { id, holder, pool, devices, team, durationSeconds, basis, history, waiting } = view;
  const pays = team === null ? '' : ` Team ${code(team)} pays.`;
  return [
    [`*${code(id)}*: ${person(holder)} asked for ${what(pool, devices)} for ${sayDuration(durationSeconds)}.${pays}`],
    basis === null
      ? ['It was decided before the numbers of decisions were kept.']
      : [`*Decided by version ${basis.policyVersion} of the policy*`, ...decisions(view, basis, zone)],
    ...(waiting === null ? [] : [['*In line*', waitingWords(waiting, pool, zone)]]),
    ['*What happened*', ...steps(history, zone), ...(view.less === null ? [] : [lessWords(view.less, pool)])],
    ...(view.votes.some(({ words }) => words !== null) ? [['*What approvers said*', ...said(view.votes)]] : []),
    ['*What it costs*', ...costs(view)],
  ];
}

function lessWords({ devices, durationSeconds }: NonNullable<WhyView['less']>, pool: string): string {
  return `Less was approved than was asked: ${what(pool, devices)} for ${sayDuration(durationSeconds)}.`;
}

/** Reasons, and questions with their answers. */
function said(votes: WhyView['votes']): string[] {
  return voteLines({ votes }).map((line) => `• ${line}`);
}

function waitingWords(waiting: QueuedView, pool: string, zone: string): string {
  return `Number ${waiting.position} for ${code(pool)}: ${startWords(waiting, zone)}. ${code(`/gpu queue ${pool}`)} shows everybody.`;
}

function decisions(view: WhyView, basis: RequestBasis, zone: string): string[] {
  const { limits, use, team, terms } = basis;
  const { holder, devices, capacityMilli, durationSeconds } = view;
  const bound = ({ value, source }: Limit): Bound => ({ value, from: ` (${sourceWords(source, zone, holder)})` });
  const time = single('Time', durationSeconds, timeBound(view, basis, bound(limits.maxDuration)), sayDuration);
  const asked = terms === undefined ? [] : [approvalWords(view, terms)];
  if (devices === 0) {
    const one = { asked: 1, what: 'held', note: '', show: String };
    const limit = bound(limits.cpuContainers);
    const containers = terms === undefined ? most('CPU containers', limit, String) : sum('CPU containers', terms.cpuContainers, one, limit);
    return [`${containers} It has no GPU, so no limit of GPUs counts.`, time, ...asked];
  }
  const atOnce = { asked: capacityMilli, what: 'held', note: '', show: formatMilli };
  const cost = { asked: view.chargeMilli * durationSeconds, what: 'committed', note: product(view), show: hours };
  const hoursOf = (whose: string, committed: number, limit: Bound) =>
    cost.asked === 0 ? [] : [sum(`${whose}GPU-hours`, committed, cost, limit)];
  const lines = [
    single('GPUs per request', capacityMilli, bound(limits.gpusPerRequest), formatMilli),
    sum('GPUs at once', use.heldMilli, atOnce, bound(limits.gpus)) + silent(use.silentMilli),
    time,
    ...hoursOf('', use.committed, bound(limits.gpuHours)),
  ];
  if (team === null) return [...lines, ...asked];
  const whose = `Team ${code(team.name)}, `;
  return [
    ...lines,
    sum(`${whose}GPUs at once`, team.use.heldMilli, atOnce, { value: team.limits.gpus, from: '' }) + silent(team.use.silentMilli),
    ...hoursOf(whose, team.use.committed, { value: team.limits.gpuHours, from: '' }),
    ...asked,
  ];
}

/** The shorter of the member's longest lease and the pool's own. */
function timeBound({ pool }: WhyView, { terms }: RequestBasis, own: Bound): Bound {
  if (terms === undefined || (own.value !== null && own.value < terms.maxDurationSeconds)) return own;
  return { value: terms.maxDurationSeconds, from: ` (the longest that ${code(pool)} is given)` };
}

/** Whether a person had to be asked, and by which numbers. */
function approvalWords(
  { pool, capacityMilli, durationSeconds }: WhyView,
  { approval, waiting, beforehand, person: wished }: RequestTerms,
): string {
  if (beforehand !== undefined && beforehand !== null) {
    return `Approval: none asked; ${person(beforehand.by)} had allowed it beforehand (standing approval ${beforehand.id}).`;
  }
  if (wished === true) return 'Approval: a person was asked, as this request wanted.';
  if (approval === 'none') return `Approval: none asked; ${code(pool)} needs none.`;
  if (approval === 'required') return `Approval: a person was asked, as for every request of ${code(pool)}.`;
  const { gpus: count, duration, nobodyWaits } = approval.unless;
  const milli = Math.round(count * 1000);
  const against = [
    ...(capacityMilli > milli ? [`${gpus(capacityMilli)} asked`] : []),
    ...(durationSeconds > duration ? [`${sayDuration(durationSeconds)} asked`] : []),
    ...(nobodyWaits && waiting !== null && waiting > 0 ? [`${waiting} waited already`] : []),
  ];
  const rule = `up to ${gpus(milli)} for at most ${sayDuration(duration)}${nobodyWaits ? ', while nobody waits' : ''}`;
  return against.length === 0
    ? `Approval: none asked; ${code(pool)} gives ${rule}, without one.`
    : `Approval: a person was asked; ${code(pool)} gives only ${rule}, without one: ${all(against)}.`;
}

function verdict(total: number, { value, from }: Bound, show: Show): string {
  return value === null ? ', no limit: fits.' : ` of ${show(value)}${from}: ${total <= value ? 'fits' : 'does not fit'}.`;
}

function single(name: string, asked: number, limit: Bound, show: Show): string {
  return `${name}: ${show(asked)} asked${verdict(asked, limit, show)}`;
}

interface Summand {
  readonly asked: number;
  readonly what: string;
  readonly note: string;
  readonly show: Show;
}

/** "GPUs at once: 1 held + 2 asked = 3 of 4 (everybody’s limit): fits." */
function sum(name: string, before: number, { asked, what: had, note, show }: Summand, limit: Bound): string {
  const total = before + asked;
  return `${name}: ${show(before)} ${had} + ${show(asked)} asked${note} = ${show(total)}${verdict(total, limit, show)}`;
}

/** " (2 GPUs × 6 h × rate 1.5)", with the roundest rate that comes to this charge. */
function product({ capacityMilli, chargeMilli: charge, durationSeconds }: WhyView): string {
  const exact = Math.round((charge * 1000) / capacityMilli);
  const rates = [1000, 100, 10].map((step) => Math.round(exact / step) * step);
  const rate = rates.find((one) => chargeMilli(capacityMilli, one) === charge) ?? exact;
  return ` (${gpus(capacityMilli)} × ${hours(durationSeconds * 1000)} h${rate === 1000 ? '' : ` × rate ${formatMilli(rate)}`})`;
}

const STEPS_MAX = 12;
const FIRST_STEPS = 4;

/** How it began and how it ended; what is left out in between is said. */
function steps(history: WhyView['history'], zone: string): string[] {
  const lines = history.map((step) => `• ${when(step.at, zone)}: ${stepWords(step)}`);
  const rest = lines.length - STEPS_MAX;
  return rest <= 0 ? lines : [...lines.slice(0, FIRST_STEPS), `and ${rest} more steps`, ...lines.slice(FIRST_STEPS + rest)];
}

function stepWords({ event, actor, reason, place }: WhyView['history'][number]): string {
  const by = byWhom(actor);
  switch (event) {
    case 'request':
      return `asked for by ${by}`;
    case 'approve':
      return `approved by ${by}`;
    case 'deny':
      return `denied by ${by}${reason === null ? '' : `: ${plainQuote(reason)}`}`;
    case 'lapse':
      return `lapsed: ${whyLapsed(reason)}`;
    case 'cancel':
      return `cancelled by ${by}`;
    case 'place':
      return place === null
        ? 'placed'
        : `placed on ${code(place.host)}${whyThere(place.because)}${place.devices.length === 0 ? '' : `: ${all(deviceNames(place.devices))}`}`;
    case 'started':
      return `started, says ${by}`;
    case 'failed':
      return `could not be started: ${reason === 'image_missing' ? 'its image is not there' : whyFailed(reason, '', actor.replace(/^host:/, ''))}`;
    case 'extend':
      return `extended by ${by}`;
    case 'retire':
      return `told to stop by ${by}: ${whyEnded(reason)}`;
    case 'freed':
      return `gone, and its GPUs free, says ${by}`;
  }
}

const choices: Readonly<Record<HostChoice, string>> = {
  named: ', as the request said',
  only_one: ', the only host with room for it',
  workspace: ', where its holder worked last',
  best_fit: ', which it fills best, so that bigger ones stay whole',
  fewest_containers: ', the host with the fewest containers',
};

function whyThere(choice: HostChoice | null): string {
  return choice === null ? '' : choices[choice];
}

function deviceNames(devices: readonly string[]): string[] {
  const rest = devices.length - 8;
  return [...devices.slice(0, 8).map((device) => code(device, 50)), ...(rest > 0 ? [`${rest} more`] : [])];
}

/** What was held of each account, and what became of it; what only moved into a new period is counted once. */
function costs({ entries, holder, chargeMilli: charge }: WhyView): string[] {
  if (entries.length === 0) return [charge === 0 ? 'It costs no GPU-hours.' : 'No GPU-hours were held for it.'];
  return [...new Set(entries.map(({ account }) => account))].map((account) => {
    const own = entries.filter((entry) => entry.account === account);
    const total = (wanted: readonly (typeof own)[number][]) => wanted.reduce((amount, entry) => amount + entry.amount, 0);
    const held = own.filter(({ kind }) => kind === 'hold');
    const moved = total(held.filter(({ reason }) => reason === 'new_period'));
    const used = total(own.filter(({ kind }) => kind === 'post'));
    const back = total(own.filter(({ kind }) => kind === 'void')) - moved;
    const open = total(held) - moved - used - back;
    const whose = account.startsWith('team:') ? `team ${code(account.slice('team:'.length))}` : person(holder);
    const parts = [
      `held ${hours(total(held) - moved)}`,
      ...(used > 0 ? [`used ${hours(used)}`] : []),
      ...(back > 0 ? [`given back ${hours(back)}`] : []),
    ];
    const carried = moved > 0 ? ` ${hours(moved)} of it went over into a new period.` : '';
    const rest = open > 0 ? ` Still held until it ends: ${hours(open)}; what it does not use is given back.` : '';
    return `GPU-hours of ${whose}: ${parts.join(', ')}.${carried}${rest}`;
  });
}
