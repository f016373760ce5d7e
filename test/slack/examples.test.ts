// Every example that somebody is shown is a request that is understood, whatever the pools are called.
import { describe, expect, it } from 'vitest';
import { parseAsk } from '../../src/domain/grammar/parse-ask.ts';
import { moment } from '../../src/domain/time.ts';
import { emptyRequest, help, unknownCommand } from '../../src/slack/words/help.ts';
import { problemWords } from '../../src/slack/words/problems.ts';
import { refusalWords } from '../../src/slack/words/refusals.ts';

describe('an example', () => {
  const examples = (pool: string) =>
    [
      help(pool),
      emptyRequest(pool),
      unknownCommand('x', null, pool),
      problemWords({ code: 'empty' }, 'UTC', pool),
      refusalWords({ code: 'batch_not_yet', pool }, 'UTC'),
      refusalWords({ code: 'unknown_pool', name: 'x', nearest: null, pools: [pool] }, 'UTC'),
    ].flatMap((words) => Array.from(words.matchAll(/`\/gpu request ([^`]+)`/g), ([, text = '']) => text));

  it.each(['h200', 'cpu'])('is a request that is understood where the only pool is %s', (pool) => {
    const context = { at: moment(0), zone: 'UTC', pools: [{ name: pool, memoryMib: null }], images: [], hosts: [] };
    expect(examples(pool)).toHaveLength(8);
    expect(examples(pool).filter((text) => !parseAsk(text, context).ok)).toEqual([]);
  });
});
