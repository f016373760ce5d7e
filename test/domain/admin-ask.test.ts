// What admins type: each form is read as meant, whatever is wrong is named, and nothing typed makes it throw.
import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { AdminAsk, parseAdminAsk, type AdminProblem } from '../../src/domain/grammar/admin-ask.ts';
import { moment } from '../../src/domain/time.ts';
import { adminProblemWords } from '../../src/slack/words/admin.ts';

/** A Monday, 10:00 in Berlin. */
const at = moment(Date.parse('2026-03-02T09:00:00Z'));
const parse = (text: string) => parseAdminAsk(text, at, 'Europe/Berlin');

const override = { kind: 'set_override', user: 'U0ADA0001', expiresAt: null, reason: 'deadline' } as const;
const GPU_HOUR = 3_600_000;

describe('a limit for one member', () => {
  it.each([
    ['4 gpus for 2 weeks', { limit: 'gpus', value: 4000, expiresAt: '2026-03-16T09:00:00.000Z' }],
    ['4 gpus', { limit: 'gpus', value: 4000 }],
    ['1 gpu', { limit: 'gpus', value: 1000 }],
    ['a GPU', { limit: 'gpus', value: 1000 }],
    ['4gpus at once', { limit: 'gpus', value: 4000 }],
    ['0 gpus', { limit: 'gpus', value: 0 }],
    ['0.571 gpus', { limit: 'gpus', value: 571 }],
    ['1.5 gpus', { limit: 'gpus', value: 1500 }],
    ['8 gpus per request until fri 18:00', { limit: 'gpusPerRequest', value: 8000, expiresAt: '2026-03-06T17:00:00.000Z' }],
    ['3 cpu containers', { limit: 'cpuContainers', value: 3 }],
    ['1 CPU container', { limit: 'cpuContainers', value: 1 }],
    ['200 gpu-hours for 1 month', { limit: 'gpuHours', value: 200 * GPU_HOUR, expiresAt: '2026-04-01T19:30:00.000Z' }],
    ['200 gpu hours', { limit: 'gpuHours', value: 200 * GPU_HOUR }],
    ['0.5 gpu-hour per period', { limit: 'gpuHours', value: GPU_HOUR / 2 }],
    ['200gpuh', { limit: 'gpuHours', value: 200 * GPU_HOUR }],
    ['1000000000 gpu-hours', { limit: 'gpuHours', value: 1e9 * GPU_HOUR }],
    ['2 days per lease', { limit: 'maxDuration', value: 172_800 }],
    ['1h30m per lease for 3 days', { limit: 'maxDuration', value: 5400, expiresAt: '2026-03-05T09:00:00.000Z' }],
  ])('%s', (amount, wanted) => {
    const parsed = parse(`quota <@U0ADA0001|ada> ${amount} -- deadline`);
    expect(parsed).toEqual({ ok: true, ask: { ...override, ...wanted } });
    expect(AdminAsk.safeParse(parsed.ok ? parsed.ask : null).success).toBe(true);
  });

  it.each([
    'quota <@U0ADA0001> 4 gpus -- deadline',
    'QUOTA <@U0ADA0001|ada l.> 4 gpus — deadline',
    ' quota  U0ADA0001 4 gpus – deadline',
    'quota &lt;@U0ADA0001|x&gt; 4\u00a0gpus --deadline',
    'quota <@U0ADA0001> 4 gpus -- “deadline”',
  ])('however it is typed: %s', (text) => {
    expect(parse(text)).toEqual({ ok: true, ask: { ...override, limit: 'gpus', value: 4000 } });
  });

  it.each([
    ['4 gpus default', 'gpus'],
    ['gpus default', 'gpus'],
    ['gpus per request default', 'gpusPerRequest'],
    ['cpu containers default', 'cpuContainers'],
    ['gpu-hours default -- over', 'gpuHours'],
    ['lease default', 'maxDuration'],
    ['time per lease default', 'maxDuration'],
    ['2 days per lease default', 'maxDuration'],
  ])('is taken back: %s', (typed, limit) => {
    const parsed = parse(`quota <@U0ADA0001> ${typed}`);
    expect(parsed).toEqual({ ok: true, ask: { kind: 'revoke_override', user: 'U0ADA0001', limit } });
  });
});

