// What members type and what is understood: the whole request, in any order and as phones mangle it.
import { describe, expect, test } from 'vitest';
import type { RequestAsk } from '../../src/domain/ask.ts';
import { parseAsk } from '../../src/domain/grammar/parse-ask.ts';
import type { GrammarContext } from '../../src/domain/grammar/problem.ts';
import { parseMoment } from '../../src/domain/time.ts';

const context: GrammarContext = {
  // A Wednesday, 12:30 in Berlin.
  at: parseMoment('2026-10-21T10:30:00Z'),
  zone: 'Europe/Berlin',
  pools: [
    { name: 'h200', memoryMib: 143771 },
    { name: 'a100-80g', memoryMib: 81920 },
    { name: 'a100', memoryMib: 40960 },
    { name: '3g.20gb', memoryMib: 20096 },
    { name: 'A10', memoryMib: 23028 },
    { name: '4090', memoryMib: null },
  ],
  images: ['pytorch', 'ghcr.io/lab/jax:1'],
  hosts: ['gpu1', 'gpu2.lab.example'],
};

const hour = 3600;
const nothing: RequestAsk = {
  pool: null,
  devices: 1,
  memoryMibMin: null,
  durationSeconds: null,
  until: null,
  image: null,
  host: null,
  command: null,
  purpose: '',
};

const read = (text: string) => parseAsk(text, context);
const understood = (ask: Partial<RequestAsk>) => ({ ok: true, ask: { ...nothing, ...ask } });

describe('how many of what', () => {
  test.each<[string, Partial<RequestAsk>]>([
    ['a100', { pool: 'a100' }],
    ['2 h200', { pool: 'h200', devices: 2 }],
    ['2xh200', { pool: 'h200', devices: 2 }],
    ['2x h200', { pool: 'h200', devices: 2 }],
    ['2 x h200', { pool: 'h200', devices: 2 }],
    ['2 × H200', { pool: 'h200', devices: 2 }],
    ['２ h200', { pool: 'h200', devices: 2 }],
    ['h200 x2', { pool: 'h200', devices: 2 }],
    ['h200 x 2', { pool: 'h200', devices: 2 }],
    ['h200x2', { pool: 'h200', devices: 2 }],
    ['x2 h200', { pool: 'h200', devices: 2 }],
    ['h200 for 6h x2', { pool: 'h200', devices: 2, durationSeconds: 6 * hour }],
    ['two h200', { pool: 'h200', devices: 2 }],
    ['an a100', { pool: 'a100' }],
    ['2 h200 gpus', { pool: 'h200', devices: 2 }],
    ['2 gpus h200', { pool: 'h200', devices: 2 }],
    ['gpu', {}],
    ['3 gpus', { devices: 3 }],
    ['1024 gpus', { devices: 1024 }],
    ['cpu', { pool: 'cpu', devices: 0 }],
    ['1 CPU', { pool: 'cpu', devices: 0 }],
  ])('%s', (text, ask) => expect(read(text)).toEqual(understood(ask)));

  test.each<[string, Partial<RequestAsk>]>([
    ['a100-80g', { pool: 'a100-80g' }],
    ['2xA100-80G', { pool: 'a100-80g', devices: 2 }],
    ['2 3g.20gb', { pool: '3g.20gb', devices: 2 }],
    ['2x3g.20gb', { pool: '3g.20gb', devices: 2 }],
    ['3g.20gb x2', { pool: '3g.20gb', devices: 2 }],
    ['4090', { pool: '4090' }],
    ['2 4090', { pool: '4090', devices: 2 }],
    ['2 a10', { pool: 'A10', devices: 2 }],
  ])('a pool may be called like a number or with dots and dashes: %s', (text, ask) => expect(read(text)).toEqual(understood(ask)));

  test.each<[string, Partial<RequestAsk>]>([
    ['1 gpu 24gb', { memoryMibMin: 24576 }],
    ['1 gpu 24 GB', { memoryMibMin: 24576 }],
    ['24gb gpu', { memoryMibMin: 24576 }],
    ['two 24GiB gpus', { devices: 2, memoryMibMin: 24576 }],
    ['1 gpu 8000mb', { memoryMibMin: 8000 }],
    ['a10 24gb', { pool: 'A10', memoryMibMin: 24576 }],
    ['4090 24gb', { pool: '4090', memoryMibMin: 24576 }],
  ])('memory: %s', (text, ask) => expect(read(text)).toEqual(understood(ask)));
});

