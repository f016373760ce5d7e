// What was meant as a request, though it was not understood, and what was not.
import { describe, expect, it } from 'vitest';
import type { GrammarContext } from '../../src/domain/grammar/problem.ts';
import { seemsRequest } from '../../src/domain/grammar/seems-request.ts';
import { parseMoment } from '../../src/domain/time.ts';

const context: GrammarContext = {
  at: parseMoment('2026-10-21T10:30:00Z'),
  zone: 'UTC',
  pools: [{ name: 'h200', memoryMib: null }],
  images: ['pytorch'],
  hosts: ['gpu1'],
};

describe('a request', () => {
  it.each(['99999999999 gpus', '-1', '1e9 h200', '2 h200 for ages', '2xh20', 'h20 for 6h', 'two gpus', 'for 6h', 'tonight', 'gpu 2'])(
    'begins like one: %s',
    (text) => expect(seemsRequest(text, context, false)).toBe(true),
  );
  it.each(['please 2 h20 for 6h', 'Please, an h20'])('is one, though its first word is near a command: %s', (text) =>
    expect(seemsRequest(text, context, true)).toBe(true),
  );
  it.each(['give me 2 gpus', 'I want h20', 'could I have 3xh200'])('says how many, or which pool: %s', (text) =>
    expect(seemsRequest(text, context, false)).toBe(true),
  );
});

describe('no request', () => {
  it.each(['', 'hello', 'thanks for the help', 'what gpus are free', '*_~', '<!channel>', 'al-7k3q9xwd'])('%s', (text) =>
    expect(seemsRequest(text, context, false)).toBe(false),
  );
  it.each(['reqest 1 h200', 'relase 2'])('but a slip of a command: %s', (text) => expect(seemsRequest(text, context, true)).toBe(false));
});