describe('a grant', () => {
  it.each([
    ['20 gpu-hours', 20],
    ['+20 gpu hours', 20],
    ['-5 gpu-hours', -5],
    ['–5 gpuh', -5],
    ['0.25 gpu-hours', 0.25],
  ])('%s', (amount, hours) => {
    const parsed = parse(`grant <@U0ADA0001|ada> ${amount} -- paper deadline`);
    expect(parsed).toEqual({
      ok: true,
      ask: { kind: 'grant', user: 'U0ADA0001', milliSeconds: hours * GPU_HOUR, reason: 'paper deadline' },
    });
    expect(AdminAsk.safeParse(parsed.ok ? parsed.ask : null).success).toBe(true);
  });
});

describe('what is not understood', () => {
  const cases: [text: string, problem: AdminProblem][] = [
    ['', { code: 'empty' }],
    ['qouta <@U0ADA0001> 4 gpus', { code: 'unknown_verb', typed: 'qouta', nearest: 'quota' }],
    ['drain gpu-01', { code: 'unknown_verb', typed: 'drain', nearest: null }],
    ['quota', { code: 'no_member', verb: 'quota', typed: null }],
    ['grant @ada 5 gpu-hours', { code: 'no_member', verb: 'grant', typed: '@ada' }],
    ['quota <!channel> 4 gpus -- x', { code: 'no_member', verb: 'quota', typed: '<!channel>' }],
    ['quota <@U0ADA0001>', { code: 'no_amount', verb: 'quota' }],
    ['quota <@U0ADA0001> gpus -- x', { code: 'no_amount', verb: 'quota' }],
    ['grant <@U0ADA0001> gpu-hours -- x', { code: 'no_amount', verb: 'grant' }],
    ['quota <@U0ADA0001> 4 -- x', { code: 'unknown_limit', verb: 'quota', typed: '4' }],
    ['quota <@U0ADA0001> 4 a100 -- x', { code: 'unknown_limit', verb: 'quota', typed: '4 a100' }],
    ['quota <@U0ADA0001> 4 gpus deadline', { code: 'unknown_limit', verb: 'quota', typed: '4 gpus deadline' }],
    ['quota <@U0ADA0001> default', { code: 'unknown_limit', verb: 'quota', typed: 'default' }],
    ['grant <@U0ADA0001> 4 gpus -- x', { code: 'unknown_limit', verb: 'grant', typed: '4 gpus' }],
    ...['-1', '1e9', 'NaN', '9999999999999999999', '100001', '1.0001', '1,5', 'many', '0x10', '٣'].map((number): [string, AdminProblem] => [
      `quota <@U0ADA0001> ${number} gpus -- x`,
      { code: 'bad_number', verb: 'quota', typed: number, limit: 'gpus', max: 100_000 },
    ]),
    [
      'quota <@U0ADA0001> 1.5 cpu containers -- x',
      { code: 'bad_number', verb: 'quota', typed: '1.5', limit: 'cpuContainers', max: 10_000 },
    ],
    ...['0', '-0', '1e9', '--5', '1000000001'].map((number): [string, AdminProblem] => [
      `grant <@U0ADA0001> ${number} gpu-hours -- x`,
      number === '--5'
        ? { code: 'no_amount', verb: 'grant' }
        : { code: 'bad_number', verb: 'grant', typed: number, limit: 'gpuHours', max: 1_000_000_000 },
    ]),
    ['quota <@U0ADA0001> 0 days per lease -- x', { code: 'bad_duration', typed: '0 days' }],
    ['quota <@U0ADA0001> 400 days per lease -- x', { code: 'bad_duration', typed: '400 days' }],
    ['quota <@U0ADA0001> 4 gpus for -- x', { code: 'bad_end', typed: 'for', why: 'no_duration' }],
    ['quota <@U0ADA0001> 4 gpus for ever -- x', { code: 'bad_end', typed: 'for ever', why: 'no_duration' }],
    ['quota <@U0ADA0001> 4 gpus for 3 years -- x', { code: 'bad_end', typed: 'for 3 years', why: 'too_far' }],
    ['quota <@U0ADA0001> 4 gpus until -- x', { code: 'bad_end', typed: 'until', why: 'no_time' }],
    ['quota <@U0ADA0001> 4 gpus until fri deadline', { code: 'bad_end', typed: 'until fri deadline', why: 'no_time' }],
    ['quota <@U0ADA0001> 4 gpus until yesterday -- x', { code: 'bad_end', typed: 'until yesterday', why: 'past' }],
    ['quota <@U0ADA0001> 4 gpus until in 3 hours -- x', { code: 'bad_end', typed: 'until in 3 hours', why: 'relative' }],
    ['quota <@U0ADA0001> 4 gpus until 5/6 -- x', { code: 'bad_end', typed: 'until 5/6', why: 'ambiguous_date' }],
    ['quota <@U0ADA0001> gpus default for 2 weeks', { code: 'end_of_default', typed: 'for 2 weeks' }],
    ['quota <@U0ADA0001> many gpus default', { code: 'bad_number', verb: 'quota', typed: 'many', limit: 'gpus', max: 100_000 }],
    ['quota <@U0ADA0001> 4 gpus', { code: 'no_reason', verb: 'quota' }],
    ['quota <@U0ADA0001> 4 gpus --', { code: 'no_reason', verb: 'quota' }],
    ['grant <@U0ADA0001> 5 gpu-hours', { code: 'no_reason', verb: 'grant' }],
    [`grant <@U0ADA0001> 5 gpu-hours -- ${'x'.repeat(501)}`, { code: 'too_long', what: 'reason', length: 501, max: 500 }],
    ['x'.repeat(20_000), { code: 'too_long', what: 'text', length: 20_000, max: 3000 }],
    ['quota <@U0ADA0001> 4 gpus "x', { code: 'unclosed_quote', typed: '"x' }],
  ];
  it.each(cases)('%.60s', (text, problem) => {
    expect(parse(text)).toEqual({ ok: false, problem });
    const words = adminProblemWords(problem);
    expect(words).toMatch(/ Nothing was changed\. Example: `\/gpu admin (?:quota|grant) @ada [^`]+`$/);
    expect(words).not.toMatch(/undefined|null|NaN\b(?!`)|\[object|<!/);
  });

  it('is said with an example that is itself understood', () => {
    for (const [, problem] of cases) {
      const [, example = ''] = /`\/gpu admin ([^`]+)`$/.exec(adminProblemWords(problem)) ?? [];
      expect(parse(example.replace('@ada', '<@U0ADA0001|ada>'))).toMatchObject({ ok: true });
    }
  });

  it('in whole sentences', () => {
    expect(adminProblemWords({ code: 'bad_number', verb: 'quota', typed: '1e9', limit: 'gpus', max: 100_000 })).toBe(
      '`1e9` is no number of GPUs; write 0 to 100 000, with at most three decimals, as in `1.5`. Nothing was changed. Example: `/gpu admin quota @ada 4 gpus for 2 weeks -- deadline`',
    );
    expect(adminProblemWords({ code: 'no_reason', verb: 'grant' })).toBe(
      'Say why, after `--`; the member is told the reason, and it is kept. Nothing was changed. Example: `/gpu admin grant @ada 20 gpu-hours -- paper deadline`',
    );
  });
});

/** What is wrong with an answer; '' for a sound one. */
function flaw(text: string, now: Date, zone: string): string {
  const parsed = parseAdminAsk(text, now, zone);
  if (!parsed.ok) return adminProblemWords(parsed.problem).length < 1500 ? '' : 'a problem nobody reads';
  const { ask } = parsed;
  const checked = AdminAsk.safeParse(ask);
  if (!checked.success) return checked.error.message;
  const ends = 'expiresAt' in ask ? ask.expiresAt : null;
  return ends === null || ends > now.toISOString() ? '' : `over already: ${ends}`;
}

test('no text makes it throw, and no ask it gives is refused later', () => {
  const word = fc.constantFrom(
    ...'quota grant <@U0ADA0001|ada> <@U0ADA0001> 4 0 -5 1.5 1e9 gpus gpu gpu-hours gpuh hours cpu containers per request lease 2 days'.split(
      ' ',
    ),
    ...'default for until fri 18:00 tomorrow 2 weeks month -- — – " \' reason , <!channel> \u0000 2027 5/6 ever'.split(' '),
  );
  const sentence = fc.array(fc.oneof({ weight: 9, arbitrary: word }, fc.string({ maxLength: 6 })), { maxLength: 12 });
  const led = sentence.map((words) => ['quota <@U0ADA0001> 4 gpus', ...words].join(' '));
  const text = fc.oneof(
    sentence.map((words) => words.join(' ')),
    led,
    fc.string({ unit: 'binary', maxLength: 200 }),
  );
  const zone = fc.constantFrom('UTC', 'Europe/Berlin', 'Australia/Lord_Howe', 'x');
  const when = fc.date({
    min: moment(Date.parse('2024-01-01T00:00:00Z')),
    max: moment(Date.parse('2040-01-01T00:00:00Z')),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(text, when, zone, (typed, now, name) => {
      expect(flaw(typed, now, name)).toBe('');
    }),
    { numRuns: 2000, seed: 20_260_302 },
  );
});
