// The verbs in order and out of order: what each does to the ledger, and what it refuses.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { approve, deny } from '../../src/app/answer-request.ts';
import type { Call } from '../../src/app/app.ts';
import { deliver } from '../../src/app/deliver.ts';
import { tellOfDeparted } from '../../src/app/departed.ts';
import { desired } from '../../src/app/desired.ts';
import { expire } from '../../src/app/expire.ts';
import { extend } from '../../src/app/extend.ts';
import { importPolicy } from '../../src/app/import-policy.ts';
import { lapse } from '../../src/app/lapse.ts';
import { place } from '../../src/app/place.ts';
import { request } from '../../src/app/request.ts';
import { viewAllocation } from '../../src/app/view-allocation.ts';
import { cancel, release } from '../../src/app/withdraw.ts';
import { rowOf, type Event } from '../../src/domain/lifecycle.ts';
import { allocationOf, type Outcome } from '../../src/domain/outcome.ts';
import { RefusalError } from '../../src/domain/refusal.ts';
import type { ExtendAsk } from '../../src/domain/decide-extension.ts';
import { findAllocation, historyOf } from '../../src/ledger/allocations.ts';
import { entriesOf } from '../../src/ledger/journal.ts';
import { findHost, liveDevices } from '../../src/ledger/hosts.ts';
import { askFor, sees, testApp, testHost, type TestApp, type TestHost } from '../support/app.ts';
import { people, testPolicy } from '../support/policy.ts';

let berth: TestApp;
let host: TestHost;
let ada: Call;
let pat: Call;
beforeEach(async () => {
  berth = await testApp();
  host = await testHost(berth.app, 'gpu-01', 4);
  [ada, pat] = await Promise.all([berth.call(people.ada), berth.call(people.pat)]);
});
afterEach(async () => berth.end());

/** Where no approver could be asked, what they could allow is refused. */
const nobodyAnswers = async () => importPolicy(berth.app, testPolicy({ approvers: [] }));
const idOf = (outcome: Outcome) => allocationOf(outcome) ?? '';
const row = async (id: string) => {
  const found = await findAllocation(berth.app.ledger.reads, id);
  if (found === null) throw new Error(`no ${id}`);
  return found.allocation;
};
const leased = async () => (await liveDevices(berth.app.ledger.reads)).flatMap(({ leasedTo }) => leasedTo ?? []);
const refusalOf = async (work: Promise<Outcome>) => {
  const error = await work.catch((thrown: unknown) => thrown);
  if (!(error instanceof RefusalError)) throw new Error('was not refused');
  return error.refusal;
};
async function requested(): Promise<string> {
  return idOf(await request(berth.app, ada, askFor()));
}
async function placed(): Promise<{ id: string; fence: number }> {
  const id = await requested();
  await approve(berth.app, pat, { id, version: 1 });
  await place(berth.app);
  return { id, fence: (await row(id)).fence ?? 0 };
}
async function active(): Promise<{ id: string; fence: number }> {
  const { id, fence } = await placed();
  await host.report([sees.running(id, fence)]);
  return { id, fence };
}

describe('an allocation', () => {
  it('goes from request to retired, each step recorded once and in order', async () => {
    const { id, fence } = await active();
    expect(await leased()).toEqual([id]);
    await release(berth.app, ada, { id, version: null });
    expect((await row(id)).state).toBe('retiring');
    expect(await leased()).toEqual([id]);
    await host.report([sees.stopped(id, fence)]);
    expect(await row(id)).toMatchObject({ state: 'retired', reason: 'released' });
    expect(await leased()).toEqual([]);
    const history = await historyOf(berth.app.ledger.reads, id);
    expect(history.map(({ event, actor }) => `${event} ${actor}`)).toEqual([
      `request member:${people.ada}`,
      `approve member:${people.pat}`,
      'place scheduler',
      'started host:gpu-01',
      `retire member:${people.ada}`,
      'freed host:gpu-01',
    ]);
    for (const { event } of history) expect(rowOf(event as Event).to.length).toBeGreaterThan(0);
  });

  it('gets the time that was asked for from when it runs, not from when it was asked', async () => {
    const id = await requested();
    berth.app.clock.move(59 * 60);
    await approve(berth.app, pat, { id, version: 1 });
    await host.report([]);
    await place(berth.app);
    await host.report([sees.running(id, (await row(id)).fence ?? 0)]);
    const { activeAt, leaseEndsAt } = await row(id);
    expect(activeAt).toEqual(berth.app.clock.now());
    expect((leaseEndsAt?.getTime() ?? 0) - (activeAt?.getTime() ?? 0)).toBe(3600_000);
  });

  it('ends at its fixed end, whenever it started', async () => {
    const id = idOf(await request(berth.app, ada, askFor({ durationSeconds: null, until: '2026-03-02T11:00:00.000Z' })));
    await approve(berth.app, pat, { id, version: 1 });
    await place(berth.app);
    berth.app.clock.move(600);
    await host.report([sees.running(id, (await row(id)).fence ?? 0)]);
    expect((await row(id)).leaseEndsAt?.toISOString()).toBe('2026-03-02T11:00:00.000Z');
  });
});

