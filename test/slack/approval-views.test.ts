// The cards that approvers answer, their dialogs and threads, and what the requester is sent: right for Slack in every state, and as reviewed.
import { describe, expect, it } from 'vitest';
import type { AllocationView } from '../../src/domain/allocation-view.ts';
import type { LetterView } from '../../src/domain/letter-view.ts';
import type { ApprovalView } from '../../src/domain/approval-view.ts';
import { approvalStates } from '../../src/domain/approvals.ts';
import type { ApprovalsView } from '../../src/domain/approvals-list.ts';
import type { CardNote } from '../../src/domain/card-note.ts';
import { states } from '../../src/domain/lifecycle.ts';
import type { Outcome } from '../../src/domain/outcome.ts';
import { checkBlocks } from '../../src/local/slack/blocks.ts';
import { buttonsOf } from '../../src/local/slack/block-reading.ts';
import { checkView } from '../../src/local/slack/view-rules.ts';
import { answer } from '../../src/slack/views/answer.ts';
import { approvalCard, extensionCard } from '../../src/slack/views/approval-card.ts';
import { alsoModal, approveLessModal, askModal, denyModal, handOverModal, replyModal } from '../../src/slack/views/approver-modals.ts';
import { letterMessage } from '../../src/slack/views/letter.ts';
import { approvalsMessage } from '../../src/slack/views/standing.ts';
import { at, consequences, later, question, view } from './samples.ts';

const HOUR = 3600;
const vote = (change: Partial<ApprovalView['votes'][number]>) =>
  ({ user: 'U0PAT0001', kind: 'ask', at, onBehalfOf: null, words: null, answer: null, ...change }) as const;
const hostile = '<!channel> *bold* `x` <@U1|me>\u0007 & co.';
const delay = (index: number, seconds: number | null) => ({ id: `al-bbbbbbb${index}`, holder: `U0BOB000${index}`, seconds });

const extension = (change: Partial<ApprovalView> = {}) =>
  question('open', {
    kind: 'extend',
    extendSeconds: 4 * HOUR,
    consequences: consequences({ start: null, end: { before: at, after: later }, delays: [delay(1, 4 * HOUR)], cheaper: null }),
    ...change,
  });

/** Everything that one card may have to say while it is open. */
const open: readonly (readonly [string, AllocationView])[] = [
  ['starts now', view('requested')],
  ['is first in line', view('requested', { approval: question('open', { consequences: consequences({ start: null }) }) })],
  [
    'delays others',
    view('requested', {
      approval: question('open', {
        consequences: consequences({
          start: { at: later, now: false, host: 'gpu-02', gpus: [] },
          ahead: 3,
          delays: [delay(1, 7800), delay(2, null), delay(3, 60), delay(4, 60)],
          record: null,
          cheaper: null,
          gpus: { before: 0, after: 2000, limit: null },
        }),
      }),
    }),
  ],
  [
    'waits for the requester',
    view('requested', { approval: question('open', { paused: true, dues: [], votes: [vote({ words: hostile })] }) }),
  ],
  [
    'has been answered to',
    view('requested', {
      approval: question('open', { votes: [vote({ words: 'Which data?', answer: hostile, onBehalfOf: 'U0PIA0001' })] }),
    }),
  ],
  ['can be answered by nobody now', view('requested', { approval: question('open', { asked: [], lapseSkips: true }) })],
  [
    'is a CPU container',
    view('requested', {
      pool: 'cpu',
      devices: 0,
      approval: question('open', {
        consequences: consequences({ start: { at, now: true, host: 'gpu-01', gpus: [] }, budget: null, cheaper: null }),
      }),
    }),
  ],
];

