// Which rule a week of answers suggests: one that would have let pass only what was approved anyway.
import { describe, expect, it } from 'vitest';
import { digestOf, type Answered } from '../../src/domain/approvals-digest.ts';

const HOUR = 3600;
const answered = (count: number, change: Partial<Answered> = {}): Answered[] =>
  Array.from({ length: count }, () => ({
    pool: 'a100',
    capacityMilli: 1000,
    durationSeconds: 8 * HOUR,
    kind: 'approve' as const,
    waitedSeconds: 600,
    ...change,
  }));
const rules = (answers: readonly Answered[]) => digestOf(answers, 0, ['a100']).rules;

describe('a rule is suggested', () => {
  it('for what was approved unchanged, at its greatest size', () => {
    const answers = [...answered(10), ...answered(1, { capacityMilli: 2000, durationSeconds: HOUR })];
    expect(rules(answers)).toEqual([{ pool: 'a100', gpusMilli: 2000, durationSeconds: 8 * HOUR, unchanged: 11, answered: 11 }]);
  });

  it('never where it would have let pass what was denied or lowered', () => {
    for (const kind of ['deny', 'lower'] as const) {
      expect(rules([...answered(20), ...answered(1, { kind, durationSeconds: HOUR })])).toEqual([]);
      expect(rules([...answered(20), ...answered(1, { kind, durationSeconds: 9 * HOUR })])).toHaveLength(1);
    }
  });

  it('only after ten answers, nine tenths of them unchanged, and for pools that ask about everything', () => {
    expect(rules(answered(9))).toEqual([]);
    expect(rules([...answered(9), ...answered(2, { kind: 'deny', capacityMilli: 8000 })])).toEqual([]);
    expect(digestOf(answered(20), 0, []).rules).toEqual([]);
  });
});
