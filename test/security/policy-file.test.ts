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
    expect(refusal(parse(`${GOOD}${levels.join('\n')}\n`))).toContain('more than 100 aliases');
    expect(refusal(parse(`pools: ${'['.repeat(100_000)}`))).toMatch(/^policy\.yaml/);
    expect(refusal(parse(`pools: ${'{a: '.repeat(20_000)}`))).toMatch(/^policy\.yaml/);
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

  it('cannot reach what every object has', () => {
    expect(refusal(parse(`${GOOD}__proto__: { admins: [U0EVIL001] }\n`))).toContain('__proto__');
    expect(refusal(parse(`${GOOD}!!js/function 'x': 1\n`))).toMatch(/^policy\.yaml:15/);
  });
});
