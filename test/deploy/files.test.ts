// What lies in deploy/ is right: the manifest is the one of the listeners, and the example policy is a policy.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { manifestText } from '../../src/commands/manifest.ts';
import { parsePolicy, PolicyFileError } from '../../src/policy-file.ts';

describe('deploy/', () => {
  it('has the manifest that `npm run manifest` makes now', () => {
    expect(readFileSync('deploy/slack-manifest.yaml', 'utf8')).toBe(manifestText());
  });

  it('has a manifest in which the command alone changes with its name', () => {
    const text = manifestText();
    expect(text).toContain('command: /gpu');
    expect(manifestText('/berth')).toBe(text.replace('command: /gpu', 'command: /berth'));
  });

  it('has an example policy that is right', () => {
    const policy = parsePolicy(readFileSync('deploy/policy.example.yaml', 'utf8'), 'policy.example.yaml');
    expect(policy.pools.map(({ name }) => name)).toEqual(['a100', 'l4']);
    expect(policy.pools[0]?.maxDuration).toBe(2 * 86_400);
  });
});

describe('a policy file that is wrong', () => {
  const good = readFileSync('deploy/policy.example.yaml', 'utf8');
  const problem = (text: string): string => {
    try {
      parsePolicy(text, 'p.yaml');
      return 'none';
    } catch (error) {
      if (error instanceof PolicyFileError) return error.message;
      throw error;
    }
  };
  const line = (needle: string) => good.split('\n').findIndex((each) => each.includes(needle)) + 1;

  it.each([
    ['an unknown key', good.replace('approvers:', 'aprovers:'), () => `p.yaml:${line('approvers: [')}: policy: there is no key "aprovers"`],
    [
      'a bad duration',
      good.replace('maxDuration: 2 days', 'maxDuration: 2 parsecs'),
      () => `p.yaml:${line('maxDuration: 2 days')}: pools.0.maxDuration: "2 parsecs" is no duration`,
    ],
    ['a number that is none', good.replace('gpus: 4', 'gpus: four'), () => `p.yaml:${line('gpus: 4')}: quota.gpus:`],
    ['a name twice', good.replace('name: l4', 'name: a100'), () => `p.yaml:${line('name: l4')}: pools.1.name: "a100" is named twice`],
    ['a pool called cpu', good.replace('name: l4', 'name: cpu'), () => '"cpu" is the built-in pool'],
    ['a group as an admin', good.replace('admins: [U0123456789]', 'admins: [S0123456789]'), () => 'a Slack user id starts with U or W'],
    ['a channel as an approver', good.replace('approvers: [U', 'approvers: [C'), () => 'a user group id with S'],
    [
      'a wait without a unit',
      good.replace('groupWait: 24h', 'groupWait: 24'),
      () => 'groupWait: write a duration, for example 24h, or none',
    ],
    ['a wait that is none', good.replace('groupWait: 24h', 'groupWait: soon'), () => 'groupWait: "soon" is no duration'],
    ['a user id that is none', good.replace('admins: [U0123456789]', 'admins: [ada]'), () => 'a Slack user id starts with U or W'],
    ['broken YAML', 'pools: [', () => 'p.yaml:1:'],
    ['a key twice', `${good}\nchannel: C0123456789\n`, () => 'unique'],
    ['nothing', '', () => 'p.yaml:1: policy:'],
  ])('%s: says the file, the line and what', (_, text, expected) => {
    expect(problem(text)).toContain(expected());
  });
});