describe('a card that is open', () => {
  it.each(open)('and %s is right', (_, shown) => {
    const { text, blocks } = approvalCard(shown);
    expect(checkBlocks(blocks)).toEqual([]);
    expect(text).toMatchSnapshot('words');
    expect(JSON.stringify(blocks)).not.toContain('<!channel>');
    const offered = buttonsOf(blocks as unknown as Parameters<typeof buttonsOf>[0]).map(({ actionId }) => actionId);
    const paused = shown.approval?.paused === true;
    expect(offered).toEqual(expect.arrayContaining(['approve', 'approve_less', ...(paused ? [] : ['ask']), 'deny']));
    expect(offered.includes('ask')).toBe(!paused);
  });
});

describe.each(approvalStates)('a card whose question is %s', (state) => {
  const votes = [vote({ kind: state === 'denied' ? 'deny' : 'lower', words: hostile, onBehalfOf: 'U0PIA0001' })];

  it.each(states)('about an allocation that is %s has buttons only while it can be answered', (allocation) => {
    const shown = view(allocation, { approval: question(state, { votes }) });
    const cards = [approvalCard(shown), extensionCard(shown, { ...extension(), state, closedAt: state === 'open' ? null : at })];
    for (const { blocks, text } of cards) {
      expect(checkBlocks(blocks)).toEqual([]);
      expect(`${text} ${JSON.stringify(blocks)}`).not.toMatch(/undefined|NaN|\[object|<!channel>/);
      expect(JSON.stringify(blocks).includes('"button"')).toBe(state === 'open');
    }
  });

  it('of an extension reads as reviewed', () => {
    const decided =
      state === 'approved' || state === 'denied' ? [vote({ kind: state === 'denied' ? 'deny' : 'lower', words: 'a reason' })] : [];
    const shown = extension({
      state,
      votes: decided,
      closedAt: state === 'open' ? null : at,
      ...(state === 'open' ? {} : { consequences: null }),
    });
    expect(extensionCard(view('active'), shown).text).toMatchSnapshot('words');
  });
});

describe('what is said besides', () => {
  const lowered = view('queued', {
    asked: { devices: 4, capacityMilli: 4000, chargeMilli: 4000, durationSeconds: 24 * HOUR },
    approval: question('approved', { votes: [vote({ kind: 'lower', words: hostile })] }),
  });
  const asking = view('requested', { approval: question('open', { paused: true, votes: [vote({ words: hostile })] }) });
  const answered = question('open', { votes: [vote({ words: 'Which data?', answer: hostile })] });
  const notes: readonly (readonly [CardNote, ApprovalView])[] = [
    [{ kind: 'reminded' }, question('open')],
    [{ kind: 'escalated', stage: 1 }, question('open')],
    [{ kind: 'escalated', stage: 1 }, question('approved')],
    [{ kind: 'asked', question: 1 }, asking.approval ?? question('open')],
    [{ kind: 'answered', question: 1 }, answered],
    [{ kind: 'approved' }, question('approved')],
    [{ kind: 'approved' }, question('approved', { votes: [vote({ kind: 'lower', words: 'half is enough' })] })],
    [{ kind: 'denied' }, question('denied', { votes: [vote({ kind: 'deny', words: hostile })] })],
    [{ kind: 'lapsed' }, question('lapsed')],
    [{ kind: 'withdrawn' }, question('withdrawn')],
    [{ kind: 'withdrawn' }, extension({ state: 'withdrawn', consequences: null })],
    [{ kind: 'declined' }, question('approved')],
  ];
  const letters: LetterView[] = [
    { kind: 'request_lowered', allocation: lowered, declineBy: later },
    {
      kind: 'request_denied',
      allocation: view('denied', { approval: question('denied', { votes: [vote({ kind: 'deny', words: hostile })] }) }),
    },
    { kind: 'approval_question', allocation: asking, approval: asking.approval ?? question('open') },
    { kind: 'approval_question', allocation: asking, approval: answered },
    { kind: 'handed_over', by: 'U0PAT0001', until: later, zone: 'Europe/Berlin' },
    ...approvalStates
      .filter((state) => state !== 'open')
      .map((state) => ({
        kind: 'extension_answered' as const,
        allocation: view('active'),
        approval: extension({ state, consequences: null }),
      })),
    ...notes.map(([note, approval]) => ({ kind: 'card_note' as const, allocation: view('requested'), approval, note })),
  ];
  it.each(letters.map((letter, index) => [`${letter.kind} ${index}`, letter] as const))('%s is right, and as reviewed', (_, letter) => {
    const { text, blocks } = letterMessage(letter, at);
    expect(checkBlocks(blocks)).toEqual([]);
    expect(`${text} ${JSON.stringify(blocks)}`).not.toMatch(/undefined|NaN|\[object|<!channel>/);
    expect(text).toMatchSnapshot('words');
  });

  it('offers to decline for ten minutes, and not after', () => {
    const letter = { kind: 'request_lowered', allocation: lowered, declineBy: at } as const;
    expect(JSON.stringify(letterMessage(letter, at).blocks)).toContain('decline');
    expect(JSON.stringify(letterMessage(letter, later).blocks)).not.toContain('"decline"');
  });

  const outcomes: Outcome[] = [
    ...(['extension_asked', 'question_sent', 'question_answered'] as const).map((kind) => ({ kind, id: 'al-7k3q9xwd' })),
    { kind: 'handed_over', to: 'U0PIA0001', until: later.toISOString() },
    { kind: 'taken_back' },
    { kind: 'revoked', number: 7 },
  ];
  it.each(outcomes.map((outcome) => [outcome.kind, outcome] as const))('the answer %s reads as reviewed', (_, outcome) => {
    const { text, blocks } = answer(outcome, null, 'Europe/Berlin', at);
    expect(checkBlocks(blocks)).toEqual([]);
    expect(text).toMatchSnapshot('words');
  });
});

describe('the dialogs', () => {
  const about = { id: 'al-7k3q9xwd', version: 3 };
  const asked = { holder: 'U0ADA0001', pool: 'a100', devices: 2, seconds: 6 * HOUR };
  it.each([
    ['with less', approveLessModal(about, asked)],
    ['with less time only', approveLessModal(about, { ...asked, devices: 0 })],
    ['a denial', denyModal(about, 'U0ADA0001')],
    ['a question', askModal(about, 'U0ADA0001')],
    ['a reply', replyModal(about)],
    ['also for this member', alsoModal(about, asked)],
    ['handing over', handOverModal()],
  ])('%s are right for Slack, and say what they do', (_, dialog) => {
    expect(checkView(dialog, 'modal')).toEqual([]);
    expect(dialog.blocks[0]).toMatchSnapshot('words');
  });
});

describe('/gpu approvals', () => {
  const waiting = (id: string, change: Partial<ApprovalsView['waiting'][number]> = {}) => ({
    id,
    kind: 'new' as const,
    holder: 'U0ADA0001',
    pool: 'a100',
    devices: 2,
    seconds: 6 * HOUR,
    askedAt: at,
    lapsesAt: later,
    paused: false,
    channel: 'C0APPROVE',
    ...change,
  });
  const full: ApprovalsView = {
    waiting: [waiting('al-aaaaaaa1'), waiting('al-aaaaaaa2', { kind: 'extend', paused: true, channel: null })],
    allowed: [
      {
        number: 7,
        user: 'U0ADA0001',
        pool: 'a100',
        capacityMilli: 2000,
        durationSeconds: 6 * HOUR,
        grantedBy: 'U0PAT0001',
        expiresAt: later,
      },
    ],
    handOvers: [{ from: 'U0PAT0001', to: 'U0PIA0001', until: later }],
  };
  it.each([
    ['nothing', { waiting: [], allowed: [], handOvers: [] }],
    ['everything', full],
    ['very much', { ...full, waiting: Array.from({ length: 200 }, (_, index) => waiting(`al-aaaaa${100 + index}`)) }],
  ])('says %s', (_, shown) => {
    const { text, blocks } = approvalsMessage(shown, 'Europe/Berlin');
    expect(checkBlocks(blocks)).toEqual([]);
    expect(text).toMatchSnapshot('words');
  });
});
