// What approvers are asked and what becomes of it: whom, when, what approving would do, with less, with questions, and beforehand.
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { approve, deny } from '../../src/app/answer-request.ts';
import type { App, Call } from '../../src/app/app.ts';
import { askRequester, reply } from '../../src/app/ask-requester.ts';
import { handOver, revoke, takeBack } from '../../src/app/beforehand.ts';
import { chase } from '../../src/app/chase.ts';
import { decline } from '../../src/app/decline.ts';
import { deliver } from '../../src/app/deliver.ts';
import { extend } from '../../src/app/extend.ts';
import { expire } from '../../src/app/expire.ts';
import { lapse } from '../../src/app/lapse.ts';
import { place } from '../../src/app/place.ts';
import { request } from '../../src/app/request.ts';
import { verifyLedger } from '../../src/app/verify-ledger.ts';
import { viewApprovals } from '../../src/app/view-approvals.ts';
import { viewAllocation } from '../../src/app/view-allocation.ts';
import { redrawOpen } from '../../src/app/redraw-open.ts';
import { viewWhy } from '../../src/app/view-why.ts';
import { release, cancel } from '../../src/app/withdraw.ts';
import type { RequestAsk } from '../../src/domain/ask.ts';
import { allocationOf, type Outcome } from '../../src/domain/outcome.ts';
import { findAllocation } from '../../src/ledger/allocations.ts';
import { entriesOf } from '../../src/ledger/journal.ts';
import { importPolicy } from '../../src/app/import-policy.ts';
import { letterMessage } from '../../src/slack/views/letter.ts';
import { askFor, refusalOf, sees, testApp, testHost, type TestApp, type TestHost } from '../support/app.ts';
import { movableClock } from '../support/clock.ts';
import { CHANNEL, people, testPolicy, type PolicyChange } from '../support/policy.ts';

const HOUR = 3600;
const prof = 'U0PROF001';
const POLICY: PolicyChange = {
  quota: { gpus: 8, gpusPerRequest: 8, cpuContainers: 2, gpuHours: 1000 },
  approvalLapse: '24h',
  approvalReminder: '4h',
  escalation: [{ after: '8h', approvers: [prof] }],
};

let berth: TestApp;
let app: App & { clock: TestApp['app']['clock'] };
let host: TestHost;
let ada: Call;
let bob: Call;
let pat: Call;
let pia: Call;

async function begin(change: PolicyChange = {}): Promise<void> {
  berth = await testApp({ clock: movableClock('2026-03-03T10:00:00Z'), policy: testPolicy({ ...POLICY, ...change }) });
  app = berth.app;
  host = await testHost(app, 'gpu-01', 2);
  [ada, bob, pat, pia] = await Promise.all([
    berth.call(people.ada),
    berth.call(people.bob),
    berth.call(people.pat),
    berth.call(people.pia),
  ]);
}
beforeEach(() => begin());
afterEach(async () => {
  // Whatever a test did, the ledger adds up.
  const { discrepancy } = await verifyLedger(app.ledger);
  await berth.end();
  if (discrepancy !== null) throw new Error(JSON.stringify(discrepancy));
});

async function asks(who: Call, change: Partial<RequestAsk> = {}): Promise<string> {
  return allocationOf(await request(app, who, askFor(change))) ?? '';
}

async function rowOf(id: string) {
  const found = await findAllocation(app.ledger.reads, id);
  if (found === null) throw new Error(`no ${id}`);
  return found.allocation;
}

const versioned = async (id: string) => ({ id, version: (await rowOf(id)).version });

async function runs(who: Call, change: Partial<RequestAsk> = {}): Promise<string> {
  const id = await asks(who, change);
  await approve(app, pat, await versioned(id));
  await place(app);
  await up(id);
  return id;
}

const running = new Map<string, ReturnType<typeof sees.running>>();
beforeEach(() => running.clear());
async function up(id: string): Promise<void> {
  running.set(id, sees.running(id, (await rowOf(id)).fence ?? 0));
  expect(await host.report([...running.values()])).toBeNull();
}

