// Where a limit comes from, in words that say whom to ask.
import type { LimitSource } from '../../domain/quota.ts';
import { parseMoment } from '../../domain/time.ts';
import { byWhom, code, person, quoted, when } from './common.ts';

/** As in "your limit (team `vision`) is 4". `whose`: the member it is about, or null when that is the reader. */
export function sourceWords(source: LimitSource, zone: string, whose: string | null = null): string {
  switch (source.layer) {
    case 'default':
      return 'everybody’s limit';
    case 'team':
      return `team ${code(source.team)}`;
    case 'member':
      return `set for ${whose === null ? 'you' : person(whose)} in the policy`;
    case 'override': {
      const until = source.until === null ? '' : ` until ${when(parseMoment(source.until), zone)}`;
      const reason = source.reason === '' ? '' : `: ${plainQuote(source.reason)}`;
      return `set by ${byWhom(source.by)}${until}${reason}`;
    }
  }
}

/** A reason inside a sentence: a backtick in it must not pair with one of ours. */
export function plainQuote(reason: string): string {
  return quoted(reason).replaceAll('`', "'");
}
