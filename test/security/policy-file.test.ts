// Row A10: whoever can write the policy decides who may use what, so only its owner may, and nothing in it is guessed.
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parsePolicy, PolicyFileError, readPolicyFile } from '../../src/policy-file.ts';

const GOOD = `channel: C0APPROVE
members: everyone
admins: [U0ROOT001]
quota:
  gpus: 2
  gpusPerRequest: 2
  cpuContainers: 1
defaultDuration: 4h
pools: []
cpu:
  maxDuration: 8h
  share: { cpus: 1, memoryGib: 1 }
images:
  - { name: test, reference: test:1 }
`;

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'berth-policy-'));
  file = join(directory, 'policy.yaml');
  writeFileSync(file, GOOD, { mode: 0o600 });
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** The words of the start-up error; anything else that is thrown fails the test. */
function refusal(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof PolicyFileError) return error.message;
    throw error;
  }
  throw new Error('it was taken');
}

describe('a policy file', () => {
  it('is read when only its owner can write it', () => {
    for (const mode of [0o600, 0o400, 0o644]) {
      chmodSync(file, mode);
      expect(readPolicyFile(file).channel).toBe('C0APPROVE');
    }
  });

  it('is refused when others can write it, with what to do', () => {
    for (const mode of [0o666, 0o620, 0o602]) {
      chmodSync(file, mode);
      expect(refusal(() => readPolicyFile(file))).toBe(
        `${file}: others may write to it (mode ${mode.toString(8)}); run: chmod go-w ${file}`,
      );
    }
  });

  it.runIf(process.getuid?.() === 0)('is refused when it belongs to somebody else, also behind a link of ours', () => {
    chownSync(file, 65_534, 0);
    const link = join(directory, 'link.yaml');
    symlinkSync(file, link);
    for (const path of [file, link]) expect(refusal(() => readPolicyFile(path))).toContain('belongs to uid 65534');
  });

  it('is refused when it is no file, or not there, or far too large', () => {
    const missing = join(directory, 'nothing');
    expect(refusal(() => readPolicyFile(missing))).toContain('cannot be read (ENOENT)');
    const folder = join(directory, 'folder');
    mkdirSync(folder, { mode: 0o700 });
    expect(refusal(() => readPolicyFile(folder))).toContain('no regular file');
    const pipe = join(directory, 'pipe');
    execFileSync('mkfifo', ['-m', '600', pipe]);
    expect(refusal(() => readPolicyFile(pipe))).toContain('no regular file');
    writeFileSync(file, '#'.repeat(5 * 1024 * 1024));
    expect(refusal(() => readPolicyFile(file))).toContain('larger than');
  });
});