/** Time in which the host keeps reporting. */
async function pass(seconds: number): Promise<void> {
  app.clock.move(seconds);
  await host.report([...running.values()]);
}

/** Kinds and recipients of what was shown since the last look; the newest of each card. */
async function shown() {
  await deliver(app);
  return berth.shown.splice(0).map(({ letter, recipient }) => ({ letter, recipient }));
}

async function consequences(id: string) {
  const view = await viewAllocation(app, id);
  const found = view?.approval?.consequences;
  if (found === undefined || found === null) throw new Error('nothing is to be decided');
  return found;
}

const held = async (id: string) =>
  (await entriesOf(app.ledger.reads, id)).reduce((sum, { kind, amount }) => sum + (kind === 'hold' ? amount : -amount), 0);

describe('what approving would do', () => {
  it('is where and when it starts, and what is left of quota, budget and pool', async () => {
    const id = await asks(ada, { devices: 2, durationSeconds: 6 * HOUR });
    expect(await consequences(id)).toMatchObject({
      start: { now: true, host: 'gpu-01', gpus: [0, 1] },
      ahead: 0,
      delays: [],
      gpus: { before: 0, after: 2000, limit: 8000 },
      budget: { before: 0, after: 2000 * 6 * HOUR, limit: 1000 * 1000 * HOUR },
      free: { before: 2, after: 0, total: 2 },
      record: null,
    });
  });

  it('names who would wait longer, to the second', async () => {
    await runs(ada, { durationSeconds: 2 * HOUR });
    const first = await asks(ada, { durationSeconds: 6 * HOUR });
    const other = await asks(bob, { durationSeconds: HOUR });
    // One GPU is free now, the other in 2 h: with the first one approved the second has to wait for that.
    const { delays, start } = await consequences(first);
    expect(start).toMatchObject({ now: true, gpus: [1] });
    expect(delays).toEqual([{ id: other, holder: people.bob, seconds: 2 * HOUR }]);
    // The other way round it is free again when the shorter one ends.
    expect((await consequences(other)).delays).toEqual([{ id: first, holder: people.ada, seconds: HOUR }]);
  });

  it('knows what the requester made of what they were given, and what would cost less', async () => {
    const pools = testPolicy().pools.map((pool) => ({ ...pool, maxDuration: '24h', rate: pool.name === 'l4' ? 0.25 : 1 }));
    await importPolicy(app, testPolicy({ ...POLICY, pools }));
    const small = await testHost(app, 'gpu-02', 2, 'NVIDIA L4');
    const id = await runs(ada, { durationSeconds: 10 * HOUR });
    await pass(3 * HOUR);
    await small.report([]);
    await release(app, ada, { id, version: null });
    running.set(id, sees.running(id, 0));
    running.delete(id);
    await host.report([sees.stopped(id, (await rowOf(id)).fence ?? 0)]);
    const next = await asks(ada, { devices: 2 });
    expect(await consequences(next)).toMatchObject({
      record: { granted: 1000 * 10 * HOUR, used: 1000 * 3 * HOUR, containers: 1 },
      cheaper: { pool: 'l4', memoryGib: 24, costMilli: 250 },
    });
  });
});

