// What is not understood: a typed problem that names the words and what would have been, and never a guess.
import { describe, expect, test } from 'vitest';
import { parseAsk } from '../../src/domain/grammar/parse-ask.ts';
import type { AskProblem, GrammarContext } from '../../src/domain/grammar/problem.ts';
import { parseMoment } from '../../src/domain/time.ts';

const pools = ['h200', 'a100-80g', 'a100', '3g.20gb'];
const images = ['pytorch', 'jax'];
const hosts = ['gpu1', 'gpu2'];
const context: GrammarContext = {
  // A Wednesday, 12:30 in Berlin.
  at: parseMoment('2026-10-21T10:30:00Z'),
  zone: 'Europe/Berlin',
  pools: [
    { name: 'h200', memoryMib: 143771 },
    { name: 'a100-80g', memoryMib: 81920 },
    { name: 'a100', memoryMib: 40960 },
    { name: '3g.20gb', memoryMib: 20096 },
  ],
  images,
  hosts,
};
const maxSeconds = 366 * 24 * 3600;

function problemOf(text: string): AskProblem | null {
  const parsed = parseAsk(text, context);
  return parsed.ok ? null : parsed.problem;
}
const table = (title: string, rows: [string, AskProblem][]) =>
  test.each(rows)(`${title}: %s`, (text, problem) => expect(problemOf(text)).toEqual(problem));

describe('too little or too much', () => {
  table('nothing', [
    ['', { code: 'empty' }],
    [' \u00a0\t', { code: 'empty' }],
    ['\u0000\u0007\u200b', { code: 'empty' }],
  ]);
  table('neither pool nor GPUs', [
    ['2', { code: 'no_pool_named', pools }],
    ['for 6h', { code: 'no_pool_named', pools }],
    ['2 for 6h', { code: 'no_pool_named', pools }],
    ['24gb -- inference', { code: 'no_pool_named', pools }],
  ]);
  test.each<[string, string, AskProblem]>([
    ['10 kB', 'h200 '.repeat(2048), { code: 'too_long', what: 'text', length: 10_239, max: 3000 }],
    ['a megabyte', 'x'.repeat(1_000_000), { code: 'too_long', what: 'text', length: 1_000_000, max: 3000 }],
    ['few characters that NFKC makes many', '\ufdfa'.repeat(1000), { code: 'too_long', what: 'text', length: 18_000, max: 3000 }],
    ['a long purpose', `a100 -- ${'x'.repeat(201)}`, { code: 'too_long', what: 'purpose', length: 201, max: 200 }],
    ['a long command', `a100 run "${'x'.repeat(2001)}"`, { code: 'too_long', what: 'command', length: 2001, max: 2000 }],
  ])('%s', (_title, text, problem) => expect(problemOf(text)).toEqual(problem));
});

table('a count', [
  ['0', { code: 'bad_count', typed: '0', max: 1024 }],
  ['-1', { code: 'bad_count', typed: '-1', max: 1024 }],
  ['–1', { code: 'bad_count', typed: '-1', max: 1024 }],
  ['1e9', { code: 'bad_count', typed: '1e9', max: 1024 }],
  ['99999999999 gpus', { code: 'bad_count', typed: '99999999999', max: 1024 }],
  ['1025 gpus', { code: 'bad_count', typed: '1025', max: 1024 }],
  ['0 h200', { code: 'bad_count', typed: '0', max: 1024 }],
  ['-1xh200', { code: 'bad_count', typed: '-1', max: 1024 }],
  ['1.5 h200', { code: 'bad_count', typed: '1.5', max: 1024 }],
  ['h200 x0', { code: 'bad_count', typed: '0', max: 1024 }],
  ['2 cpu', { code: 'bad_count', typed: '2', max: 1 }],
  ['cpu x0', { code: 'bad_count', typed: '0', max: 1 }],
  ['cpu for 2h x2', { code: 'bad_count', typed: '2', max: 1 }],
]);

table('memory', [
  ['1 gpu 0gb', { code: 'bad_memory', typed: '0gb' }],
  ['cpu 24gb', { code: 'memory_without_gpu' }],
  ['1 gpu 200gb', { code: 'memory_too_large', memoryMibMin: 204800, largestMib: 143771, pool: null }],
  ['a100 80gb', { code: 'memory_too_large', memoryMibMin: 81920, largestMib: 40960, pool: 'a100' }],
]);

