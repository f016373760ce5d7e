// Small words that every surface shares; whatever comes from people, hosts or images is escaped and cut here.
import { formatMilli } from '../../domain/capacity.ts';
import { CPU_POOL } from '../../domain/policy.ts';
import { sayMoment } from '../../domain/time-words.ts';

/** Somebody else's text inside ours: nothing in it is a mention, a link or a command, and it is cut to `max` characters. */
export function quoted(text: string, max = 200): string {
  const flat = text.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, ' ').trim();
  const characters = Array.from(flat);
  const cut = characters.length <= max ? flat : `${characters.slice(0, max - 1).join('')}…`;
  return cut.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** A name in code type, with the backticks that would end it taken out. */
export function code(text: string, max = 120): string {
  return `\`${quoted(text, max).replaceAll('`', "'")}\``;
}

export function person(user: string): string {
  return `<@${user}>`;
}

/** A user, or a user group. */
export function mention(id: string): string {
  return id.startsWith('S') ? `<!subteam^${id}>` : person(id);
}

/** A moment in the reader's own zone; the fallback names the zone it is in. */
export function when(at: Date, zone: string): string {
  return `<!date^${Math.floor(at.getTime() / 1000)}^{date_short_pretty} {time}|${sayMoment(at, zone)}>`;
}

/** "2 × a100", "1 × a100", "a CPU container". */
export function what(pool: string, devices: number): string {
  return pool === CPU_POOL ? 'a CPU container' : `${devices} × ${quoted(pool, 41)}`;
}

export function gpus(milli: number): string {
  return `${formatMilli(milli)} GPU${milli === 1000 ? '' : 's'}`;
}

/** "a, b or c". */
export function oneOf(names: readonly string[], show: (name: string) => string = code): string {
  const shown = names.slice(0, 12).map(show);
  const last = shown.pop();
  if (last === undefined) return 'none';
  return shown.length === 0 ? last : `${shown.join(', ')} or ${last}`;
}

/** " Did you mean `h200`?", or nothing. */
export function didYouMean(nearest: string | null): string {
  return nearest === null ? '' : ` Did you mean ${code(nearest)}?`;
}

/** A request that is understood where there is such a pool; `rest`: its time and purpose. */
export function requestExample(pool: string, rest = 'for 2h -- fine-tune'): string {
  return `\`/gpu request ${pool === CPU_POOL ? '' : '1 '}${quoted(pool, 41)} ${rest}\``;
}

/** Who or what made a change, from the ledger's actor. */
export function byWhom(actor: string): string {
  const [kind, name = ''] = actor.split(/:(.*)/s);
  if (kind === 'member') return person(name);
  if (kind === 'host') return `the host ${code(name)}`;
  return kind === 'clock' ? 'the clock' : 'the scheduler';
}