describe('who is asked', () => {
  it('is reminded, then further approvers are asked, then it lapses, at the times the card says', async () => {
    const id = await asks(ada);
    const said = (await viewAllocation(app, id))?.approval;
    expect(said?.asked).toEqual([people.pat, people.pia]);
    expect(said?.dues.map(({ kind, at, names }) => [kind, at.toISOString(), names])).toEqual([
      ['remind', '2026-03-03T14:00:00.000Z', []],
      ['escalate', '2026-03-03T18:00:00.000Z', [prof]],
    ]);
    await shown();
    await pass(4 * HOUR - 1);
    expect(await chase(app)).toBe(0);
    await pass(1);
    expect(await chase(app)).toBe(1);
    expect((await shown()).map(({ letter, recipient }) => [letter.kind, recipient])).toContainEqual(['card_note', CHANNEL]);
    expect(await refusalOf(approve(app, await berth.call(prof), await versioned(id)))).toEqual({ code: 'not_approver' });
    await pass(4 * HOUR);
    expect(await chase(app)).toBe(1);
    const notes = (await shown()).flatMap(({ letter }) => (letter.kind === 'card_note' ? [letter.note] : []));
    expect(notes).toEqual([{ kind: 'escalated', stage: 1 }]);
    expect((await viewAllocation(app, id))?.approval?.asked).toEqual([people.pat, people.pia, prof]);
    expect(await approve(app, await berth.call(prof), await versioned(id))).toMatchObject({ kind: 'approved' });
    await pass(16 * HOUR);
    expect([await chase(app), await lapse(app)]).toEqual([0, 0]);
  });

  it('counts working hours only, over days off and the day the clock is turned', async () => {
    await berth.end();
    // Friday 27 March 2026, 17:00 in Berlin; the clock is turned on Sunday, and Monday is off.
    const hours = { zone: 'Europe/Berlin', from: '09:00', to: '18:00' };
    berth = await testApp({
      clock: movableClock('2026-03-27T16:00:00Z'),
      policy: testPolicy({ ...POLICY, hours, daysOff: ['2026-03-30'] }),
    });
    app = berth.app;
    host = await testHost(app, 'gpu-01', 2);
    ada = await berth.call(people.ada);
    const id = await asks(ada);
    const said = (await viewAllocation(app, id))?.approval;
    expect(said?.dues.map(({ at }) => at.toISOString())).toEqual(['2026-03-31T10:00:00.000Z', '2026-03-31T14:00:00.000Z']);
    expect(said?.lapsesAt.toISOString()).toBe('2026-04-02T12:00:00.000Z');
  });

  it('is nobody twice, whichever bot looks', async () => {
    const second = await berth.another();
    await asks(ada);
    await shown();
    await pass(4 * HOUR);
    await Promise.all([chase(app), chase(second)]);
    expect((await shown()).filter(({ letter }) => letter.kind === 'card_note')).toHaveLength(1);
  });
});

describe('approved with less', () => {
  const less = { devices: 1, seconds: 8 * HOUR, words: 'one at a time, please' };
  let id: string;
  beforeEach(async () => {
    id = await asks(ada, { devices: 2, durationSeconds: 24 * HOUR });
    await approve(app, pat, { ...(await versioned(id)), ...less });
  });

  it('scenario 10: the hold follows, and the requester is told both numbers and why', async () => {
    expect(await rowOf(id)).toMatchObject({ state: 'queued', deviceCount: 1, capacityMilli: 1000, durationSeconds: 8 * HOUR });
    expect((await rowOf(id)).limits.memoryMib).toBe(1024);
    expect(await held(id)).toBe(1000 * 8 * HOUR);
    expect(await viewWhy(app, ada.actor, id)).toMatchObject({
      devices: 2,
      durationSeconds: 24 * HOUR,
      less: { devices: 1, durationSeconds: 8 * HOUR },
      votes: [{ user: people.pat, kind: 'lower', words: less.words }],
    });
    const letters = await shown();
    const told = letters.find(({ letter }) => letter.kind === 'request_lowered');
    expect(told).toMatchObject({
      recipient: people.ada,
      letter: { declineBy: new Date('2026-03-03T10:10:00Z'), allocation: { asked: { devices: 2, durationSeconds: 24 * HOUR } } },
    });
  });

  it('may be declined within ten minutes, free of charge, while it waits', async () => {
    expect(await decline(app, ada, await versioned(id))).toMatchObject({ kind: 'cancelled' });
    expect([await held(id), (await rowOf(id)).state]).toEqual([0, 'cancelled']);
  });

  it('may be declined while it runs already: nothing of what it used is charged', async () => {
    await place(app);
    await up(id);
    await pass(9 * 60);
    expect(await decline(app, ada, { id, version: 1 })).toMatchObject({ kind: 'releasing' });
    expect(await rowOf(id)).toMatchObject({ state: 'retiring', reason: 'declined' });
    const posted = (await entriesOf(app.ledger.reads, id)).filter(({ kind }) => kind === 'post');
    expect([posted, await held(id)]).toEqual([[], 0]);
  });

  it('may be declined by nobody else, and not after ten minutes', async () => {
    expect(await refusalOf(decline(app, bob, await versioned(id)))).toMatchObject({ code: 'not_yours' });
    app.clock.move(601);
    expect(await refusalOf(decline(app, ada, await versioned(id)))).toMatchObject({ code: 'decline_over' });
  });
});