describe('for how long', () => {
  test.each<[string, number]>([
    ['cpu for 2h', 2 * hour],
    ['cpu 2h', 2 * hour],
    ['cpu for 90m', 5400],
    ['cpu for 1h30m', 5400],
    ['cpu for 1h30', 5400],
    ['cpu for 1.5h', 5400],
    ['cpu for 1,5h', 5400],
    ['cpu for 2 days', 48 * hour],
    ['cpu for 1 day and 4 hours', 28 * hour],
    ['cpu for an hour', hour],
    ['cpu half an hour', hour / 2],
    ['cpu for two weeks', 14 * 24 * hour],
  ])('%s → %d s', (text, durationSeconds) => expect(read(text)).toEqual(understood({ pool: 'cpu', devices: 0, durationSeconds })));

  test.each<[string, string]>([
    ['cpu until fri 18:00', '2026-10-23T16:00:00.000Z'],
    ['cpu until tomorrow noon', '2026-10-22T10:00:00.000Z'],
    ['cpu until 18:00', '2026-10-21T16:00:00.000Z'],
    ['cpu until 9:00', '2026-10-22T07:00:00.000Z'],
    ['cpu till Fri 6PM', '2026-10-23T16:00:00.000Z'],
    ['cpu tonight', '2026-10-22T06:00:00.000Z'],
    ['cpu for tonight', '2026-10-22T06:00:00.000Z'],
    ['cpu overnight', '2026-10-22T06:00:00.000Z'],
    ['cpu until tonight', '2026-10-21T22:00:00.000Z'],
  ])('%s → %s', (text, until) => expect(read(text)).toEqual(understood({ pool: 'cpu', devices: 0, until })));

  test('what follows a time is read by itself', () => {
    expect(read('until tomorrow 2 h200')).toEqual(understood({ pool: 'h200', devices: 2, until: '2026-10-22T22:00:00.000Z' }));
    expect(read('until 18:00 on gpu1 a100')).toEqual(understood({ pool: 'a100', host: 'gpu1', until: '2026-10-21T16:00:00.000Z' }));
    expect(read('a100 until 18:00 art project')).toEqual(
      understood({ pool: 'a100', purpose: 'art project', until: '2026-10-21T16:00:00.000Z' }),
    );
  });
});

describe('the rest', () => {
  const whole = {
    pool: 'h200',
    devices: 2,
    durationSeconds: 6 * hour,
    image: 'pytorch',
    host: 'gpu1',
    command: 'python train.py --lr 1e-3',
    purpose: 'fine-tune',
  };

  test.each([
    '2 h200 for 6h image pytorch on gpu1 run "python train.py --lr 1e-3" -- fine-tune',
    '"fine-tune" run "python train.py --lr 1e-3" on GPU1 image PyTorch for 6h h200 x2',
    "image pytorch, 2xh200, 6h, on gpu1 'fine-tune' run 'python train.py --lr 1e-3'",
    'please run “python train.py –lr 1e-3” with 2 h200 and image pytorch on gpu1 6 hours — fine-tune',
  ])('in any order: %s', (text) => expect(read(text)).toEqual(understood(whole)));

  test('a command keeps its own quotes', () => {
    const typed = String.raw`a100 run "python -c \"print(1)\""`;
    expect(read(typed)).toEqual(understood({ pool: 'a100', command: 'python -c "print(1)"' }));
  });

  test('names come back as the policy spells them', () => {
    const typed = 'a100 image GHCR.io/lab/jax:1 on <http://gpu2.lab.example|gpu2.lab.example>';
    expect(read(typed)).toEqual(understood({ pool: 'a100', image: 'ghcr.io/lab/jax:1', host: 'gpu2.lab.example' }));
  });
});

describe('a purpose', () => {
  test.each<[string, string]>([
    ['a100 -- fine-tune', 'fine-tune'],
    ['a100 --fine-tune', 'fine-tune'],
    ['a100 — fine-tune', 'fine-tune'],
    ['a100 – fine-tune', 'fine-tune'],
    ['a100 –fine-tune', 'fine-tune'],
    ['a100 - fine-tune', 'fine-tune'],
    ['a100—fine-tune', 'fine-tune'],
    ['a100 “fine-tune”', 'fine-tune'],
    ['a100 «fine-tune»', 'fine-tune'],
    ['a100 -- "fine-tune"', 'fine-tune'],
    ['a100 -- for 6h on gpu1, "really"', 'for 6h on gpu1, "really"'],
    ["a100 -- don't\tknow  yet", "don't know yet"],
    ['a100 -- with <@U1|ada> &amp; <!channel>', 'with <@U1|ada> & <!channel>'],
    ['a100 -- &lt;b&gt;', '<b>'],
    ['a100 --', ''],
    [`a100 -- ${'x'.repeat(200)}`, 'x'.repeat(200)],
  ])('%s', (text, purpose) => expect(read(text)).toEqual(understood({ pool: 'a100', purpose })));

  test.each<[string, string]>([
    ['2xh200 6h fine-tune', 'fine-tune'],
    ['2xh200 6h fine-tune llama-3 for science', 'fine-tune llama-3 for science'],
    ['2xh200 6h gpt eval', 'gpt eval'],
    ['2xh200 6h train on imagenet', 'train on imagenet'],
    ['2xh200 6h benchmark run', 'benchmark run'],
    ["2xh200 6h don't know", "don't know"],
  ])('may end the request without dashes where nothing else can be meant: %s', (text, purpose) =>
    expect(read(text)).toEqual(understood({ pool: 'h200', devices: 2, durationSeconds: 6 * hour, purpose })),
  );
});