table('an unknown name', [
  ['h300', { code: 'unknown_pool', name: 'h300', nearest: 'h200', pools }],
  ['h20 for 6h', { code: 'unknown_pool', name: 'h20', nearest: 'h200', pools }],
  ['2 h20 for 6h', { code: 'unknown_pool', name: 'h20', nearest: 'h200', pools }],
  ['please 2 h20', { code: 'unknown_pool', name: 'h20', nearest: 'h200', pools }],
  ['2 gup', { code: 'unknown_pool', name: 'gup', nearest: 'gpu', pools }],
  ['2xv800', { code: 'unknown_pool', name: 'v800', nearest: null, pools }],
  ['b300 x2', { code: 'unknown_pool', name: 'b300', nearest: null, pools }],
  ['3g', { code: 'unknown_pool', name: '3g', nearest: '3g.20gb', pools }],
  ['hello', { code: 'unknown_pool', name: 'hello', nearest: null, pools }],
  ['please give me h2oo', { code: 'unknown_words', words: ['give', 'me', 'h2oo'], nearest: [] }],
  ['a100 image pytorhc', { code: 'unknown_image', name: 'pytorhc', nearest: 'pytorch', images }],
  ['a100 image', { code: 'missing_value', keyword: 'image' }],
  ['a100 on gpu3', { code: 'unknown_host', name: 'gpu3', nearest: 'gpu1', hosts }],
  ['a100 on', { code: 'missing_value', keyword: 'on' }],
]);

describe('unknown words', () => {
  const unknown = (words: string[], ...nearest: [string, string][]): AskProblem => ({
    code: 'unknown_words',
    words,
    nearest: nearest.map(([word, suggestion]) => ({ word, suggestion })),
  });
  table('slips', [
    ['2 h200 untl fri', unknown(['untl', 'fri'], ['untl', 'until'], ['fri', 'until fri'])],
    ['2 h200 fro 6h', unknown(['fro'], ['fro', 'for'])],
    ['2 h200 imgae pytorch', unknown(['imgae', 'pytorch'], ['imgae', 'image'], ['pytorch', 'image pytorch'])],
    ['2 h200 6h a10', unknown(['a10'], ['a10', 'a100'])],
  ]);
  table('a keyword is missing', [
    ['h200 friday', unknown(['friday'], ['friday', 'until friday'])],
    ['h200 18:00', unknown(['18:00'], ['18:00', 'until 18:00'])],
    ['h200 jax', unknown(['jax'], ['jax', 'image jax'])],
    ['h200 gpu2', unknown(['gpu2'], ['gpu2', 'on gpu2'])],
    ['h200 2', unknown(['2'], ['2', 'x2'])],
  ]);
  table('words that might be part of the request are not taken for a purpose', [
    ['give me 2 h200', unknown(['give', 'me'])],
    ['h200 train for 6h', unknown(['train'])],
    ['h200 train 3 epochs', unknown(['train', '3', 'epochs'], ['3', 'x3'])],
    ['h200 train on gpu1', unknown(['train'])],
    ['h200 train on gpu3', { code: 'unknown_host', name: 'gpu3', nearest: 'gpu1', hosts }],
    ['h200 train "llama"', unknown(['train'])],
    ['h200 train -- llama', unknown(['train'])],
  ]);
  table('marks and mentions', [
    ['*_~', unknown(['*_~'])],
    ['<!channel>', unknown(['<!channel>'])],
    ['<!channel> 2 h200', unknown(['<!channel>'])],
    ['2 h200 <!channel>', unknown(['<!channel>'])],
    ['2 h200 &lt;!here&gt;', unknown(['<!here>'])],
    ['2 h200 *_~', unknown(['*_~'])],
  ]);
  test('ten at most, each once, each cut to 80 characters', () => {
    const words = Array.from({ length: 30 }, (_, index) => '?'.repeat(1 + (index % 15)));
    expect(problemOf(`a100 ${words.join(' ')}`)).toEqual(unknown(words.slice(0, 10)));
    expect(problemOf(`a100 ${'?'.repeat(100)}`)).toEqual(unknown([`${'?'.repeat(79)}…`]));
  });
});