it('is never more than was asked, and what was approved as asked cannot be declined', async () => {
  const id = await asks(ada, { durationSeconds: 2 * HOUR });
  expect(await refusalOf(approve(app, pat, { ...(await versioned(id)), devices: 2 }))).toMatchObject({ code: 'not_lower', asked: 1 });
  expect(await refusalOf(approve(app, pat, { ...(await versioned(id)), seconds: 3 * HOUR }))).toMatchObject({ code: 'not_lower' });
  expect((await rowOf(id)).state).toBe('requested');
  await approve(app, pat, { ...(await versioned(id)), devices: 1, seconds: 2 * HOUR });
  expect(await refusalOf(decline(app, ada, await versioned(id)))).toMatchObject({ code: 'outdated_card' });
});

it('with a fixed end is given so long from the approval, and never longer than asked', async () => {
  const id = await asks(ada, { durationSeconds: null, until: '2026-03-03T18:00:00Z' });
  await approve(app, pat, { ...(await versioned(id)), seconds: 6 * HOUR });
  expect((await rowOf(id)).until?.toISOString()).toBe('2026-03-03T16:00:00.000Z');
  const late = await asks(ada, { durationSeconds: null, until: '2026-03-03T18:00:00Z' });
  await pass(6 * HOUR);
  await approve(app, pat, { ...(await versioned(late)), seconds: HOUR });
  expect((await rowOf(late)).until?.toISOString()).toBe('2026-03-03T17:00:00.000Z');
  const last = await asks(ada, { durationSeconds: null, until: '2026-03-03T18:00:00Z' });
  await pass(HOUR + 1800);
  await approve(app, pat, { ...(await versioned(last)), seconds: HOUR });
  expect((await rowOf(last)).until?.toISOString()).toBe('2026-03-03T18:00:00.000Z');
});