describe('two approvers at once', () => {
  it('one wins, the other is told who was first', async () => {
    const id = await requested();
    const pia = await berth.call(people.pia);
    const other = await berth.another();
    const results = await Promise.allSettled([approve(berth.app, pat, { id, version: 1 }), deny(other, pia, { id, version: 1 })]);
    const lost: unknown = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))[0];
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const { state, changedBy } = await row(id);
    expect(lost).toMatchObject({ refusal: { code: 'too_late', id, state, by: changedBy } });
    expect(await historyOf(berth.app.ledger.reads, id)).toHaveLength(2);
  });

  it('a click on an older version changes nothing', async () => {
    const id = await requested();
    expect(await refusalOf(approve(berth.app, pat, { id, version: 2 }))).toMatchObject({ code: 'too_late', state: 'requested' });
  });
});

describe('who may', () => {
  it.each([
    ['approve', 'their own request', people.ada, 'not_approver'],
    ['approve', 'without being an approver', people.bob, 'not_approver'],
    ['deny', 'as an admin who is no approver', people.root, 'not_approver'],
  ] as const)('nobody may %s %s', async (verb, _, user, code) => {
    const id = await requested();
    expect(await refusalOf({ approve, deny }[verb](berth.app, await berth.call(user), { id, version: 1 }))).toEqual({ code });
  });

  it('an approver cannot answer their own request', async () => {
    const id = idOf(await request(berth.app, pat, askFor()));
    expect(await refusalOf(approve(berth.app, pat, { id, version: 1 }))).toEqual({ code: 'own_request' });
  });

  it('only the holder and admins release', async () => {
    const { id } = await active();
    expect(await refusalOf(release(berth.app, await berth.call(people.bob), { id, version: null }))).toEqual({ code: 'not_yours', id });
    expect(await refusalOf(release(berth.app, pat, { id, version: null }))).toEqual({ code: 'not_yours', id });
    expect((await release(berth.app, await berth.call(people.root), { id, version: null })).kind).toBe('releasing');
  });

  it('release without an id means the only one, and asks which when there are two', async () => {
    expect(await refusalOf(release(berth.app, ada, { id: null, version: null }))).toEqual({ code: 'nothing_held', verb: 'release' });
    const first = await active();
    berth.app.clock.move(1);
    const second = await active();
    expect(await refusalOf(release(berth.app, ada, { id: null, version: null }))).toMatchObject({
      code: 'which_one',
      holding: [{ id: first.id }, { id: second.id }],
    });
    await release(berth.app, ada, { id: first.id, version: null });
    expect(idOf(await release(berth.app, ada, { id: null, version: null }))).toBe(second.id);
  });

  it('what is running is released, what waits is cancelled, and the other word says so', async () => {
    const { id } = await active();
    expect(await refusalOf(cancel(berth.app, ada, { id, version: null }))).toMatchObject({
      code: 'too_late',
      event: 'cancel',
      state: 'active',
    });
    const waiting = await requested();
    expect(await refusalOf(release(berth.app, ada, { id: waiting, version: null }))).toMatchObject({
      code: 'too_late',
      event: 'retire',
      state: 'requested',
    });
    expect(idOf(await cancel(berth.app, ada, { id: waiting, version: null }))).toBe(waiting);
  });

  it('an id with a slip names the nearest of one’s own', async () => {
    const id = await requested();
    const typo = `${id.slice(0, -1)}${id.endsWith('z') ? 'y' : 'z'}`;
    expect(await refusalOf(cancel(berth.app, ada, { id: typo, version: null }))).toEqual({
      code: 'no_such_allocation',
      id: typo,
      nearest: id,
    });
  });
});

