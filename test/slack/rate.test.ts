import { expect, it } from 'vitest';
import { createRate } from '../../src/slack/rate.ts';

it('lets a member act so many times at once, then as often as the bucket fills, and nobody else waits for it', () => {
  let now = 0;
  const mayAct = createRate({ milliseconds: () => now });
  const many = (member: string, times: number) => Array.from({ length: times }, () => mayAct(member, 60)).filter(Boolean).length;
  expect(many('ada', 100)).toBe(60);
  expect(many('bob', 1)).toBe(1);
  now += 10_000;
  expect(many('ada', 100)).toBe(10);
  now += 3_600_000;
  expect(many('ada', 100)).toBe(60);
});