describe('a question to the requester', () => {
  let id: string;
  beforeEach(async () => {
    id = await asks(ada);
    await pass(20 * HOUR);
    await chase(app);
    await shown();
    await askRequester(app, pat, { ...(await versioned(id)), words: 'Which data set?' });
  });

  it('reaches them, keeps the request from lapsing, and its answer comes to the card', async () => {
    const letters = await shown();
    expect(letters.map(({ letter, recipient }) => [letter.kind, recipient])).toEqual(
      expect.arrayContaining([
        ['approval_question', people.ada],
        ['card_note', CHANNEL],
      ]),
    );
    // Four hours were left; the answer comes after more than that.
    await pass(10 * HOUR);
    expect(await lapse(app)).toBe(0);
    expect(await reply(app, ada, { id, words: 'ImageNet' })).toMatchObject({ kind: 'question_answered' });
    const notes = (await shown()).flatMap(({ letter }) => (letter.kind === 'card_note' ? [letter] : []));
    expect(notes).toMatchObject([{ note: { kind: 'answered' }, approval: { votes: [{ words: 'Which data set?', answer: 'ImageNet' }] } }]);
    await pass(4 * HOUR - 1);
    expect(await lapse(app)).toBe(0);
    await pass(1);
    expect(await lapse(app)).toBe(1);
  });

  it('answered late, still lapses when it would have without an answer', async () => {
    await pass(26 * HOUR);
    await reply(app, ada, { id, words: 'ImageNet' });
    await pass(2 * HOUR - 1);
    expect(await lapse(app)).toBe(0);
    await pass(1);
    expect(await lapse(app)).toBe(1);
  });

  it('asked while it is about to lapse keeps it from that', async () => {
    await reply(app, ada, { id, words: 'ImageNet' });
    await pass(4 * HOUR - 1);
    // Both at once: whichever comes first, what the approver is told is so.
    const question = askRequester(app, pat, { ...(await versioned(id)), words: 'All of it?' });
    app.clock.move(1);
    const [asked] = await Promise.all([question.catch(() => null), lapse(app)]);
    expect((await rowOf(id)).state).toBe(asked === null ? 'lapsed' : 'requested');
  });

  it('waits not for ever: who never answers holds quota that others could use', async () => {
    await pass(28 * HOUR - 1);
    expect(await lapse(app)).toBe(0);
    await pass(1);
    expect(await lapse(app)).toBe(1);
  });

  it('is asked one at a time, and answered once, by the requester alone', async () => {
    expect(await refusalOf(askRequester(app, pia, { ...(await versioned(id)), words: 'And why?' }))).toMatchObject({
      code: 'question_open',
    });
    expect(await refusalOf(reply(app, bob, { id, words: 'mine' }))).toMatchObject({ code: 'not_yours' });
    await reply(app, ada, { id, words: 'ImageNet' });
    expect(await refusalOf(reply(app, ada, { id, words: 'COCO' }))).toMatchObject({ code: 'no_question' });
    expect(await approve(app, pia, await versioned(id))).toMatchObject({ kind: 'approved' });
  });
});

