import { expect, it } from 'vitest';
import { policyOf } from '../../src/domain/policy.ts';
import { testPolicy } from '../support/policy.ts';

it('a policy that an earlier version stored means what it meant', () => {
  const newer = new Set(['environment', 'hosts', 'daysOff', 'extension', 'groupWait', 'class', 'ports']);
  const stored: unknown = JSON.parse(JSON.stringify(testPolicy()), (key, value: unknown) => (newer.has(key) ? undefined : value));
  expect(stored).not.toHaveProperty('hosts');
  expect(policyOf(stored)).toEqual(testPolicy());
});
