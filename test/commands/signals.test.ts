import { describe, expect, it } from 'vitest';
import { pressReader } from '../../src/commands/signals.ts';

describe('Ctrl-C', () => {
  it.each([
    ['forwarded by npm as well, is one press', [0, 3], ['first', 'same']],
    ['held down for seconds, is one press', [0, 500, 1400, 2300, 3200], ['first', 'same', 'same', 'same', 'same']],
    ['a second time, is answered; the third ends it', [0, 2000, 2003, 4000], ['first', 'impatient', 'same', 'enough']],
    ['after ten seconds of stopping, ends it', [0, 10_001], ['first', 'enough']],
    ['late in the life of a process, is its first press all the same', [3_600_000, 3_600_005], ['first', 'same']],
  ])('%s', (_, moments, presses) => {
    const read = pressReader();
    expect(moments.map(read)).toEqual(presses);
  });
});
