// The window that asks for GPUs: its fields, and what it says about a request before it is sent.
import { formatMilli } from '../../domain/capacity.ts';
import type { LengthChoice, LengthProblem } from '../../domain/grammar/length.ts';
import { CPU_POOL } from '../../domain/policy.ts';
import type { Refusal } from '../../domain/refusal.ts';
import type { Limit } from '../../domain/quota.ts';
import { startsNow, type Foreseen, type PoolChoice, type RequestPreview } from '../../domain/request-preview.ts';
import { sayDuration, sayMoment } from '../../domain/time-words.ts';
import { plusSeconds } from '../../domain/time.ts';
import { code, mention, oneOf, quoted, what, when } from './common.ts';
import { sourceWords } from './limits.ts';
import { problemSentence } from './problems.ts';
import { refusalWords } from './refusals.ts';
import { hours } from './standing.ts';

type Granted = Extract<Foreseen, { kind: 'granted' }>;

export const formWords = {
  title: 'Ask for GPUs',
  close: 'Cancel',
  open: 'Ask for GPUs',
  loading: 'I am looking up what is free…',
  notLoaded: 'I could not look up what is free. Close this window: what went wrong is in a message to you.',
  pool: 'Pool',
  devices: 'How many GPUs',
  length: 'For how long',
  time: 'Or type how long, or until when',
  timeHint: 'For example 90m, 2 days, tonight or fri 18:00; press Enter to see what comes of it. It counts instead of the choice above.',
  image: 'Image',
  split: 'Sooner',
  purpose: 'What for',
  purposeHint: 'Whoever approves it reads this.',
} as const;

export function poolOption({ name, free, total }: PoolChoice): string {
  if (name === CPU_POOL) return 'cpu: a container without a GPU';
  return total === 0 ? `${name}: no host offers it` : `${name}: ${free} of ${total} free`;
}

export function lengthOption(choice: LengthChoice, zone: string): string {
  if (choice.kind === 'for') return sayDuration(choice.seconds);
  const end = sayMoment(choice.until, zone).replace(/ \(.*\)$/, '');
  return { tonight: `Tonight, until ${end}`, friday: `Until Friday evening, ${end}`, chosen: `Until ${end}` }[choice.called];
}

export function splitOption(now: number, rest: number): string {
  return `Start ${now} now without an approval, and ask for the other ${rest}`;
}

/** On the button that sends it: what it does. */
export function submitLabel(preview: RequestPreview, split: boolean): string {
  const { foreseen, at } = preview;
  if (foreseen === null || foreseen.kind === 'refused') return 'Send request';
  if (split && foreseen.part !== null) return `Start ${foreseen.part}, ask for ${foreseen.devices - foreseen.part}`;
  if (foreseen.approval !== null) return 'Ask for approval';
  return startsNow(foreseen.place, at) ? 'Start now' : 'Get in line';
}

/** `zone`: the asker's; `split`: as two requests. */
export function previewWords(preview: RequestPreview, zone: string, split: boolean): string {
  const { foreseen } = preview;
  if (foreseen === null)
    return [
      '*Not understood yet.* Put right what is marked above, and I say here what would happen.',
      ...standing(preview, 0, 0, zone),
    ].join('\n');
  if (foreseen.kind === 'refused')
    return ['*As it stands I would refuse this*, for the reason above.', ...standing(preview, 0, 0, zone)].join('\n');
  const part = split ? foreseen.part : null;
  return [
    part === null ? headline(foreseen, preview, zone) : splitHeadline(foreseen, part),
    freeWords(preview, foreseen),
    ...standing(preview, foreseen.capacityMilli, foreseen.cost, zone),
    approvalWords(foreseen, zone),
    endWords(foreseen, preview.at, zone),
  ].join('\n');
}

function headline(foreseen: Granted, { at }: RequestPreview, zone: string): string {
  const { pool, devices, place, approval } = foreseen;
  const head = `*${what(pool, devices)}*`;
  if (startsNow(place, at))
    return approval === null ? `${head} starts now, without an approval.` : `${head} starts as soon as it is approved, as things are now.`;
  const line = place.ahead === 0 ? 'would be first in line' : `would be in line behind ${place.ahead}`;
  const start =
    place.startsAt === null
      ? 'when it starts cannot be told from the lease ends that are known'
      : `by the lease ends that are known it starts ${when(place.startsAt, zone)}`;
  return `${head} ${line}${approval === null ? '' : ', once approved'}; ${start}.`;
}

