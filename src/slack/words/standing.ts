// Where somebody stands, who waits for whom, and what the devices of a pool do: numbers of the ledger as sentences.
import { formatMilli } from '../../domain/capacity.ts';
import { CPU_POOL } from '../../domain/policy.ts';
import type { Limit } from '../../domain/quota.ts';
import type { Holding } from '../../domain/refusal.ts';
import type { DeviceView, PoolQueueView, QueuedView, QuotaView, TeamStanding } from '../../domain/standing-views.ts';
import { sayDuration } from '../../domain/time-words.ts';
import { parseMoment } from '../../domain/time.ts';
import { code, gpus, person, what, when } from './common.ts';
import { sourceWords } from './limits.ts';

/** Lines that belong together, their heading first. */
export type Paragraph = readonly string[];

/** To a hundredth: the parts of a sum are shown with it, and quarters of an hour are common. */
export function hours(milliSeconds: number): string {
  const hundredths = Math.round(Math.abs(milliSeconds) / 36_000);
  if (hundredths === 0) return milliSeconds === 0 ? '0' : 'less than 0.01';
  return `${milliSeconds < 0 ? '−' : ''}${formatMilli(hundredths * 10)}`;
}

/** "a, b and c". */
export function all(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}

const LISTED_MAX = 10;

/** The first ten, and how many more there are. */
function listed<T>(items: readonly T[], show: (item: T) => string, more = ''): string[] {
  const rest = items.length - LISTED_MAX;
  return [...items.slice(0, LISTED_MAX).map(show), ...(rest > 0 ? [`and ${rest} more${more}`] : [])];
}

/** The lines that fit into so many characters, separators of up to three counted; from the first one on. */
export function fitting(lines: readonly string[], max: number): string[] {
  let length = 0;
  const tooMuch = lines.findIndex((line) => {
    length += line.length + 3;
    return length > max;
  });
  return tooMuch < 0 ? [...lines] : lines.slice(0, tooMuch);
}

/** A limit, and where it comes from as " (…)". */
export interface Bound {
  readonly value: number | null;
  readonly from: string;
}

export type Show = (value: number) => string;

function share(name: string, use: number, { value, from }: Bound, show: Show): string {
  return value === null ? `${name}: ${show(use)} used, no limit.` : `${name}: ${show(use)} of ${show(value)} used${from}.`;
}

export function most(name: string, { value, from }: Bound, show: Show, none = 'no limit'): string {
  return value === null ? `${name}: ${none}.` : `${name}: at most ${show(value)}${from}.`;
}

/** A budget with a grant in it can have more left than its limit. */
function budget(name: string, committed: number, { value, from }: Bound, refill: string): string {
  if (value === null) return `${name}: ${hours(Math.max(0, committed))} used or held, no limit.`;
  const left = value - committed;
  if (committed < 0) return `${name}: ${hours(left)} left of ${hours(value)}${from}, since an admin granted more; ${refill}.`;
  const rest = left < 0 ? `none left, ${hours(-left)} too many` : left === 0 ? 'none left' : `${hours(left)} left`;
  return `${name}: ${hours(committed)} of ${hours(value)} used or held${from}; ${rest}, ${refill}.`;
}

export function silent(milli: number): string {
  if (milli === 0) return '';
  return milli === 1000 ? ' 1 GPU on a host that is silent is not counted.' : ` ${gpus(milli)} on hosts that are silent are not counted.`;
}

const GIVE_BACK = '`/gpu release` gives something back, and the GPU-hours it still holds. ';

/** `reader`: Slack user id; `zone`: theirs. */
export function quotaWords(view: QuotaView, zone: string, reader: string): Paragraph[] {
  const { member } = view;
  if (member === null) return limitsWords(view, zone, reader);
  const { user, holding } = member;
  const own = user === reader;
  return [
    ...limitsWords(view, zone, reader),
    [
      `*Held by ${own ? 'you' : person(user)}*`,
      ...(holding.length === 0 ? ['Nothing.'] : listed(holding, (held) => holdingLine(held, zone))),
    ],
    ...(own ? [[`${holding.length === 0 ? '' : GIVE_BACK}To have more than your limits, ask an admin.`]] : []),
  ];
}

/** The limits alone, and what is used of them. */
export function limitsWords(view: QuotaView, zone: string, reader: string): Paragraph[] {
  const { member, team, period, refillsAt, policyVersion } = view;
  const name = `GPU-hours this ${period}`;
  const refill = `filled again ${when(refillsAt, zone)}`;
  const version = `version ${policyVersion} of the policy`;
  const teamLines = ({ limits, use }: TeamStanding) => [
    share('GPUs at once', use.heldMilli, { value: limits.gpus, from: '' }, formatMilli) + silent(use.silentMilli),
    budget(name, use.committed, { value: limits.gpuHours, from: '' }, refill),
  ];
  if (member === null) {
    return team === null
      ? [['There is no quota to show.']]
      : [[`*Team ${code(team.name)}*, all members together (${version})`, ...teamLines(team)]];
  }
  const { user, limits, use, cpuContainers } = member;
  const own = user === reader;
  const bound = ({ value, source }: Limit): Bound => ({ value, from: ` (${sourceWords(source, zone, own ? null : user)})` });
  return [
    [
      `*${own ? 'Your quota' : `Quota of ${person(user)}`}* (${version})`,
      share('GPUs at once', use.heldMilli, bound(limits.gpus), formatMilli) + silent(use.silentMilli),
      most('GPUs per request', bound(limits.gpusPerRequest), formatMilli),
      most('Time per lease', bound(limits.maxDuration), sayDuration, 'no limit but the pool’s own'),
      budget(name, use.committed, bound(limits.gpuHours), refill),
      share('CPU containers', cpuContainers, bound(limits.cpuContainers), String),
    ],
    team === null
      ? [`No team pays for ${own ? 'you' : person(user)}, so no other limit counts.`]
      : [`*Team ${code(team.name)}*, which pays, all members together`, ...teamLines(team)],
  ];
}

