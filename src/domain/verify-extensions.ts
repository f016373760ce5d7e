// Verifies extensions, one after the other: the week's allowance of each member, and how long a lease may be from then on. Pure.
import { periodAt } from './journal.ts';
import { parseMoment, secondsBetween } from './time.ts';
import { hasExtensionBasis, type ExtensionDetail, type GaugeChange } from './verify.ts';

type Extension = Pick<GaugeChange, 'at' | 'detail'> & { readonly memberId: number };

/** Takes a member's extensions in their order, those from before their numbers were kept as well. What is wrong, or null. */
export function checkExtensions(): (extension: Extension) => string | null {
  /** Seconds by member and week. */
  const extended = new Map<number, Map<number, number>>();

  return ({ memberId, at, detail }) => {
    const week = periodAt('week', at).start.getTime();
    const weeks = extended.get(memberId) ?? new Map<number, number>();
    extended.set(memberId, weeks);
    // Those of later weeks too: the clock may have been set back.
    const before = [...weeks].reduce((sum, [start, seconds]) => sum + (start >= week ? seconds : 0), 0);
    const { seconds = 0 } = detail as { readonly seconds?: number };
    weeks.set(week, (weeks.get(week) ?? 0) + seconds);
    return hasExtensionBasis(detail) ? beyond(detail, `member:${memberId}`, before, at) : null;
  };
}

function beyond({ seconds, endsAt, limits, ...kept }: ExtensionDetail, who: string, before: number, at: Date): string | null {
  if (kept.extendedSeconds !== before) return `${who} was read as extended by ${kept.extendedSeconds} seconds; the events give ${before}`;
  if (kept.perWeek !== null && before + seconds > kept.perWeek)
    return `${who} extended by ${before + seconds} of ${kept.perWeek} seconds in a week`;
  const most = Math.min(kept.maxDurationSeconds, limits.maxDuration.value ?? Number.POSITIVE_INFINITY);
  const asked = secondsBetween(at, parseMoment(endsAt));
  return asked > most ? `${who} at ${asked} of ${most} seconds in one lease` : null;
}
