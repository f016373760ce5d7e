// `berth policy check`, `berth init` and `berth manifest` as people run them: what is said, and the exit code.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { CLI } from '../support/build.ts';

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'berth-cli-'))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const file = (name: string) => join(directory, name);

/** Nothing but the directory on PATH, where a test may put an nvidia-smi, and what starts programs. */
function berth(...args: string[]) {
  const env = { PATH: `${directory}:/usr/bin:/bin`, HOME: directory };
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], { env, encoding: 'utf8', cwd: directory });
  return { code: status, out: stdout, err: stderr };
}

describe('berth policy check', () => {
  it('says that the example is right, and exits with 0', () => {
    writeFileSync(file('policy.yaml'), readFileSync(resolve('deploy/policy.example.yaml')), { mode: 0o600 });
    const said = berth('policy', 'check', 'policy.yaml');
    expect(said).toMatchObject({ code: 0, err: '' });
    expect(said.out).toMatch(/^policy\.yaml is right: 2 pools, 2 images, 1 approvers\.\n$/);
  });

  it('names every mistake with its line, and exits with 1', () => {
    const text = readFileSync(resolve('deploy/policy.example.yaml'), 'utf8');
    writeFileSync(file('policy.yaml'), text.replace('members: everyone', 'members: anyone').replace('gpusPerRequest', 'gpusPerReqest'), {
      mode: 0o600,
    });
    const { code, out, err } = berth('policy', 'check', 'policy.yaml');
    expect([code, out]).toEqual([1, '']);
    expect(err.trim().split('\n').toSorted()).toEqual([
      expect.stringMatching(/^policy\.yaml:21: quota.gpusPerRequest: is missing$/),
      expect.stringMatching(/^policy\.yaml:21: quota: there is no key "gpusPerReqest"$/),
      expect.stringMatching(/^policy\.yaml:\d+: members: write everyone, /),
    ]);
  });

  it('exits with 1 when there is no such file, with 2 when none is named', () => {
    expect(berth('policy', 'check', 'nothing.yaml')).toEqual({ code: 1, out: '', err: 'nothing.yaml: cannot be read (ENOENT)\n' });
    expect(berth('policy', 'check')).toMatchObject({ code: 2, err: expect.stringContaining("missing required argument 'file'") });
  });
});

describe('berth manifest', () => {
  it('has the slash command’s name that it is told; exits with 2 when Slack would not take it', () => {
    expect(berth('manifest', '--command', '/berth')).toMatchObject({ code: 0, out: expect.stringContaining('    - command: /berth\n') });
    expect(berth('manifest', '--command', 'Berth!')).toEqual({
      code: 2,
      out: '',
      err: '"Berth!" is no name of a slash command; write for example /berth, in lower-case letters, digits, - and _.\n',
    });
  });

  it('and the bot says so when BERTH_COMMAND is none', () => {
    expect(() => readConfig({ SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1', BERTH_COMMAND: 'gpu' })).toThrow(
      'BERTH_COMMAND: is no name of a slash command; write for example /berth',
    );
    expect(readConfig({ SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1', BERTH_COMMAND: '/berth' }).slack.command).toBe('/berth');
  });
});

describe('berth init', () => {
  const cards = (...rows: string[]) => {
    const answers = `case "$1" in --query-gpu=*) printf '%s\\n' ${rows.map((row) => `'${row}'`).join(' ')};; esac\n`;
    writeFileSync(file('nvidia-smi'), `#!/bin/sh\n${answers}`, { mode: 0o755 });
  };
  const named = ['--admin', 'U0ADMIN01', '--channel', 'C0APPROVE'];

  it('writes a policy for the GPUs of this machine, for its owner alone, that is right', () => {
    const uuid = (last: number) => `GPU-00000000-0000-0000-0000-00000000000${last}`;
    cards(`0, ${uuid(0)}, NVIDIA A100-SXM4-80GB, 81920, 0, 0`, `1, ${uuid(1)}, NVIDIA A100-SXM4-80GB, 81920, 0, 0`);
    const { code, out } = berth('init', ...named);
    expect([code, out]).toEqual([0, 'policy.yaml is written: 1 pools. Read it through, and name the approvers.\n']);
    expect(statSync(file('policy.yaml')).mode & 0o777).toBe(0o600);
    const text = readFileSync(file('policy.yaml'), 'utf8');
    expect(text).toContain('admins: [U0ADMIN01]');
    expect(text).toMatch(/# 2 found\n {2}- name: "a100"/);
    expect(berth('policy', 'check', 'policy.yaml')).toMatchObject({ code: 0, out: expect.stringContaining('1 pools') });
  });

  it('says when no GPU could be read, and writes the pool cpu alone', () => {
    const { code, err } = berth('init', ...named, '--out', 'cpu.yaml');
    expect(code).toBe(0);
    expect(err).toBe('No GPU could be read here (nvidia-smi is not installed); the policy has the pool "cpu" alone.\n');
    expect(berth('policy', 'check', 'cpu.yaml')).toMatchObject({ code: 0, out: expect.stringContaining('0 pools') });
  });

  it('never writes over a file that is there: 1; and not for an admin that is no Slack user, or unnamed: 2', () => {
    cards();
    writeFileSync(file('policy.yaml'), 'mine');
    expect(berth('init', ...named)).toMatchObject({
      code: 1,
      err: expect.stringContaining('policy.yaml is there already; name another file with --out.'),
    });
    expect(readFileSync(file('policy.yaml'), 'utf8')).toBe('mine');
    expect(berth('init', '--admin', 'ada', '--channel', 'C0APPROVE', '--out', 'new.yaml')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/new\.yaml:\d+: admins\.0: a Slack user id starts with U or W/),
    });
    expect(() => statSync(file('new.yaml'))).toThrow('ENOENT');
    expect(berth('init', '--admin', 'U0ADMIN01')).toMatchObject({ code: 2, err: expect.stringContaining('--channel') });
  });
});