describe('the text of a policy', () => {
  const parse = (text: string) => () => parsePolicy(text, 'policy.yaml');

  it('may not blow up: aliases of aliases, and nesting without end, end in a sentence at once', () => {
    const levels = Array.from({ length: 12 }, (_, level) => {
      const item = level === 0 ? 'x' : `*a${level - 1}`;
      return `a${level}: &a${level} [${Array.from({ length: 10 }, () => item).join(', ')}]`;
    });
    const before = performance.now();
    // The third level is the first that is too much by itself.
    expect(refusal(parse(`${GOOD}${levels.join('\n')}\n`))).toMatch(/^policy\.yaml:17: more than 100 aliases; write the values out$/);
    for (const bomb of ['['.repeat(100_000), '{a: '.repeat(20_000)]) {
      expect(refusal(parse(`\npools: ${bomb}`))).toBe('policy.yaml:2: brackets nested more than 100 deep');
    }
    expect(performance.now() - before).toBeLessThan(5000);
  });

  it('names a mistake with its line', () => {
    expect(refusal(parse(`${GOOD}approver: [U0PAT0001]\n`))).toMatch(/^policy\.yaml:15: policy: .*"approver"/);
    expect(refusal(parse(GOOD.replace('cpuContainers: 1', 'cpuContainers: 1\n  gpuHour: 5')))).toMatch(
      /^policy\.yaml:8: quota: .*"gpuHour"/,
    );
    expect(refusal(parse(GOOD.replace('everyone', 'anyone')))).toMatch(/^policy\.yaml:2: members/);
    expect(refusal(parse(`${GOOD}admins: [U0EVIL001]\n`))).toMatch(/^policy\.yaml:15: .*unique/i);
    expect(refusal(parse(GOOD.replace('everyone', '*nobody')))).toMatch(/^policy\.yaml.*nobody/);
    expect(refusal(parse('members: [everyone'))).toMatch(/^policy\.yaml:\d+: /);
    expect(refusal(parse(''))).toMatch(/^policy\.yaml:1: /);
  });

  it('takes a section with nothing in it as left out, where leaving it out has a meaning', () => {
    const empty = ['teams', 'people', 'guests', 'approvers', 'environment', 'hosts', 'period', 'queueLapse'].map((key) => `${key}:\n`);
    expect(parsePolicy(GOOD + empty.join(''), 'policy.yaml')).toEqual(parsePolicy(GOOD, 'policy.yaml'));
    expect(refusal(parse(GOOD.replace(/images:\n.*\n/, 'images:\n')))).toBe('policy.yaml:13: images: is empty; write a value');
    expect(refusal(parse(GOOD.replace('channel: C0APPROVE\n', '')))).toBe('policy.yaml:1: channel: is missing');
  });

  it.each<[string, RegExp]>([
    ['anyone', /:2: members: write everyone, \{list: \[U…, U…\]\}, or \{group: S…\} for a Slack user group$/],
    ['[U0ADA0001]', /:2: members: write everyone/],
    ['{ list: [U0ADA0001, bob] }', /:2: members\.list\.1: a Slack user id starts with U or W/],
    ['{ group: C0ADA0001 }', /:2: members\.group: a Slack user group id starts with S$/],
    ['', /:2: members: is empty; write a value$/],
  ])('says of "members: %s" what was meant, with its line', (written, words) => {
    expect(refusal(parse(GOOD.replace('everyone', written)))).toMatch(words);
  });

  it.each<[string, RegExp]>([
    ['maybe', /:15: pools\.0\.approval: write none, required, or \{unless: \{gpus: 1, duration: 8h\}\}$/],
    ['{ unless: { gpus: 1, duration: 8 hoars } }', /:15: pools\.0\.approval\.unless\.duration: "8 hoars" is no duration/],
    ['{ unless: { gpu: 1, duration: 8h } }', /unless\.gpus: is missing\n.*:15: pools\.0\.approval\.unless: there is no key "gpu"$/],
  ])('says of "approval: %s" what was meant, with its line', (written, words) => {
    const pool = `pools:
  - name: a100
    match: { model: A100 }
    memoryGib: 80
    maxDuration: 8h
    perGpu: { cpus: 1, memoryGib: 1 }
    approval: ${written}
`;
    expect(refusal(parse(GOOD.replace('pools: []\n', pool)))).toMatch(words);
  });

  it('names what is named twice, and variables that cannot be given, where they stand', () => {
    const image = '  - { name: other, reference: test:1 }\n';
    expect(refusal(parse(GOOD + image))).toBe('policy.yaml:15: images.1.reference: "test:1" is named twice');
    expect(refusal(parse(`${GOOD}environment:\n  A: "1"\n  LD_PRELOAD: /x.so\n  B: 8\n`))).toMatch(
      /^policy\.yaml:18: environment\.B: write the value in quotes/,
    );
    expect(refusal(parse(`${GOOD}environment:\n  A: "1"\n  LD_PRELOAD: /x.so\n`))).toMatch(
      /^policy\.yaml:17: environment\.LD_PRELOAD: is set by Berth itself or decides/,
    );
    expect(refusal(parse(`${GOOD}${'x'.repeat(30)}: 1\n${Array.from({ length: 40 }, (_, n) => `y${n}: 1\n`).join('')}`))).toMatch(
      /\nand 21 more mistakes$/,
    );
  });

  it.each<[string, RegExp]>([
    ['hours: { zone: Europe/Berln, from: "09:00", to: "18:00" }', /:15: hours\.zone: is no time zone; write for example Europe\/Berlin$/],
    ['hours: { zone: UTC, from: 9:00, to: "18:00" }', /:15: hours\.from: a time of day reads like 09:00$/],
    ['hours: { zone: UTC, from: "22:00", to: "06:00" }', /:15: hours\.to: has to be later than from, on the same day/],
    ['hours: { zone: UTC, from: "09:00", to: "18:00", weekdays: [mon, thuesday] }', /:15: hours\.weekdays\.1: has to be mon or tue or wed/],
    ['hours: { zone: UTC, from: "09:00", to: "18:00", weekdays: [] }', /:15: hours\.weekdays: has to have at least 1$/],
    ['daysOff: [2026-12-25]', /:15: daysOff: says nothing without hours/],
    [
      'hours: { zone: UTC, from: "09:00", to: "18:00" }\ndaysOff: [2026-02-30]',
      /:16: daysOff\.0: is no day; write for example 2026-12-25$/,
    ],
    ['environment: { "A-B": x }', /:15: environment\.A-B: a name has letters, digits and underscores/],
  ])('%s', (line, words) => {
    expect(refusal(parse(`${GOOD}${line}\n`))).toMatch(words);
  });

  it.each<[string, RegExp]>([
    ['minDriver: 550.54', /:14: images\.0\.minDriver: write it in quotes, for example "550\.54"$/],
    ['minDriver: "latest"', /:14: images\.0\.minDriver: a driver version reads like/],
    ['class: batches', /:14: images\.0\.class: has to be interactive or batch$/],
    ['class: batch', /:14: images: at least one has to be interactive/],
    ['ports: [{ port: 80, name: a }, { port: 80, name: b }]', /:14: images\.0\.ports: a port stands there twice$/],
    ['ports: [{ port: 70000, name: a }]', /:14: images\.0\.ports\.0\.port: has to be at most 65535$/],
  ])('an image with %s', (key, words) => {
    expect(refusal(parse(GOOD.replace('reference: test:1', `reference: test:1, ${key}`)))).toMatch(words);
  });

  it('may be long: 10,000 members with teams and limits of their own are read in seconds', () => {
    const user = (n: number) => `U${String(n).padStart(9, '0')}`;
    const users = Array.from({ length: 10_000 }, (_, n) => user(n));
    const teams = Array.from(
      { length: 100 },
      (_, n) => `  - { name: team-${n}, members: { list: [${users.slice(n * 100, n * 100 + 100).join(', ')}] } }`,
    );
    const people = users.map((one, n) => `  - { user: ${one}, quota: { gpus: ${n % 8} } }`);
    const text = `${GOOD.replace('everyone', `{ list: [${users.join(', ')}] }`)}teams:\n${teams.join('\n')}\npeople:\n${people.join('\n')}\n`;
    writeFileSync(file, text);
    const before = performance.now();
    const policy = readPolicyFile(file);
    const took = performance.now() - before;
    expect([policy.people.length, policy.teams.length, policy.people[9_999]?.quota]).toEqual([10_000, 100, { gpus: 7 }]);
    // Under 1 s where nothing else runs, nearly all of it in the YAML parser.
    expect(took).toBeLessThan(10_000);
    // A mistake in its last line is found as well.
    writeFileSync(file, `${text}  - { user: ${user(0)}, quota: {} }\n`);
    expect(refusal(() => readPolicyFile(file))).toMatch(/:10117: people\.10000\.user: "U000000000" is named twice$/);
  });

  it('cannot reach what every object has', () => {
    expect(refusal(parse(`${GOOD}__proto__: { admins: [U0EVIL001] }\n`))).toContain('__proto__');
    expect(refusal(parse(`${GOOD}!!js/function 'x': 1\n`))).toMatch(/^policy\.yaml:15/);
  });
});