describe('the clock', () => {
  it('retires at the end of the lease, and tells the holder once', async () => {
    const { id } = await active();
    berth.app.clock.move(3599);
    expect(await expire(berth.app)).toBe(0);
    berth.app.clock.move(1);
    expect(await expire(berth.app)).toBe(1);
    expect(await expire(berth.app)).toBe(0);
    expect(await row(id)).toMatchObject({ state: 'retiring', reason: 'lease_ended', changedBy: 'clock' });
    await deliver(berth.app);
    expect(berth.shown.filter(({ letter }) => letter.kind === 'container_ended').map(({ recipient }) => recipient)).toEqual([people.ada]);
  });

  it('gives up on a container that is not up in 10 minutes; its devices stay held until the host says they are free', async () => {
    const { id, fence } = await placed();
    berth.app.clock.move(601);
    await expire(berth.app);
    expect(await row(id)).toMatchObject({ state: 'retiring', reason: 'not_up_in_time' });
    expect(await leased()).toEqual([id]);
    await host.report([sees.stopped(id, fence)]);
    expect(await leased()).toEqual([]);
  });

  it('lapses what nobody answered, and gives the quota back', async () => {
    const id = await requested();
    berth.app.clock.move(24 * 3600);
    expect(await lapse(berth.app)).toBe(1);
    expect(await row(id)).toMatchObject({ state: 'lapsed', reason: 'nobody_answered' });
    expect((await viewAllocation(berth.app, id))?.usedMilli).toBe(0);
  });

  it('lapses what is still queued when its fixed end comes, and never places it late', async () => {
    const ask = askFor({ durationSeconds: null, until: '2026-03-02T10:00:00.000Z' });
    const id = idOf(await request(berth.app, ada, ask));
    await approve(berth.app, pat, { id, version: 1 });
    berth.app.clock.move(3600);
    await host.report([]);
    expect(await place(berth.app)).toBe(0);
    expect(await lapse(berth.app)).toBe(1);
    expect(await row(id)).toMatchObject({ state: 'lapsed', reason: 'no_place_in_time' });
  });
});

describe('what a host is to run', () => {
  it('names what is placed and what is to stop, with a revision that only grows', async () => {
    const first = await desired(berth.app, { host: 'gpu-01', run: host.run, after: 0 });
    const { id, fence } = await placed();
    const list = await desired(berth.app, { host: 'gpu-01', run: host.run, after: 0 });
    if (first === null || list === null || first === 'stale_run' || list === 'stale_run') throw new Error('no list');
    expect(list.revision).toBeGreaterThan(first.revision);
    expect(list.containers).toMatchObject([{ allocation: id, fence, wanted: 'running', image: 'berth-test:1', member: { uid: 200_000 } }]);
    expect(await desired(berth.app, { host: 'gpu-01', run: host.run, after: list.revision })).toBeNull();
    await host.report([sees.running(id, fence)]);
    await release(berth.app, ada, { id, version: null });
    expect(await desired(berth.app, { host: 'gpu-01', run: host.run, after: 0 })).toMatchObject({
      containers: [{ allocation: id, wanted: 'stopped' }],
    });
    await host.report([sees.stopped(id, fence)]);
    expect(await desired(berth.app, { host: 'gpu-01', run: host.run, after: 0 })).toMatchObject({ containers: [] });
  });

  it('is told to no earlier run of the agent', async () => {
    const again = await testHost(berth.app, 'gpu-01', 4);
    expect(await desired(berth.app, { host: 'gpu-01', run: host.run, after: 0 })).toBe('stale_run');
    expect(await host.report([])).toBe('stale_run');
    expect(await again.report([])).toBeNull();
  });
});