table('a duration', [
  ['a100 for', { code: 'missing_value', keyword: 'for' }],
  ['a100 for -- ever', { code: 'missing_value', keyword: 'for' }],
  ['a100 for 1 h30', { code: 'bad_duration', typed: '1 h30' }],
  ['a100 for 6', { code: 'bad_duration', typed: '6' }],
  ['a100 for ever and ever', { code: 'bad_duration', typed: 'ever and' }],
  ['a100 for 0h', { code: 'bad_duration', typed: '0h' }],
  ['a100 0h', { code: 'bad_duration', typed: '0h' }],
  ['a100 -1h', { code: 'bad_duration', typed: '-1h' }],
  ['a100 for -1 hour', { code: 'bad_duration', typed: '-1 hour' }],
  ['a100 for 367 days', { code: 'duration_too_long', typed: '367 days', maxSeconds }],
  ['a100 for 999999999h', { code: 'duration_too_long', typed: '999999999h', maxSeconds }],
]);

table('a time', [
  ['a100 until', { code: 'missing_value', keyword: 'until' }],
  ['a100 until "late"', { code: 'missing_value', keyword: 'until' }],
  ['a100 until whenever', { code: 'bad_time', typed: 'whenever', reason: 'not_understood' }],
  ['a100 until 18', { code: 'bad_time', typed: '18', reason: 'not_understood' }],
  ['a100 until fri 25:00', { code: 'bad_time', typed: 'fri 25:00', reason: 'not_understood' }],
  ['a100 until tomorrow 9', { code: 'bad_time', typed: 'tomorrow 9', reason: 'not_understood' }],
  ['a100 until feb 30', { code: 'bad_time', typed: 'feb 30', reason: 'not_understood' }],
  ['a100 until may', { code: 'bad_time', typed: 'may', reason: 'not_understood' }],
  ['a100 until 18:00-19:00', { code: 'bad_time', typed: '18:00-19:00', reason: 'not_understood' }],
  ['a100 tonight 23:00', { code: 'bad_time', typed: 'tonight 23:00', reason: 'not_understood' }],
  ['a100 until in 3 hours', { code: 'bad_time', typed: 'in 3 hours', reason: 'relative' }],
  ['a100 until 5/6', { code: 'bad_time', typed: '5/6', reason: 'ambiguous_date' }],
  ['a100 until 18:00 CEST', { code: 'bad_time', typed: '18:00 CEST', reason: 'zone' }],
  ['a100 until yesterday', { code: 'time_in_past', typed: 'yesterday', until: parseMoment('2026-10-20T22:00:00Z') }],
  ['a100 until today 9:00', { code: 'time_in_past', typed: 'today 9:00', until: parseMoment('2026-10-21T07:00:00Z') }],
  ['a100 until 20 oct', { code: 'time_in_past', typed: '20 oct', until: parseMoment('2026-10-20T22:00:00Z') }],
  ['a100 until 2028-01-01', { code: 'time_too_far', typed: '2028-01-01', until: parseMoment('2028-01-01T23:00:00Z'), maxSeconds }],
]);

table('named twice', [
  ['a100 h200', { code: 'two_of', what: 'pool' }],
  ['a100 cpu', { code: 'two_of', what: 'pool' }],
  ['cpu 2 gpus', { code: 'two_of', what: 'pool' }],
  ['2 a100 x2', { code: 'two_of', what: 'count' }],
  ['2 a100 3 gpus', { code: 'two_of', what: 'count' }],
  ['1 gpu 24gb 40gb', { code: 'two_of', what: 'memory' }],
  ['a100 6h for 7h', { code: 'two_of', what: 'duration' }],
  ['a100 until 18:00 tonight', { code: 'two_of', what: 'time' }],
  ['a100 image jax image pytorch', { code: 'two_of', what: 'image' }],
  ['a100 on gpu1 on gpu2', { code: 'two_of', what: 'host' }],
  ['a100 run "a" run "b"', { code: 'two_of', what: 'command' }],
  ['a100 "a" -- b', { code: 'two_of', what: 'purpose' }],
  ['a100 for 6h until 18:00', { code: 'for_and_until' }],
  ['a100 tonight 6h', { code: 'for_and_until' }],
]);

table('a command', [
  ['a100 run', { code: 'missing_value', keyword: 'run' }],
  ['a100 run ""', { code: 'missing_value', keyword: 'run' }],
  ['a100 run python train.py', { code: 'command_not_quoted', typed: 'python' }],
  ['a100 run "python train.py', { code: 'unclosed_quote', typed: '"python train.py' }],
]);