function splitHeadline({ pool, devices }: Granted, part: number): string {
  return `*${what(pool, part)}* starts now, without an approval. *${what(pool, devices - part)}* waits for one; these are two requests, and two containers.`;
}

function freeWords({ pools }: RequestPreview, { pool }: Granted): string {
  const found = pools.find(({ name }) => name === pool);
  if (found === undefined || pool === CPU_POOL) return `${code(pool)} needs no GPU.`;
  return `Free now: ${found.free} of ${found.total} ${code(pool)}.`;
}

/** Limits, with what is used before and after. */
function standing(preview: RequestPreview, capacityMilli: number, cost: number, zone: string): string[] {
  const { gpus, gpuHours, use, team, period, refillsAt } = preview;
  const from = ({ source }: Limit) => ` (${sourceWords(source, zone)})`;
  const atOnce = (name: string, held: number, limit: number | null, source: string) =>
    `${name}: ${change(formatMilli(held), formatMilli(held + capacityMilli))}${limit === null ? ', no limit' : ` of ${formatMilli(limit)}`}${source}.`;
  const budget = (name: string, used: number, limit: number | null, source: string) =>
    `${name}: ${change(hours(used), hours(used + cost))}${limit === null ? ', no limit' : ` of ${hours(limit)}`}${source}${limit === null ? '' : `; filled again ${when(refillsAt, zone)}`}.`;
  return [
    atOnce('Your GPUs at once', use.heldMilli, gpus.value, from(gpus)),
    budget(`Your GPU-hours this ${period}`, use.committed, gpuHours.value, gpuHours.value === null ? '' : from(gpuHours)),
    ...(team === null || team.limits.gpus === null
      ? []
      : [atOnce(`GPUs of ${code(team.name)} at once`, team.use.heldMilli, team.limits.gpus, '')]),
    ...(team === null || team.limits.gpuHours === null
      ? []
      : [budget(`GPU-hours of ${code(team.name)} this ${period}`, team.use.committed, team.limits.gpuHours, '')]),
  ];
}

function change(before: string, after: string): string {
  return before === after ? before : `${before} → ${after}`;
}

function approvalWords({ approval }: Granted, zone: string): string {
  if (approval === null) return 'Nobody has to approve it.';
  const { approvers, opensAt, hours: worked, lapsesAt } = approval;
  const hoursWords =
    worked === undefined
      ? ''
      : ` They answer ${worked.from} to ${worked.to} (${worked.zone})${opensAt === null ? ', so now' : `, next from ${when(opensAt, zone)}`}.`;
  return `Asked is ${oneOf(approvers, mention)}.${hoursWords} Unanswered it lapses ${when(lapsesAt, zone)}.`;
}

/** The parsed end, in the asker's zone. */
function endWords({ until, durationSeconds }: Granted, at: Date, zone: string): string {
  if (until !== null) return `It ends ${sayMoment(until, zone)}, whenever it starts.`;
  return `Its ${sayDuration(durationSeconds)} begin when the container runs; started now, it would end ${sayMoment(plusSeconds(at, durationSeconds), zone)}.`;
}

const ACCEPTED = 'Write how long, such as `6h`, `90m` or `2 days`, or until when, such as `fri 18:00` or `tonight`.';

export function lengthProblemWords(problem: LengthProblem, zone: string): string {
  // These two say it themselves.
  if (problem.code === 'bad_duration' || problem.code === 'bad_time') return problemSentence(problem, zone);
  if (problem.code !== 'not_understood') return `${problemSentence(problem, zone)} ${ACCEPTED}`;
  const meant = problem.nearest === null ? '' : ` Did you mean ${code(problem.nearest)}?`;
  return `I did not understand ${code(problem.typed)}.${meant} ${ACCEPTED}`;
}

export function countProblemWords(typed: string, max: number): string {
  return `${code(typed, 40)} is no number of GPUs; choose from 1 to ${max}.`;
}

export function choiceProblemWords(typed: string): string {
  return `${code(typed, 40)} is not among the choices. ${ACCEPTED}`;
}

export function purposeProblemWords(length: number, max: number): string {
  return `This has ${length} characters; I keep at most ${max}. Say it shorter, for example “${quoted('fine-tune of run 12')}”.`;
}

/** A refusal before anything was asked: nobody has been told of it. */
export function foreseenRefusal(refusal: Refusal, zone: string): string {
  if (refusal.code !== 'no_approver') return refusalWords(refusal, zone);
  return `${code(refusal.pool)} needs an approval, and the policy names nobody who could give it to you. Choose another pool, or ask an admin.`;
}
