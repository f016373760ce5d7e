// What was not understood in an admin's command: which words, what would have been, one example.
import type { AdminProblem, AdminVerb } from '../../domain/grammar/admin-ask.ts';
import { code } from './common.ts';

const EXAMPLES: Readonly<Record<AdminVerb, string>> = {
  quota: '/gpu admin quota @ada 4 gpus for 2 weeks -- deadline',
  grant: '/gpu admin grant @ada 20 gpu-hours -- paper deadline',
};

export const ADMIN_EXAMPLES: readonly string[] = [EXAMPLES.quota, EXAMPLES.grant];

export function adminProblemWords(problem: AdminProblem): string {
  const verb = 'verb' in problem ? problem.verb : problem.code === 'unknown_verb' ? problem.nearest : null;
  return `${sentence(problem)} Nothing was changed. Example: \`${exampleOf(problem, verb ?? 'quota')}\``;
}

function exampleOf({ code: problem }: AdminProblem, verb: AdminVerb): string {
  if (problem === 'end_of_default') return '/gpu admin quota @ada gpus default';
  return problem === 'bad_duration' ? '/gpu admin quota @ada 2 days per lease for 1 month -- long runs' : EXAMPLES[verb];
}

function sentence(problem: AdminProblem): string {
  switch (problem.code) {
    case 'empty':
      return 'Tell me what to change: `quota` for a limit of one member, `grant` for more GPU-hours in this period.';
    case 'too_long':
      return `The ${problem.what} has ${problem.length} characters; I read at most ${problem.max}.`;
    case 'unclosed_quote':
      return `A quote is opened and not closed: ${code(problem.typed)}.`;
    case 'unknown_verb': {
      const meant = problem.nearest === null ? 'I know `quota` and `grant`.' : `Did you mean \`${problem.nearest}\`?`;
      return `I do not know ${code(problem.typed)}. ${meant}`;
    }
    case 'no_member':
      return problem.typed === null
        ? `Name the member after \`${problem.verb}\`, as a mention.`
        : `${code(problem.typed)} is no member that Slack told me of; pick the name from Slack’s list, so that it becomes a mention.`;
    case 'no_amount':
      return problem.verb === 'grant'
        ? 'Say how many GPU-hours.'
        : 'Say which limit, and how much: `4 gpus`, `2 gpus per request`, `3 cpu containers`, `200 gpu-hours` or `2 days per lease`.';
    case 'unknown_limit':
      return problem.verb === 'grant'
        ? `I did not understand ${code(problem.typed)}; a grant is a number of GPU-hours, and its reason goes after \`--\`.`
        : `I did not understand ${code(problem.typed)}. The limits are \`gpus\`, \`gpus per request\`, \`cpu containers\`, \`gpu-hours\` and a duration \`per lease\`; a reason goes after \`--\`.`;
    case 'bad_number':
      return badNumber(problem);
    case 'bad_duration':
      return `${code(problem.typed)} is no duration of a lease; write for example \`6h\` or \`2 days\`, at most 366 days.`;
    case 'bad_end':
      return `${code(problem.typed)} ${endWords[problem.why]}`;
    case 'end_of_default':
      return `With \`default\` the policy’s limit holds again at once and for good, so ${code(problem.typed)} does not fit there.`;
    case 'no_reason':
      return 'Say why, after `--`; the member is told the reason, and it is kept.';
  }
}

function badNumber({ verb, typed, limit, max }: Extract<AdminProblem, { code: 'bad_number' }>): string {
  const most = max.toLocaleString('en').replaceAll(',', ' ');
  if (verb === 'grant')
    return `${code(typed)} is no number of GPU-hours to grant; write up to ${most}, but not 0, and \`-5\` to take 5 away.`;
  if (limit === 'cpuContainers') return `${code(typed)} is no number of containers; write a whole number from 0 to ${most}.`;
  const what = limit === 'gpuHours' ? 'GPU-hours' : 'GPUs';
  return `${code(typed)} is no number of ${what}; write 0 to ${most}, with at most three decimals, as in \`1.5\`.`;
}

const endWords: Readonly<Record<Extract<AdminProblem, { code: 'bad_end' }>['why'], string>> = {
  no_duration: 'is no duration I know; write `for 2 weeks`, and the reason after `--`.',
  no_time: 'is no end I know; write `until fri 18:00`, and the reason after `--`.',
  past: 'has passed already.',
  too_far: 'is more than 366 days away; leave the end out for a limit that stays until it is taken back.',
  relative: 'is a duration; write it with `for`, as in `for 2 weeks`.',
  ambiguous_date: 'could be two different days; write the month as a word, as in `until 6 may`.',
  zone: 'names another time zone; I read times in your own, or with `UTC`.',
};
