// What was not understood in a typed request: which words, what would have been, one example.
import type { AskProblem, Part } from '../../domain/grammar/problem.ts';
import { sayDuration } from '../../domain/time-words.ts';
import { code, didYouMean, oneOf, requestExample, when } from './common.ts';

/** `pool`: a pool that exists, for the example. */
export function problemWords(problem: AskProblem, zone: string, pool: string): string {
  return `${problemSentence(problem, zone)} Example: ${requestExample(pool)}`;
}

/** After `extend`. */
export function extensionProblem(typed: string): string {
  return `I did not understand ${code(typed)} after \`extend\`; write how much longer, or until when. Example: \`/gpu extend 4h\`, or \`/gpu extend al-7k3q9xwd until fri 18:00\``;
}

/** Without the example of a whole request. */
export function problemSentence(problem: AskProblem, zone: string): string {
  switch (problem.code) {
    case 'empty':
      return 'Tell me what you need: how many, of which pool, for how long and why.';
    case 'too_long':
      return `The ${problem.what} has ${problem.length} characters; I read at most ${problem.max}. Nothing was requested.`;
    case 'no_pool_named':
      return `I did not find how many GPUs of which pool. The pools are ${oneOf(problem.pools)}.`;
    case 'unknown_words': {
      const words = problem.words.slice(0, 8).map((word) => code(word));
      const near = problem.nearest.slice(0, 3).map(({ word, suggestion }) => `${code(suggestion)} for ${code(word)}`);
      return `I did not understand ${words.join(', ')}.${near.length === 0 ? '' : ` Did you mean ${near.join(', ')}?`} A purpose goes after \`--\`.`;
    }
    case 'unknown_pool':
      return `There is no pool ${code(problem.name)}.${didYouMean(problem.nearest)} The pools are ${oneOf(problem.pools)}.`;
    case 'unknown_image':
      return `There is no image ${code(problem.name)}.${didYouMean(problem.nearest)} The images are ${oneOf(problem.images)}.`;
    case 'unknown_host':
      return `There is no host ${code(problem.name)}.${didYouMean(problem.nearest)} The hosts are ${oneOf(problem.hosts)}.`;
    case 'bad_count':
      return problem.max === 1
        ? `${code(problem.typed)} does not fit: \`cpu\` is one container, without a number.`
        : `${code(problem.typed)} is no number of GPUs; write a whole number from 1 to ${problem.max}.`;
    case 'bad_memory':
      return `${code(problem.typed)} is no amount of memory; write for example \`24gb\`.`;
    case 'memory_too_large': {
      const largest = `${Math.floor(problem.largestMib / 1024)} GB`;
      const where = problem.pool === null ? 'The largest GPUs here have' : `A GPU of ${code(problem.pool)} has`;
      return `You asked for ${Math.ceil(problem.memoryMibMin / 1024)} GB per GPU. ${where} ${largest}.`;
    }
    case 'memory_without_gpu':
      return '`cpu` has no GPU, so it has no GPU memory to choose.';
    case 'bad_duration':
      return `${code(problem.typed)} is no duration; write for example \`6h\`, \`90m\` or \`2 days\`.`;
    case 'duration_too_long':
      return `${code(problem.typed)} is longer than ${sayDuration(problem.maxSeconds)}.`;
    case 'bad_time':
      return timeWords[problem.reason](code(problem.typed));
    case 'time_in_past':
      return `${code(problem.typed)} is ${when(problem.until, zone)}, which has passed.`;
    case 'time_too_far':
      return `${code(problem.typed)} is ${when(problem.until, zone)}, more than ${sayDuration(problem.maxSeconds)} away.`;
    case 'two_of':
      return `You named ${partWords[problem.what]} twice; name it once.`;
    case 'for_and_until':
      return 'You gave a duration and an end; give one of them.';
    case 'missing_value':
      return `Something is missing after ${code(problem.keyword)}.`;
    case 'command_not_quoted':
      return `Put the command in quotes: \`run "${code(problem.typed).slice(1, -1)}"\`.`;
    case 'unclosed_quote':
      return `A quote is opened and not closed: ${code(problem.typed)}.`;
  }
}

const timeWords = {
  not_understood: (typed: string) => `I did not understand the time ${typed}; write for example \`until fri 18:00\` or \`tonight\`.`,
  relative: (typed: string) => `${typed} is a duration; write it with \`for\`, as in \`for 3h\`.`,
  ambiguous_date: (typed: string) => `${typed} could be two different days; write the month as a word, as in \`until 6 may 18:00\`.`,
  zone: (typed: string) => `I read times in your own Slack time zone, or with \`UTC\`; ${typed} names another zone.`,
} as const;

const partWords: Readonly<Record<Part, string>> = {
  pool: 'a pool',
  count: 'a number of GPUs',
  memory: 'an amount of memory',
  duration: 'a duration',
  time: 'an end',
  image: 'an image',
  host: 'a host',
  command: 'a command',
  purpose: 'a purpose',
};

/** `typed`: what followed `approvals`. */
export function approvalsProblem(typed: string): string {
  return `I do not understand ${code(typed, 60)} after \`/gpu approvals\`. Alone it lists what waits for you; \`/gpu approvals hand @name until fri\` lets somebody answer for you, \`/gpu approvals back\` ends that, and \`/gpu approvals revoke 3\` ends a standing approval.`;
}