describe('a longer lease', () => {
  const until = async (id: string) => (await row(id)).leaseEndsAt?.toISOString();
  const holds = async (id: string) =>
    (await entriesOf(berth.app.ledger.reads, id)).filter(({ kind }) => kind === 'hold').map(({ amount }) => amount);
  const more = (id: string, change: Partial<ExtendAsk> = {}): ExtendAsk => ({ id, version: null, seconds: 3600, until: null, ...change });

  it('ends later, is held of the budget, and is told to the host', async () => {
    const { id } = await active();
    const { desiredRevision } = (await findHost(berth.app.ledger.reads, 'gpu-01')) ?? { desiredRevision: 0 };
    expect(await extend(berth.app, ada, more(id))).toEqual({ kind: 'extended', id });
    expect(await until(id)).toBe('2026-03-02T11:00:00.000Z');
    expect(await holds(id)).toEqual([3_600_000, 3_600_000]);
    expect((await findHost(berth.app.ledger.reads, 'gpu-01'))?.desiredRevision).toBe(desiredRevision + 1);
    berth.app.clock.move(3601);
    expect(await expire(berth.app)).toBe(0);
    berth.app.clock.move(3600);
    expect(await expire(berth.app)).toBe(1);
  });

  it('comes once of two clicks on the same card', async () => {
    const { id } = await active();
    const { version } = await row(id);
    const clicks = [1, 2].map(() => extend(berth.app, ada, more(id, { version })));
    const results = await Promise.allSettled(clicks);
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(await until(id)).toBe('2026-03-02T11:00:00.000Z');
    expect(await holds(id)).toHaveLength(2);
  });

  it('is refused to the second click on a card as too late, not for what twice as much would be', async () => {
    const { id } = await active();
    const click = more(id, { version: (await row(id)).version, seconds: 20 * 3600 });
    expect(await extend(berth.app, ada, click)).toMatchObject({ kind: 'extended' });
    expect(await refusalOf(extend(berth.app, ada, click))).toMatchObject({ code: 'too_late', state: 'active' });
  });

  it('is for its holder, and only while it runs', async () => {
    const { id, fence } = await active();
    expect(await refusalOf(extend(berth.app, pat, more(id)))).toMatchObject({ code: 'not_yours' });
    expect(await refusalOf(extend(berth.app, pat, more(id, { id: null })))).toEqual({ code: 'nothing_held', verb: 'extend' });
    await release(berth.app, ada, { id, version: null });
    expect(await refusalOf(extend(berth.app, ada, more(id)))).toMatchObject({ code: 'too_late', state: 'retiring' });
    await host.report([sees.stopped(id, fence)]);
    expect(await refusalOf(extend(berth.app, ada, more(id)))).toMatchObject({ code: 'too_late', state: 'retired' });
  });

  it('counts towards the week of all of the member’s leases', async () => {
    const { id } = await active();
    expect(await extend(berth.app, ada, more(id, { seconds: 20 * 3600 }))).toMatchObject({ kind: 'extended' });
    expect(await extend(berth.app, ada, more(id, { seconds: 1 }))).toMatchObject({ kind: 'extended' });
    berth.app.clock.move(19 * 3600);
    await nobodyAnswers();
    expect(await extend(berth.app, ada, more(id, { seconds: 4 * 3600 }))).toMatchObject({
      refusal: { code: 'over_extension', usedSeconds: 20 * 3600 + 1, perWeek: 24 * 3600 },
    });
  });

  it('counts towards the week it came in, even if its lease ended in the week’s first moment', async () => {
    const weekStart = Date.UTC(2026, 2, 9);
    berth.app.clock.move((weekStart - berth.app.clock.now().getTime()) / 1000);
    await host.report([]);
    const [ended, kept] = [await placed(), await placed()];
    await host.report([sees.running(ended.id, ended.fence), sees.running(kept.id, kept.fence)]);
    expect(await extend(berth.app, ada, more(ended.id, { seconds: 20 * 3600 }))).toMatchObject({ kind: 'extended' });
    await release(berth.app, ada, { id: ended.id, version: null });
    await host.report([sees.stopped(ended.id, ended.fence), sees.running(kept.id, kept.fence)]);
    expect((await row(ended.id)).endedAt?.getTime()).toBe(weekStart);
    await nobodyAnswers();
    expect(await extend(berth.app, ada, more(kept.id, { seconds: 5 * 3600 }))).toMatchObject({
      refusal: { code: 'over_extension', usedSeconds: 20 * 3600 },
    });
  });

  it('makes nobody wait', async () => {
    const { id } = await active();
    const bob = await berth.call(people.bob);
    const waiting = idOf(await request(berth.app, bob, askFor({ devices: 2 })));
    const pia = await berth.call(people.pia);
    const third = idOf(await request(berth.app, pia, askFor({ devices: 2, durationSeconds: 1800 })));
    for (const one of [waiting, third]) {
      berth.app.clock.move(1);
      await approve(berth.app, pat, { id: one, version: 1 });
    }
    await host.report([sees.running(id, (await row(id)).fence ?? 0)]);
    await place(berth.app);
    expect((await row(third)).state).toBe('queued');
    await nobodyAnswers();
    // With ada's GPU it would start when hers is free; without, when Bob's are, two seconds later.
    expect(await extend(berth.app, ada, more(id))).toEqual({
      kind: 'refused',
      refusal: { code: 'would_delay', id, delays: [{ id: third, seconds: 2 }] },
    });
    expect(await until(id)).toBe('2026-03-02T10:00:00.000Z');
    expect(await holds(id)).toHaveLength(1);
  });
});

describe('a holder whose Slack account is deactivated', () => {
  it('is told to the admins with what is held, once, and nothing ends', async () => {
    const { id } = await active();
    const told = async () => {
      await deliver(berth.app);
      return berth.shown.flatMap(({ letter, recipient }) => (letter.kind === 'holder_departed' ? [{ ...letter, recipient }] : []));
    };
    expect(await tellOfDeparted(berth.app)).toBe(0);
    berth.departed.add(people.ada);
    expect(await tellOfDeparted(berth.app)).toBe(1);
    await tellOfDeparted(berth.app);
    expect(await told()).toEqual([
      expect.objectContaining({ user: people.ada, recipient: people.root, holding: [expect.objectContaining({ id, state: 'active' })] }),
    ]);
    expect((await row(id)).state).toBe('active');
    await requested();
    await tellOfDeparted(berth.app);
    expect(await told()).toHaveLength(2);
  });
});