function holdingLine({ id, pool, devices, state, leaseEndsAt }: Holding, zone: string): string {
  const until = leaseEndsAt === null ? (holdingWords[state] ?? state) : `until ${when(parseMoment(leaseEndsAt), zone)}`;
  return `• ${code(id)}: ${what(pool, devices)}, ${until}`;
}

const holdingWords: Partial<Record<Holding['state'], string>> = {
  requested: 'waiting for an approval',
  queued: 'waiting for a place',
  placed: 'starting',
  active: 'running',
  retiring: 'stopping',
};

/** One pool: who waits, in their order, and who holds what until when. */
export function poolQueueWords(view: PoolQueueView, zone: string, reader: string): Paragraph {
  return [...waitingLines(view, zone, reader), ...heldLines(view, zone, reader)];
}

function waitingLines({ pool, waiting }: PoolQueueView, zone: string, reader: string): string[] {
  if (waiting.length === 0) return [`*${code(pool)}*: nobody waits.`];
  // Whoever asks finds their own, however long the line is.
  const shown = waiting.filter(({ holder }, index) => index < LISTED_MAX || holder === reader).slice(0, 2 * LISTED_MAX);
  const rest = waiting.length - shown.length;
  return [
    `*${code(pool)}*: ${waiting.length === 1 ? '1 request waits' : `${waiting.length} requests wait`}:`,
    ...shown.map((one) => {
      const who = one.holder === reader ? 'you' : person(one.holder);
      const wanted = `${what(pool, one.devices)} for ${sayDuration(one.durationSeconds)}`;
      return `${one.position}. ${who}, ${wanted} (${code(one.id)}): ${startWords(one, zone)}`;
    }),
    ...(rest > 0 ? [`and ${rest} more who wait`] : []),
  ];
}

function heldLines({ pool, held }: PoolQueueView, zone: string, reader: string): string[] {
  if (pool === CPU_POOL) return [];
  if (held.length === 0) return ['Nobody holds any of it.'];
  const line = ({ id, holder, host, devices, endsAt }: (typeof held)[number]) => {
    const end = endsAt === null ? 'nobody knows until when' : `until ${when(endsAt, zone)}`;
    return `• ${holder === reader ? 'you' : person(holder)}: ${devices} on ${code(host)}, ${end} (${code(id)})`;
  };
  return ['Held now:', ...listed(held, line, ' who hold some')];
}

/** The earliest start, and whom it waits for. */
export function startWords({ startsAt, host, waitsFor }: QueuedView, zone: string): string {
  if (startsAt === null) return 'its start cannot be told yet';
  const why = waitsFor.length === 0 ? '' : `; waits for ${all(waitsFor.map((id) => code(id)))} to end`;
  return `earliest start ${when(startsAt, zone)}${host === null ? '' : ` on ${code(host)}`}${why}`;
}

const GRID_HOSTS_MAX = 20;
const GRID_LINE_MAX = 900;
const GRID_MAX = 2800;

/** One line for each host of a pool, at most 20 and together within a section; ends of leases are left out before hosts are. */
export function gridLines(pool: string, devices: readonly DeviceView[], zone: string): string[] {
  const hosts = [...new Set(devices.map(({ host }) => host))].toSorted();
  const draw = (ends: string | null) => hosts.slice(0, GRID_HOSTS_MAX).map((host) => hostLine(host, devices, ends));
  const full = draw(zone);
  const lines = fitting(full, GRID_MAX).length === full.length ? full : fitting(draw(null), GRID_MAX);
  const rest = hosts.length - lines.length;
  return rest > 0 ? [...lines, `and ${rest} more hosts with ${code(pool, 41)}`] : lines;
}

/** "`gpu-01`: GPU 0–2 free · 3 @ada until Fri 18:00"; neighbours in the same condition are told together. `zone` null: without ends. */
function hostLine(host: string, devices: readonly DeviceView[], zone: string | null): string {
  const own = devices.filter((device) => device.host === host).toSorted((a, b) => a.index - b.index);
  const runs: { words: string; from: number; to: number; count: number }[] = [];
  for (const device of own) {
    const words = conditionWords(device, zone);
    const last = runs.at(-1);
    if (last?.words !== words || device.index > last.to + 1) runs.push({ words, from: device.index, to: device.index, count: 1 });
    else [last.to, last.count] = [device.index, last.count + 1];
  }
  const parts = runs.map(({ words, from, to, count }) => {
    // Slices of a card share its index.
    const slices = count === to - from + 1 ? '' : ` (${count} slices)`;
    return `${from === to ? from : `${from}–${to}`}${slices} ${words}`;
  });
  const shown = fitting(parts, GRID_LINE_MAX);
  const rest = parts.length - shown.length;
  return `${code(host, 63)}: GPU ${shown.join(' · ')}${rest > 0 ? ` · and ${rest} more` : ''}`;
}

function conditionWords({ condition, holder, leaseEndsAt }: DeviceView, zone: string | null): string {
  switch (condition) {
    case 'free':
      return 'free';
    case 'leased': {
      const end = leaseEndsAt === null || zone === null ? '' : ` until ${when(leaseEndsAt, zone)}`;
      return `${holder === null ? 'leased' : person(holder)}${end}`;
    }
    case 'occupied':
      return 'used outside Berth';
    case 'suspect':
      return 'not known to be free';
    case 'draining':
      return 'draining, takes nothing new';
    case 'observed':
      return 'observed, starts nothing yet';
    case 'unreachable':
      return 'not reachable';
  }
}
