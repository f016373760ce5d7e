// Every card and answer in every state: Slack would take it, its text stands alone, and its buttons are legal moves.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { AllocationView } from '../../src/domain/allocation-view.ts';
import type { LetterView } from '../../src/domain/letter-view.ts';
import { isFinal, states, type State } from '../../src/domain/lifecycle.ts';
import { HostProblem } from '../../src/domain/host-protocol.ts';
import type { Refusal } from '../../src/domain/refusal.ts';
import { checkBlocks } from '../../src/local/slack/blocks.ts';
import { answer, plain } from '../../src/slack/views/answer.ts';
import { approvalCard } from '../../src/slack/views/approval-card.ts';
import { letterMessage } from '../../src/slack/views/letter.ts';
import { mineList, statusList } from '../../src/slack/views/lists.ts';
import { memberCard } from '../../src/slack/views/member-card.ts';
import { emptyRequest, help, NOT_OPENED, OUTAGE } from '../../src/slack/words/help.ts';
import { requestedWords } from '../../src/slack/words/allocation.ts';
import { refusalWords } from '../../src/slack/words/refusals.ts';
import { poolLine } from '../../src/slack/words/status.ts';
import { byWhom, code, quoted } from '../../src/slack/words/common.ts';
import { at, expectRight, later, question, view } from './samples.ts';

describe.each(states)('in the state %s', (state) => {
  it.each([
    ['the approvers’ card', approvalCard],
    ['the holder’s card', memberCard],
    ['the answer to a request', (shown: AllocationView) => answer({ kind: 'requested', id: shown.id }, shown, 'Europe/Berlin', at)],
    ['the list of mine', (shown: AllocationView) => mineList([shown])],
  ])('%s is right', (_, draw) => {
    expectRight(draw(view(state)), state);
    expectRight(
      draw(view(state, { purpose: '', until: later, pool: 'cpu', devices: 0, leased: [], simulated: { engine: true, gpus: true } })),
      state,
    );
  });

  it('has no buttons once it is over', () => {
    const count = [approvalCard, memberCard].flatMap((draw) => JSON.stringify(draw(view(state)).blocks).match(/"button"/g) ?? []).length;
    const several: Partial<Record<State, number>> = { requested: 5, active: 2 };
    const wanted = isFinal(state) || state === 'retiring' ? 0 : (several[state] ?? 1);
    expect(count).toBe(wanted);
  });
});