describe('an extension that others would wait for', () => {
  let id: string;
  let waiting: string;
  let outcome: Outcome;
  beforeEach(async () => {
    id = await runs(ada, { devices: 2, durationSeconds: 4 * HOUR });
    waiting = await asks(bob, { durationSeconds: HOUR });
    await approve(app, pat, await versioned(waiting));
    await shown();
    outcome = await extend(app, ada, { id, version: null, seconds: 2 * HOUR, until: null });
  });
  const ends = async () => (await rowOf(id)).leaseEndsAt?.toISOString();

  it('is put to the approvers, with who would wait and how long', async () => {
    expect(outcome).toEqual({ kind: 'extension_asked', id });
    const [card] = (await shown()).flatMap(({ letter, recipient }) => (letter.kind === 'extension_card' ? [{ letter, recipient }] : []));
    expect(card).toMatchObject({
      recipient: CHANNEL,
      letter: {
        approval: {
          kind: 'extend',
          extendSeconds: 2 * HOUR,
          consequences: {
            end: { before: new Date('2026-03-03T14:00:00Z'), after: new Date('2026-03-03T16:00:00Z') },
            delays: [{ id: waiting, holder: people.bob, seconds: 2 * HOUR }],
          },
        },
      },
    });
    expect(await ends()).toBe('2026-03-03T14:00:00.000Z');
    expect(await extend(app, ada, { id, version: null, seconds: HOUR, until: null })).toMatchObject({ refusal: { code: 'asked_already' } });
  });

  it('is granted by an approver once, held in the journal, and its holder told', async () => {
    const click = await versioned(id);
    const [one, two] = await Promise.allSettled([approve(app, pat, click), approve(await berth.another(), pia, click)]);
    expect([one.status, two.status].toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(await ends()).toBe('2026-03-03T16:00:00.000Z');
    expect(await held(id)).toBe(2000 * 6 * HOUR);
    const told = (await shown()).filter(({ letter }) => letter.kind === 'extension_answered');
    expect(told).toMatchObject([{ recipient: people.ada, letter: { approval: { state: 'approved' } } }]);
  });

  it('may be for a shorter time, or denied with a reason; whoever comes later is told what was said', async () => {
    await deny(app, pat, { ...(await versioned(id)), words: 'Bob has a deadline' });
    expect(await ends()).toBe('2026-03-03T14:00:00.000Z');
    expect(await refusalOf(approve(app, pia, await versioned(id)))).toMatchObject({
      code: 'extension_answered',
      state: 'denied',
      by: people.pat,
    });
    const letters = await shown();
    const told = letters.flatMap(({ letter }) => (letter.kind === 'extension_answered' ? [letter.approval.votes] : []));
    expect(told).toMatchObject([[{ kind: 'deny', words: 'Bob has a deadline' }]]);
    expect(letters.flatMap(({ letter }) => (letter.kind === 'extension_card' ? [letter.approval.state] : [])).at(-1)).toBe('denied');
    await extend(app, ada, { id, version: null, seconds: 2 * HOUR, until: null });
    await approve(app, pia, { ...(await versioned(id)), seconds: HOUR });
    expect(await ends()).toBe('2026-03-03T15:00:00.000Z');
  });

  it('lapses, and needs no answer once the container has ended', async () => {
    await pass(3 * HOUR);
    await pass(HOUR);
    await expire(app);
    expect((await rowOf(id)).state).toBe('retiring');
    const notes = (await shown()).flatMap(({ letter }) => (letter.kind === 'card_note' ? [letter.note] : []));
    expect(notes).toContainEqual({ kind: 'withdrawn' });
    expect(await refusalOf(approve(app, pat, await versioned(id)))).toMatchObject({ code: 'extension_answered', state: 'withdrawn' });
  });

  it('cannot be approved past the budget, and still waits then', async () => {
    await importPolicy(app, testPolicy({ ...POLICY, quota: { gpus: 8, gpusPerRequest: 8, cpuContainers: 2, gpuHours: 9 } }));
    expect(await refusalOf(approve(app, pat, await versioned(id)))).toMatchObject({
      code: 'not_approvable',
      refusal: { code: 'over_budget' },
    });
    expect((await viewAllocation(app, id))?.leaseEndsAt?.toISOString()).toBe('2026-03-03T14:00:00.000Z');
    await importPolicy(app, testPolicy(POLICY));
    expect(await approve(app, pat, await versioned(id))).toMatchObject({ kind: 'approved' });
  });
});

it('lapses an extension that nobody answers, and tells its holder', async () => {
  const id = await runs(ada, { devices: 2, durationSeconds: 20 * HOUR });
  const waiting = await asks(bob);
  await approve(app, pat, await versioned(waiting));
  await importPolicy(app, testPolicy({ ...POLICY, approvalLapse: '10h' }));
  await extend(app, ada, { id, version: null, seconds: 2 * HOUR, until: null });
  await pass(10 * HOUR);
  expect(await lapse(app)).toBe(1);
  const told = (await shown()).flatMap(({ letter }) => (letter.kind === 'extension_answered' ? [letter.approval.state] : []));
  expect(told).toEqual(['lapsed']);
});

it('tells in the thread what became of the question', async () => {
  const [first, second, third] = [await asks(ada), await asks(ada), await asks(bob)];
  await approve(app, pat, await versioned(first));
  await deny(app, pat, { ...(await versioned(second)), words: 'no' });
  await cancel(app, bob, { id: third, version: null });
  const notes = (await shown()).flatMap(({ letter }) => (letter.kind === 'card_note' ? [[letter.allocation.id, letter.note.kind]] : []));
  expect(notes).toEqual([
    [first, 'approved'],
    [second, 'denied'],
    [third, 'withdrawn'],
  ]);
});

describe('a card', () => {
  it('is rebuilt from the ledger alone after its rows in the outbox are gone', async () => {
    const id = await asks(ada, { devices: 2, durationSeconds: 6 * HOUR });
    await askRequester(app, pat, { ...(await versioned(id)), words: 'Why two?' });
    const drawn = async () =>
      (await shown()).flatMap(({ letter }) => (letter.kind === 'approval_card' ? [letterMessage(letter, app.clock.now())] : [])).at(-1);
    const before = await drawn();
    await app.ledger.reads.execute(sql`delete from outbox`);
    expect(await drawn()).toBeUndefined();
    await chase(app);
    expect(await drawn()).toEqual(before);
    await chase(await berth.another());
    expect(await drawn()).toBeUndefined();
  });

  it('is drawn again when what Approve would do has changed, at most once a minute, and not when nothing has', async () => {
    const id = await asks(ada, { devices: 2, durationSeconds: 6 * HOUR });
    await shown();
    await pass(60);
    expect(await redrawOpen(app)).toBe(0);
    await runs(bob, { durationSeconds: 2 * HOUR });
    await shown();
    expect(await redrawOpen(app)).toBe(1);
    const [card] = (await shown()).flatMap(({ letter }) =>
      letter.kind === 'approval_card' && letter.allocation.id === id ? [letter] : [],
    );
    expect(card?.allocation.approval?.consequences).toMatchObject({ start: { now: false }, free: { before: 1, after: 1 } });
    await release(app, bob, { id: [...running.keys()][0] ?? '', version: null });
    await pass(59);
    expect(await redrawOpen(app)).toBe(0);
  });

  it('that its channel does not take is told to the admins once a day, and comes when it can', async () => {
    const id = await asks(ada);
    berth.slackSays.push({ kind: 'failed', error: 'not_in_channel', hopeless: false });
    await deliver(app);
    app.clock.move(1);
    berth.slackSays.push({ kind: 'failed', error: 'not_in_channel', hopeless: false });
    await deliver(app);
    app.clock.move(2);
    await deliver(app);
    const kinds = berth.shown.map(({ letter, recipient }) => `${letter.kind} → ${recipient}`);
    expect(kinds.filter((kind) => kind.startsWith('channel_closed'))).toEqual([`channel_closed → ${people.root}`]);
    expect(kinds.filter((kind) => kind.startsWith('approval_card'))).toHaveLength(3);
    expect(await approve(app, pat, await versioned(id))).toMatchObject({ kind: 'approved' });
  });
});

describe('allowed beforehand', () => {
  const also = { devices: 1, days: 7 };
  async function allowed(): Promise<void> {
    const id = await asks(ada, { durationSeconds: 4 * HOUR });
    await approve(app, pat, { ...(await versioned(id)), also });
  }
  const stateOfNext = async (who: Call, change: Partial<RequestAsk> = {}) => (await rowOf(await asks(who, change))).state;

  it('needs no answer up to its size, for this member and pool, until it ends', async () => {
    expect(await stateOfNext(ada)).toBe('requested');
    await allowed();
    expect(await stateOfNext(ada, { durationSeconds: 4 * HOUR })).toBe('queued');
    expect(await stateOfNext(ada, { durationSeconds: 4 * HOUR + 1 })).toBe('requested');
    expect(await stateOfNext(ada, { devices: 2 })).toBe('requested');
    expect(await stateOfNext(bob)).toBe('requested');
    app.clock.move(7 * 86_400);
    await host.report([]);
    expect(await stateOfNext(ada)).toBe('requested');
  });

  it('counts only while whoever allowed it is an approver', async () => {
    await allowed();
    await importPolicy(app, testPolicy({ ...POLICY, approvers: [people.pia] }));
    expect(await stateOfNext(ada)).toBe('requested');
    await importPolicy(app, testPolicy(POLICY));
    expect(await stateOfNext(ada)).toBe('queued');
  });

  it('is seen by every approver, and taken back by any', async () => {
    await allowed();
    const [one] = (await viewApprovals(app, pia.actor)).allowed;
    expect(one).toMatchObject({ user: people.ada, pool: 'a100', capacityMilli: 1000, durationSeconds: 4 * HOUR, grantedBy: people.pat });
    expect(await refusalOf(revoke(app, bob, { number: one?.number ?? 0 }))).toEqual({ code: 'not_approver' });
    expect(await revoke(app, pia, { number: one?.number ?? 0 })).toMatchObject({ kind: 'revoked' });
    expect(await refusalOf(revoke(app, pia, { number: one?.number ?? 0 }))).toMatchObject({ code: 'no_standing_approval' });
    expect(await stateOfNext(ada)).toBe('requested');
  });
});

describe('handed over', () => {
  const until = '2026-03-06T18:00:00.000Z';

  it('lets the deputy answer in the name of the approver until then, and both be seen', async () => {
    const [first, second] = [await asks(ada), await asks(ada)];
    expect(await refusalOf(approve(app, bob, await versioned(first)))).toEqual({ code: 'not_approver' });
    await handOver(app, pat, { to: people.bob, until });
    expect((await shown()).map(({ letter, recipient }) => `${letter.kind} → ${recipient}`)).toContain(`handed_over → ${people.bob}`);
    expect((await viewApprovals(app, bob.actor)).waiting.map(({ id }) => id)).toEqual([first, second]);
    await approve(app, bob, await versioned(first));
    expect((await viewAllocation(app, first))?.approval?.votes).toMatchObject([{ user: people.bob, onBehalfOf: people.pat }]);
    app.clock.set(new Date(until));
    expect(await refusalOf(approve(app, bob, await versioned(second)))).toMatchObject({ code: 'not_approver' });
  });

  it('makes nobody an approver of their own request, and cannot be handed on', async () => {
    await handOver(app, pat, { to: people.ada, until });
    const id = await asks(ada);
    expect(await refusalOf(approve(app, ada, await versioned(id)))).toEqual({ code: 'own_request' });
    expect(await refusalOf(handOver(app, ada, { to: people.bob, until }))).toEqual({ code: 'not_approver' });
  });

  it('answers no request, and no extension, of whoever handed over', async () => {
    await handOver(app, pat, { to: people.bob, until });
    const id = await asks(pat);
    expect((await viewAllocation(app, id))?.approval?.asked).toEqual([people.pia]);
    expect((await viewApprovals(app, bob.actor)).waiting).toEqual([]);
    expect(await refusalOf(approve(app, bob, await versioned(id)))).toEqual({ code: 'not_approver' });
    // Another approver who is away as well may be stood in for.
    await handOver(app, pia, { to: people.bob, until });
    await approve(app, bob, await versioned(id));
    expect((await viewAllocation(app, id))?.approval?.votes).toMatchObject([{ user: people.bob, onBehalfOf: people.pia }]);
  });

  it('makes nobody an approver of their own request even where approvers are', async () => {
    await importPolicy(app, testPolicy({ ...POLICY, selfApproval: true }));
    await handOver(app, pat, { to: people.ada, until });
    expect(await refusalOf(approve(app, ada, await versioned(await asks(ada))))).toEqual({ code: 'own_request' });
    await approve(app, pat, await versioned(await asks(pat)));
  });

  it('ends when it is taken back, and when the approver is one no longer', async () => {
    const id = await asks(ada);
    await handOver(app, pat, { to: people.bob, until });
    await importPolicy(app, testPolicy({ ...POLICY, approvers: [people.pia] }));
    expect(await refusalOf(approve(app, bob, await versioned(id)))).toEqual({ code: 'not_approver' });
    await importPolicy(app, testPolicy(POLICY));
    expect(await takeBack(app, pat)).toEqual({ kind: 'taken_back' });
    expect(await refusalOf(takeBack(app, pat))).toEqual({ code: 'nothing_handed_over' });
    expect(await refusalOf(approve(app, bob, await versioned(id)))).toEqual({ code: 'not_approver' });
  });

  it('is never for ever, to oneself, or into the past', async () => {
    expect(await refusalOf(handOver(app, pat, { to: people.bob, until: '2027-03-06T18:00:00.000Z' }))).toMatchObject({
      code: 'hand_over_too_long',
    });
    expect(await refusalOf(handOver(app, pat, { to: people.pat, until }))).toMatchObject({ code: 'no_such_member' });
    expect(await refusalOf(handOver(app, pat, { to: people.bob, until: '2026-03-01T18:00:00.000Z' }))).toMatchObject({
      code: 'until_past',
    });
  });
});
