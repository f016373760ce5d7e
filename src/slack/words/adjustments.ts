// What an admin changed of somebody's limits, for the admin and for the one it is about.
import { formatGpuHours, formatMilli } from '../../domain/capacity.ts';
import type { LimitsChanged } from '../../domain/letter-view.ts';
import type { LimitChange } from '../../domain/outcome.ts';
import type { LimitName } from '../../domain/quota.ts';
import { sayDuration } from '../../domain/time-words.ts';
import { parseMoment } from '../../domain/time.ts';
import { person, quoted, when } from './common.ts';

export const limitNames: Readonly<Record<LimitName, string>> = {
  gpus: 'GPUs at once',
  gpusPerRequest: 'GPUs per request',
  cpuContainers: 'CPU containers',
  maxDuration: 'time per lease',
  gpuHours: 'GPU-hours per period',
};

/** A limit in the words of its unit. */
function limitValue(limit: LimitName, value: number): string {
  switch (limit) {
    case 'gpus':
    case 'gpusPerRequest':
      return formatMilli(value);
    case 'cpuContainers':
      return String(value);
    case 'maxDuration':
      return sayDuration(value);
    case 'gpuHours':
      return formatGpuHours(value);
  }
}

/** The answer to the admin. */
export function adjustedWords(change: LimitChange, zone: string): string {
  return `Done: ${whatChanged(change, `${person(change.user)}’s`, zone)} It counts from the next request on; \`/gpu quota\` shows it.`;
}

/** To the member. */
export function limitsChangedWords({ change, by, reason, zone }: LimitsChanged): string {
  const why = reason === null ? '' : ` Reason: ${quoted(reason)}`;
  return `${person(by)} changed what you may have: ${whatChanged(change, 'your', zone)}${why} \`/gpu quota\` shows all of it.`;
}

function whatChanged({ change, limit, value, until }: LimitChange, whose: string, zone: string): string {
  if (limit === null) {
    const amount = value ?? 0;
    return `${whose} budget of this period has ${formatGpuHours(Math.abs(amount))} GPU-hours ${amount < 0 ? 'less' : 'more'}.`;
  }
  if (change === 'revoke_override' || value === null) return `${whose} limit of ${limitNames[limit]} is the policy’s again.`;
  const end = until === null ? 'until it is taken back' : `until ${when(parseMoment(until), zone)}`;
  return `${whose} limit of ${limitNames[limit]} is ${limitValue(limit, value)}, ${end}.`;
}