describe('the card', () => {
  it('says in its text alone who wants what, for how long, why, and where it stands', () => {
    expect(approvalCard(view('requested')).text).toBe(
      '<@U0ADA0001> asks for *2 × a100 for 6 h* — fine-tune. Approve: it starts now on `gpu-01`, GPU 0 + 1; nobody waits longer. Waiting for an approval until <!date^1772463600^{date_short_pretty} {time}|Mon 2 Mar, 16:00 (Europe/Berlin)>, then it lapses.',
    );
  });

  it('asks before it releases, in the colour of the button', () => {
    const [dialog] = [...JSON.stringify(memberCard(view('active')).blocks).matchAll(/"confirm":{"title".*?"style":"(\w+)"/g)];
    expect(dialog?.[1]).toBe('danger');
  });

  it('says until when it may be answered, and when only working hours count', () => {
    expect(approvalCard(view('requested')).text).toMatch(/until [^(]*\(Europe\/Berlin\)>, then it lapses\./);
    const skips = view('requested', { approval: question('open', { lapseSkips: true }) });
    expect(approvalCard(skips).text).toMatch(/until .*> \(only working hours count\), then it lapses\./);
    expect(JSON.stringify(approvalCard(skips).blocks)).toContain('(only working hours count)');
    expect(requestedWords(skips, at)).toContain('(Europe/Berlin) (only working hours count). ');
  });

  it('tells its holder the way in while it runs, and only then', () => {
    expect(memberCard(view('active')).text).toContain('docker exec -it berth-al-7k3q9xwd sh');
    expect(memberCard(view('retired')).text).not.toContain('docker exec');
    expect(memberCard(view('active', { simulated: { engine: true, gpus: true } })).text).not.toContain('docker exec');
  });
});

describe('what is simulated', () => {
  const simulated = { engine: true, gpus: true };
  const gpusOnly = { engine: false, gpus: true };
  const asked = (shown: AllocationView) => answer({ kind: 'requested', id: shown.id }, shown, 'Europe/Berlin', at);

  it.each([
    ['the answer to a request', asked(view('queued', { simulated })), 'Only simulated hosts offer it: no container will really run.'],
    ['the answer to a request', asked(view('requested', { simulated: gpusOnly })), 'The container will be real; its GPUs are simulated.'],
    ['the approvers’ card', approvalCard(view('requested', { simulated })), 'Only simulated hosts offer it'],
    ['the approvers’ card', approvalCard(view('active', { simulated })), 'This host is simulated'],
    ['the holder’s card', memberCard(view('active', { simulated: gpusOnly })), 'The container is real; its GPUs are simulated.'],
    ['the list of mine', mineList([view('active', { simulated }), view('queued')]), 'the containers and GPUs of `gpu-01`.'],
    ['the list of mine', mineList([view('active', { simulated: gpusOnly })]), 'Simulated, not real: the GPUs of `gpu-01`.'],
  ])('%s says so, in its text and in its blocks', (_, message, words) => {
    expect(message.text).toContain(words);
    expect(JSON.stringify(message.blocks)).toContain(words);
    expect(checkBlocks(message.blocks)).toEqual([]);
  });

  it('is not spoken of where it never came to a host, nor where everything is real', () => {
    expect(JSON.stringify([approvalCard(view('denied', { simulated })), asked(view('queued')), mineList([view('active')])])).not.toMatch(
      /simulated/i,
    );
  });
});

describe('letters', () => {
  const letters: LetterView[] = [
    { kind: 'request_denied', allocation: view('denied') },
    { kind: 'request_lapsed', allocation: view('lapsed') },
    { kind: 'start_failed', allocation: view('failed') },
    { kind: 'container_ended', allocation: view('retiring') },
    { kind: 'no_approver_for_admin', requester: 'U0ADA0001', pool: 'a100' },
    {
      kind: 'limits_changed',
      change: { change: 'set_override', user: 'U0ADA0001', limit: 'gpus', value: 4000, until: '2026-03-09T00:00:00.000Z' },
      by: 'U0ROOT001',
      reason: 'deadline <!channel>',
      zone: 'Europe/Berlin',
    },
    {
      kind: 'group_joined',
      group: 'S0GPU0001',
      users: ['U0ADA0001'],
      roles: { approvers: true, teams: ['vision'] },
      countFrom: later.toISOString(),
      zone: 'Europe/Berlin',
    },
    {
      kind: 'group_joined',
      group: 'S0GPU0001',
      users: Array.from({ length: 500 }, (_, index) => `U0ADA${index}`),
      roles: { approvers: false, teams: ['vision', 'speech'] },
      countFrom: at.toISOString(),
      zone: 'UTC',
    },
    {
      kind: 'approvals_digest',
      digest: {
        approved: 41,
        lowered: 1,
        denied: 1,
        lapsed: 2,
        medianSeconds: 720,
        rules: [{ pool: 'a100', gpusMilli: 1000, durationSeconds: 28_800, unchanged: 41, answered: 43 }],
      },
    },
    { kind: 'approvals_digest', digest: { approved: 0, lowered: 0, denied: 0, lapsed: 1, medianSeconds: null, rules: [] } },
    { kind: 'channel_closed', channel: 'C0APPROVE', error: 'not_in_channel' },
    { kind: 'policy_broken', problem: '/etc/berth/policy.yaml:12: quota.gpus: <!channel> `x`' },
    {
      kind: 'ledger_discrepancy',
      discrepancy: { rule: 'leases', about: 'al-7k3q9xwd', found: 'active with 1 devices leased instead of 2' },
    },
    {
      kind: 'limits_changed',
      change: { change: 'grant', user: 'U0ADA0001', limit: null, value: -3_600_000, until: null },
      by: 'U0ROOT001',
      reason: null,
      zone: 'UTC',
    },
    {
      kind: 'inbox_answer',
      outcome: { kind: 'adjusted', change: 'revoke_override', user: 'U0ADA0001', limit: 'maxDuration', value: null, until: null },
      allocation: null,
      zone: 'UTC',
    },
    ...HostProblem.shape.code.options.map(
      (code) => ({ kind: 'host_problem', host: '<!channel>', problem: { code, detail: 'a `b` <@U1>', blocking: true } }) as const,
    ),
    {
      kind: 'holder_departed',
      user: 'U0ADA0001',
      zone: 'UTC',
      holding: Array.from(
        { length: 10 },
        () => ({ id: 'al-7k3q9xwd', pool: 'a100', devices: 1, state: 'queued', leaseEndsAt: null }) as const,
      ),
    },
    { kind: 'inbox_answer', outcome: { kind: 'extended', id: 'al-7k3q9xwd' }, allocation: view('active'), zone: 'UTC' },
    { kind: 'inbox_answer', outcome: { kind: 'releasing', id: 'al-7k3q9xwd' }, allocation: null, zone: 'UTC' },
    { kind: 'inbox_answer', outcome: { kind: 'refused', refusal: { code: 'own_request' } }, allocation: null, zone: 'UTC' },
  ];
  it.each(letters.map((letter) => [letter.kind, letter] as const))('%s is right', (_, letter) => {
    expectRight(letterMessage(letter, at), null);
  });

  it('read as reviewed', () => {
    expect(letters.map((letter) => `${letter.kind}: ${letterMessage(letter, at).text}`).join('\n')).toMatchSnapshot('words');
  });
});

describe('every refusal', () => {
  const holding = [{ id: 'al-7k3q9xwd', pool: 'a100', devices: 2, state: 'active', leaseEndsAt: later.toISOString() }] as const;
  const refusals: Refusal[] = [
    { code: 'unknown_person' },
    ...(['stranger', 'guest', 'bot', 'deactivated', 'not_listed'] as const).map((why) => ({ code: 'not_a_member', why }) as const),
    { code: 'unknown_pool', name: 'h100', nearest: 'a100', pools: ['a100', 'cpu'] },
    { code: 'unknown_image', name: 'x', nearest: null, images: ['pytorch'] },
    { code: 'no_pool_fits', devices: 4, memoryMibMin: 81_920, pools: ['a100'] },
    {
      code: 'over_request_cap',
      pool: 'a100',
      asked: 99,
      askedMilli: 99_000,
      capMilli: 2000,
      deviceMilli: 1000,
      source: { layer: 'default' },
    },
    {
      code: 'over_request_cap',
      pool: 'mig',
      asked: 1,
      askedMilli: 428,
      capMilli: 285,
      deviceMilli: 428,
      source: { layer: 'team', team: 'vision' },
    },
    { code: 'over_team_limit', team: 'vision', askedMilli: 1000, heldMilli: 8000, limitMilli: 8000 },
    { code: 'over_budget', team: null, asked: 7_200_000, committed: 0, limit: 3_600_000, refillsAt: '2026-03-09T00:00:00.000Z' },
    { code: 'over_budget', team: 'vision', asked: 1, committed: 3_600_000, limit: 3_600_000, refillsAt: '2026-03-09T00:00:00.000Z' },
    { code: 'over_member_limit', askedMilli: 1000, heldMilli: 2000, limitMilli: 2000, source: { layer: 'default' }, holding },
    { code: 'over_cpu_limit', held: 2, limit: 2, holding },
    { code: 'too_many_open', limit: 20, holding },
    { code: 'too_fast', perMinute: 60 },
    { code: 'nothing_held', verb: 'again' },
    { code: 'not_admin' },
    { code: 'no_such_member', user: 'U0NOBODY1' },
    { code: 'no_such_team', name: '<!channel>', nearest: 'vision' },
    ...(['member', 'team', 'allocation'] as const).map((what) => ({ code: 'not_visible', what }) as const),
    { code: 'no_override', user: 'U0ADA0001', limit: 'gpuHours' },
    { code: 'duration_too_long', pool: 'a100', askedSeconds: 90_000, maxSeconds: 86_400, source: null },
    {
      code: 'duration_too_long',
      pool: 'a100',
      askedSeconds: 90_000,
      maxSeconds: 3600,
      source: { layer: 'override', until: '2026-03-09T00:00:00.000Z', by: 'member:U0ROOT001', reason: 'exam <!channel>' },
    },
    { code: 'never_fits', pool: 'a100', asked: 9, biggestHost: 8, host: null },
    { code: 'never_fits', pool: 'a100', asked: 1, biggestHost: 0, host: 'gpu-02' },
    { code: 'no_approver', pool: 'a100' },
    { code: 'payer_unknown', team: 'vision' },
    { code: 'image_for_batch', name: 'trainer' },
    { code: 'driver_too_old', pool: 'a100', image: 'new', minDriver: '550.54', drivers: ['535.183.01', null] },
    { code: 'batch_not_yet', pool: 'a100' },
    { code: 'until_past', until: at.toISOString() },
    { code: 'no_such_allocation', id: 'al-x', nearest: 'al-7k3q9xwd' },
    { code: 'nothing_held', verb: 'release' },
    { code: 'nothing_held', verb: 'extend' },
    { code: 'not_longer', id: 'al-7k3q9xwd', endsAt: later.toISOString() },
    { code: 'pool_gone', id: 'al-7k3q9xwd', pool: 'a100', endsAt: '2026-03-02T10:00:00.000Z' },
    { code: 'extension_too_long', id: 'al-7k3q9xwd', pool: 'a100', askedSeconds: 90_000, maxSeconds: 86_400, source: null },
    { code: 'over_extension', askedSeconds: 14_400, usedSeconds: 80_000, perWeek: 86_400, refillsAt: later.toISOString() },
    {
      code: 'would_delay',
      id: 'al-7k3q9xwd',
      delays: [
        { id: 'al-2222bbbb', seconds: 3600 },
        { id: 'al-2222cccc', seconds: null },
      ],
    },
    { code: 'nothing_held', verb: 'cancel' },
    { code: 'which_one', verb: 'release', holding },
    { code: 'not_yours', id: 'al-7k3q9xwd' },
    { code: 'not_approver' },
    { code: 'approvers_unreadable', groups: ['S0GPU0001'] },
    { code: 'not_lower', what: 'devices', wanted: 3, asked: 2 },
    { code: 'not_lower', what: 'seconds', wanted: 7200, asked: 3600 },
    {
      code: 'not_approvable',
      refusal: { code: 'over_budget', team: null, asked: 7_200_000, committed: 0, limit: 3_600_000, refillsAt: later.toISOString() },
    },
    { code: 'asked_already', id: 'al-7k3q9xwd', lapsesAt: later.toISOString() },
    ...(['approved', 'denied', 'lapsed', 'withdrawn'] as const).map(
      (state) =>
        ({
          code: 'extension_answered',
          id: 'al-7k3q9xwd',
          state,
          by: state === 'lapsed' ? null : 'U0PAT0001',
          at: at.toISOString(),
        }) as const,
    ),
    { code: 'question_open', id: 'al-7k3q9xwd' },
    { code: 'no_question', id: 'al-7k3q9xwd' },
    { code: 'hand_over_too_long', days: 90 },
    { code: 'nothing_handed_over' },
    { code: 'no_standing_approval', number: 7 },
    { code: 'decline_over', id: 'al-7k3q9xwd', until: later.toISOString() },
    { code: 'beyond_counting', user: 'U0ADA0001', most: Number.MAX_SAFE_INTEGER },
    { code: 'own_request' },
    ...states.map(
      (state) => ({ code: 'too_late', event: 'approve', id: 'al-7k3q9xwd', state, by: 'member:U0PAT0001', at: at.toISOString() }) as const,
    ),
    { code: 'outdated_card', id: 'al-7k3q9xwd' },
    { code: 'gave_up', attempts: 10 },
    { code: 'busy' },
  ];
  it.each(refusals.map((refusal) => [`${refusal.code} ${'state' in refusal ? refusal.state : ''}`, refusal] as const))(
    '%s is a sentence',
    (_, refusal) => {
      const words = refusalWords(refusal, 'Europe/Berlin');
      expect(words).toMatch(/[.`]$/);
      expectRight(plain(words), null);
    },
  );

  it('reads as reviewed', () => {
    expect(refusals.map((refusal) => `${refusal.code}: ${refusalWords(refusal, 'Europe/Berlin')}`).join('\n')).toMatchSnapshot('words');
  });

  it('is one of those above', () => {
    // Every code that the words know: a new one has to be reviewed here.
    const codes = [...readFileSync('src/slack/words/refusals.ts', 'utf8').matchAll(/^    case '(\w+)':/gm)].map(([, code]) => code);
    expect(codes.filter((code) => !refusals.some((refusal) => refusal.code === code))).toEqual([]);
  });

  it('over the limit says the numbers, what is held and until when', () => {
    expect(
      refusalWords(
        { code: 'over_member_limit', askedMilli: 1000, heldMilli: 2000, limitMilli: 2000, source: { layer: 'default' }, holding },
        'Europe/Berlin',
      ),
    ).toBe(
      'That would be 3 GPUs at once; your limit is 2 (everybody’s limit) and you use 2/2. You hold `al-7k3q9xwd` (2 × a100, until <!date^1772463600^{date_short_pretty} {time}|Mon 2 Mar, 16:00 (Europe/Berlin)>). Release or cancel one, or wait until one ends.',
    );
  });
});

describe('fixed words and lists', () => {
  it.each([
    ['help', help('a100')],
    ['an empty request', emptyRequest('a100')],
    ['an outage', OUTAGE],
    ['a window that did not open', NOT_OPENED],
  ])('%s fits into a message', (_, words) => {
    expect(checkBlocks(plain(words).blocks)).toEqual([]);
  });

  it('a long list of mine stays within Slack’s limits and says how many more there are', () => {
    const many = Array.from({ length: 40 }, () => view('active'));
    const pool = {
      name: 'a100',
      free: 1,
      leased: 2,
      occupied: 1,
      unreachable: 1,
      suspect: 0,
      draining: 0,
      observed: 0,
      offered: true,
      waiting: 3,
      devices: [
        { host: 'gpu-01', index: 0, condition: 'free', holder: null, leaseEndsAt: null },
        { host: 'gpu-01', index: 1, condition: 'leased', holder: 'U0ADA0001', leaseEndsAt: later },
        { host: '<!channel>', index: 2, condition: 'occupied', holder: null, leaseEndsAt: null },
      ] as const,
      troubles: [{ host: 'gpu-02', code: 'ledger_changed' }] as const,
      simulated: [{ host: 'gpu-02', engine: true, gpus: true }],
      strangers: [{ host: 'gpu-01', index: 0, owner: 'eve', command: 'python' }],
    };
    const message = statusList([pool, { ...pool, name: 'cpu' }], many, 'UTC');
    expect(message.text).toContain('`a100`: 1 of 5 free (2 in use, 1 occupied outside Berth, 1 out of reach), 3 waiting');
    const none = { free: 0, leased: 0, occupied: 0, unreachable: 0, waiting: 0 };
    expect(poolLine({ ...pool, ...none, suspect: 2, draining: 1 })).toBe('`a100`: 0 of 3 free (2 not known to be free, 1 draining)');
    expect(poolLine({ ...pool, ...none, observed: 2 })).toBe('`a100`: 0 of 2 free (2 only observed)');
    expect(poolLine({ ...pool, ...none, leased: 2, offered: false })).toBe('`a100`: the policy has it no longer; 2 in use until they end');
    expect(checkBlocks(message.blocks)).toEqual([]);
    expect(JSON.stringify(message.blocks)).toContain('and 28 more');
    expect(message.text).toContain('1 of 5 GPUs are free');
    const trouble = '`gpu-02` takes no new containers: this bot has another database than the one that it obeys. The admins know.';
    expect(JSON.stringify(message.blocks).split(trouble)).toHaveLength(2);
    expect(message.text.split('Simulated, not real: the containers and GPUs of `gpu-02`.')).toHaveLength(2);
  });
});

describe('words that are not ours', () => {
  it('are escaped, cut and kept on one line', () => {
    expect(quoted('<!channel> & <@U1>\u0000\n\u202e')).toBe('&lt;!channel&gt; &amp; &lt;@U1&gt;');
    expect(Array.from(quoted('😀'.repeat(300)))).toHaveLength(200);
    expect(code('a`b`')).toBe("`a'b'`");
  });

  it('name who did it', () => {
    expect([byWhom('member:U1'), byWhom('host:gpu-01'), byWhom('clock'), byWhom('scheduler')]).toEqual([
      '<@U1>',
      'the host `gpu-01`',
      'the clock',
      'the scheduler',
    ]);
  });
});
