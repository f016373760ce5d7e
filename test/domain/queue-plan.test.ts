import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { BACKFILL_DEPTH, nextPlacement, planQueue, type PlanHost, type PlannedStart, type QueuedAsk } from '../../src/domain/queue-plan.ts';
import { HOUR, MINUTE, parseMoment, plusSeconds } from '../../src/domain/time.ts';

const at = parseMoment('2026-10-21T10:00:00Z');
const after = (seconds: number) => plusSeconds(at, seconds);

/** An open host; `held` is [allocation, devices, seconds from now to its end or null]. */
function host(name: string, free: number, held: readonly (readonly [string, number, number | null])[] = [], more: Partial<PlanHost> = {}) {
  const plain: PlanHost = {
    name,
    driver: null,
    open: true,
    free: Array.from({ length: free }, (_, index) => ({ uuid: `GPU-${name}-${index}`, index })),
    held: held.map(([allocation, devices, ends]) => ({ allocation, devices, endsAt: ends === null ? null : after(ends) })),
    containers: held.length,
    workspaces: new Set(),
  };
  return { ...plain, ...more };
}

function ask(id: string, devices: number, seconds = HOUR, more: Partial<QueuedAsk> = {}): QueuedAsk {
  return { id, devices, host: null, minDriver: null, durationSeconds: seconds, until: null, member: 1, ...more };
}

/** The plan in short: id, seconds from now to its start, host. */
function starts(queue: readonly QueuedAsk[], hosts: readonly PlanHost[], pool = 'a100') {
  return planQueue(pool, queue, hosts, at).map(({ id, startsAt, host: on }) => [
    id,
    startsAt === null ? null : (startsAt.getTime() - at.getTime()) / 1000,
    on,
  ]);
}

describe('the plan of a queue', () => {
  it('serves in the order of the queue', () => {
    expect(starts([ask('x', 1), ask('y', 1), ask('z', 1)], [host('a', 1)])).toEqual([
      ['x', 0, 'a'],
      ['y', HOUR, 'a'],
      ['z', 2 * HOUR, 'a'],
    ]);
  });

  it('takes all devices from one host', () => {
    expect(starts([ask('x', 2)], [host('a', 1), host('b', 1, [['h', 1, HOUR]])])).toEqual([['x', HOUR, 'b']]);
    expect(starts([ask('x', 3)], [host('a', 2), host('b', 2)])).toEqual([['x', null, null]]);
  });

  it('lets a later request go first only when it is over by the start of the one before', () => {
    const hosts = [host('a', 2, [['h', 2, HOUR]])];
    const short = [ask('big', 4), ask('small', 2, HOUR)];
    expect(starts(short, hosts)).toEqual([
      ['big', HOUR, 'a'],
      ['small', 0, 'a'],
    ]);
    const long = [ask('big', 4), ask('small', 2, HOUR + 1)];
    expect(starts(long, hosts)).toEqual([
      ['big', HOUR, 'a'],
      ['small', 2 * HOUR, 'a'],
    ]);
  });

  it('lets a later request go first on devices that nobody before it will need', () => {
    expect(starts([ask('big', 3), ask('small', 1, 100 * HOUR)], [host('a', 2, [['h', 2, HOUR]])])).toEqual([
      ['big', HOUR, 'a'],
      ['small', 0, 'a'],
    ]);
    expect(starts([ask('big', 4), ask('small', 1, 100 * HOUR)], [host('a', 2, [['h', 2, HOUR]]), host('b', 1)])).toEqual([
      ['big', HOUR, 'a'],
      ['small', 0, 'b'],
    ]);
  });

  it('delays none of several who wait before', () => {
    const queue = [ask('x', 4, HOUR), ask('y', 3, HOUR), ask('z', 1, 4 * HOUR), ask('short', 1, HOUR)];
    expect(starts(queue, [host('a', 1, [['h', 3, HOUR]])])).toEqual([
      ['x', HOUR, 'a'],
      ['y', 2 * HOUR, 'a'],
      ['z', 2 * HOUR, 'a'],
      ['short', 0, 'a'],
    ]);
  });

  it('keeps to the host that was asked for', () => {
    const hosts = [host('a', 1), host('b', 0, [['h', 1, HOUR]])];
    expect(starts([ask('x', 1, HOUR, { host: 'b' }), ask('y', 1, HOUR, { host: 'c' })], hosts)).toEqual([
      ['x', HOUR, 'b'],
      ['y', null, null],
    ]);
  });

  it('never plans on a closed host', () => {
    expect(starts([ask('x', 1)], [host('a', 1, [], { open: false })])).toEqual([['x', null, null]]);
  });

  it('never plans with devices of which nobody knows when they end', () => {
    expect(
      starts(
        [ask('x', 2), ask('y', 1)],
        [
          host('a', 0, [
            ['h', 1, HOUR],
            ['lost', 1, null],
          ]),
        ],
      ),
    ).toEqual([
      ['x', null, null],
      ['y', HOUR, 'a'],
    ]);
  });

  it('gives a lease that is over a minute to go', () => {
    expect(starts([ask('x', 1)], [host('a', 0, [['h', 1, 0]])])).toEqual([['x', MINUTE, 'a']]);
    expect(starts([ask('x', 1)], [host('a', 0, [['h', 1, -HOUR]])])).toEqual([['x', MINUTE, 'a']]);
    expect(starts([ask('x', 1)], [host('a', 0, [['h', 1, 1]])])).toEqual([['x', 1, 'a']]);
  });

  it('runs to a fixed end, whenever it starts and whatever the duration says', () => {
    const fixed = ask('x', 1, 9 * HOUR, { until: after(2 * HOUR) });
    expect(starts([fixed, ask('y', 1)], [host('a', 0, [['h', 1, HOUR]])])).toEqual([
      ['x', HOUR, 'a'],
      ['y', 2 * HOUR, 'a'],
    ]);
  });

  it('plans nothing at or after a fixed end, and reserves nothing for it', () => {
    const hosts = [host('a', 0, [['h', 1, HOUR]])];
    for (const end of [-MINUTE, 0, HOUR]) {
      expect(starts([ask('x', 1, HOUR, { until: after(end) }), ask('y', 1)], hosts)).toEqual([
        ['x', null, null],
        ['y', HOUR, 'a'],
      ]);
    }
  });

  it('prefers, of equal starts, the host with the workspace, then the fullest host, then the first by name', () => {
    const hosts = [host('big', 8), host('small-b', 2), host('small-a', 2)];
    expect(starts([ask('x', 1)], hosts)).toEqual([['x', 0, 'small-a']]);
    expect(starts([ask('x', 1), ask('y', 1), ask('z', 2)], hosts)).toEqual([
      ['x', 0, 'small-a'],
      ['y', 0, 'small-a'],
      ['z', 0, 'small-b'],
    ]);
    const mine = host('mine', 8, [], { workspaces: new Set([1]) });
    expect(starts([ask('x', 1)], [...hosts, mine])).toEqual([['x', 0, 'mine']]);
    expect(starts([ask('x', 1, HOUR, { member: 2 })], [...hosts, mine])).toEqual([['x', 0, 'small-a']]);
  });

  it('prefers an earlier start to the workspace', () => {
    const mine = host('mine', 0, [['h', 1, 1]], { workspaces: new Set([1]) });
    expect(starts([ask('x', 1)], [host('other', 8), mine])).toEqual([['x', 0, 'other']]);
  });

  it('looks for the best fit at the start, not now', () => {
    const hosts = [
      host('a', 0, [['h', 4, HOUR]]),
      host('b', 1, [
        ['i', 1, HOUR],
        ['j', 6, 2 * HOUR],
      ]),
    ];
    expect(starts([ask('x', 2)], hosts)).toEqual([['x', HOUR, 'b']]);
  });

  it('names the exact devices, lowest index first, of those who can start now and of nobody else', () => {
    const shuffled = [3, 0, 2].map((index) => ({ uuid: `GPU-${index}`, index }));
    const plan = planQueue('a100', [ask('x', 2), ask('y', 2), ask('z', 1)], [host('a', 0, [['h', 1, HOUR]], { free: shuffled })], at);
    expect(plan.map(({ devices }) => devices)).toEqual([['GPU-0', 'GPU-2'], null, ['GPU-3']]);
  });

  it('starts nobody now on devices that are held, even when their lease is over', () => {
    expect(planQueue('a100', [ask('x', 1)], [host('a', 0, [['h', 1, 0]])], at)[0]?.devices).toBeNull();
  });

  it('puts a CPU container where the workspace is, else where the fewest run, counting those planned before', () => {
    const hosts = [
      host('a', 0, [], { containers: 3 }),
      host('b', 0, [], { containers: 2 }),
      host('c', 0, [], { containers: 9, workspaces: new Set([7]) }),
    ];
    const queue = [ask('w', 0, HOUR, { member: 7 }), ask('x', 0), ask('y', 0), ask('z', 0)];
    expect(starts(queue, hosts, 'cpu')).toEqual([
      ['w', 0, 'c'],
      ['x', 0, 'b'],
      ['y', 0, 'a'],
      ['z', 0, 'b'],
    ]);
    expect(nextPlacement('cpu', queue, hosts, at)).toEqual({ id: 'w', host: 'c', devices: [], because: 'workspace' });
    expect(nextPlacement('cpu', queue.slice(1), hosts, at)).toMatchObject({ host: 'b', because: 'fewest_containers' });
    expect(starts([ask('x', 0)], [host('a', 0, [], { open: false })], 'cpu')).toEqual([['x', null, null]]);
    expect(starts([ask('x', 0, HOUR, { until: at })], hosts, 'cpu')).toEqual([['x', null, null]]);
  });

  it('has nothing to say without a queue, and knows no start without a host', () => {
    expect(planQueue('a100', [], [host('a', 1)], at)).toEqual([]);
    expect(starts([ask('x', 1)], [])).toEqual([['x', null, null]]);
  });
});

describe('what a planned start waits for', () => {
  const reasons = (queue: readonly QueuedAsk[], hosts: readonly PlanHost[]) =>
    planQueue('a100', queue, hosts, at).map(({ waitsFor }) => waitsFor);

  it('is the leases that make up its devices, the first to end first', () => {
    const held = [
      ['late', 2, 3 * HOUR] as const,
      ['third', 1, 2 * HOUR] as const,
      ['second', 1, HOUR] as const,
      ['idle', 1, null] as const,
    ];
    expect(reasons([ask('x', 3)], [host('a', 1, held)])).toEqual([['second', 'third']]);
  });

  it('leaves out a lease that ends before but would not do', () => {
    expect(
      reasons(
        [ask('x', 4)],
        [
          host('a', 0, [
            ['one', 1, HOUR],
            ['four', 4, 2 * HOUR],
          ]),
        ],
      ),
    ).toEqual([['four']]);
  });

  it('leaves out a lease for which devices that are idle all the while do as well', () => {
    const held = [['one', 1, HOUR] as const, ['two', 2, 2 * HOUR] as const];
    expect(reasons([ask('x', 3)], [host('a', 1, held)])).toEqual([['two']]);
  });

  it('is the requests before it that have its devices first', () => {
    expect(reasons([ask('x', 4), ask('y', 4), ask('z', 2, HOUR + 1)], [host('a', 2, [['h', 2, HOUR]])])).toEqual([['h'], ['x'], ['y']]);
  });

  it('is nothing for one that starts now, or whose start cannot be told', () => {
    expect(reasons([ask('x', 1), ask('y', 9)], [host('a', 1, [['h', 1, HOUR]])])).toEqual([[], []]);
  });

  it('is at most five', () => {
    const held = Array.from({ length: 8 }, (_, index) => [`h${index}`, 1, HOUR + index] as const);
    expect(reasons([ask('x', 8)], [host('a', 0, held)])).toEqual([['h0', 'h1', 'h2', 'h3', 'h4']]);
  });
});

describe('the next placement', () => {
  it('is the first in the queue that starts now, with its devices', () => {
    const hosts = [host('a', 2, [['h', 2, HOUR]])];
    expect(nextPlacement('a100', [ask('big', 4), ask('long', 1, 2 * HOUR), ask('short', 2)], hosts, at)).toEqual({
      id: 'short',
      host: 'a',
      devices: ['GPU-a-0', 'GPU-a-1'],
      because: 'only_one',
    });
  });

  it('says why it is there: named, without another, where its holder worked, or the best fit', () => {
    const three = [host('a', 4), host('b', 2), host('c', 3, [], { workspaces: new Set([7]) })];
    const why = (one: QueuedAsk, hosts = three) => {
      const next = nextPlacement('a100', [one], hosts, at);
      return [next?.host, next?.because];
    };
    expect(why(ask('x', 1, HOUR, { host: 'a' }))).toEqual(['a', 'named']);
    expect(why(ask('x', 4))).toEqual(['a', 'only_one']);
    expect(why(ask('x', 1, HOUR, { member: 7 }))).toEqual(['c', 'workspace']);
    expect(why(ask('x', 1))).toEqual(['b', 'best_fit']);
    expect(why(ask('x', 1), [host('a', 2), host('b', 2, [], { open: false })])).toEqual(['a', 'only_one']);
    // Others could have it later, not now.
    expect(why(ask('x', 2), [host('a', 0, [['h', 2, HOUR]]), host('b', 2)])).toEqual(['b', 'only_one']);
  });

  it('is on no host with a driver that is too old or unknown, and holds nobody up who needs none', () => {
    const hosts = [host('a', 4, [], { driver: '535.183.01' }), host('b', 4), host('c', 1, [], { driver: '550.54.15' })];
    const picky = (id: string, devices: number) => ask(id, devices, HOUR, { minDriver: '550.54' });
    expect(nextPlacement('a100', [picky('x', 1)], hosts, at)).toMatchObject({ id: 'x', host: 'c', because: 'only_one' });
    expect(nextPlacement('a100', [picky('x', 2), ask('y', 4)], hosts, at)).toMatchObject({ id: 'y', host: 'a' });
  });

  it('is none when nobody can start now', () => {
    expect(nextPlacement('a100', [], [host('a', 1)], at)).toBeNull();
    expect(nextPlacement('a100', [ask('x', 1)], [], at)).toBeNull();
    expect(nextPlacement('a100', [ask('big', 4), ask('long', 1, 2 * HOUR)], [host('a', 2, [['h', 2, HOUR]])], at)).toBeNull();
  });

  it('is looked for no deeper than the backfill depth', () => {
    const blocked = (count: number) => Array.from({ length: count }, (_, index) => ask(`big-${index}`, 2));
    const hosts = [host('a', 1, [['h', 1, HOUR]])];
    expect(nextPlacement('a100', [...blocked(BACKFILL_DEPTH - 1), ask('x', 1)], hosts, at)?.id).toBe('x');
    expect(nextPlacement('a100', [...blocked(BACKFILL_DEPTH), ask('x', 1)], hosts, at)).toBeNull();
  });
});

// The brute force below shares nothing with the planner: it counts, at every moment at which anything changes, what each host has left.

interface Situation {
  readonly queue: readonly QueuedAsk[];
  readonly hosts: readonly PlanHost[];
}

const seconds = fc.integer({ min: -2, max: 12 }).map((steps) => steps * 30);
const held = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.option(seconds, { freq: 6 }));
const anyHost = fc.record({
  free: fc.integer({ min: 0, max: 3 }),
  held: fc.array(held, { maxLength: 3 }),
  open: fc.integer({ min: 0, max: 9 }).map((dice) => dice > 0),
  workspaces: fc.uniqueArray(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }).map((members) => new Set(members)),
});
const anyAsk = fc.record({
  devices: fc.integer({ min: 1, max: 5 }),
  minDriver: fc.constant(null),
  host: fc.option(fc.constantFrom('a', 'b', 'c'), { freq: 6 }).map((name) => (name === 'c' ? null : name)),
  durationSeconds: fc.integer({ min: 1, max: 12 }).map((steps) => steps * 30),
  until: fc.option(seconds, { freq: 3 }).map((end) => (end === null ? null : after(end))),
  member: fc.integer({ min: 1, max: 3 }),
});
const situations: fc.Arbitrary<Situation> = fc
  .record({ asks: fc.array(anyAsk, { maxLength: 9 }), hosts: fc.array(anyHost, { minLength: 1, maxLength: 3 }) })
  .map(({ asks, hosts }) => ({
    queue: asks.map((each, index) => ({ ...each, id: `q${index}` })),
    hosts: hosts.map((each, index) => {
      const name = 'abc'.charAt(index);
      const leases = each.held.map(([devices, ends], nth) => [`${name}${nth}`, devices, ends] as const);
      return host(name, each.free, leases, { open: each.open, workspaces: each.workspaces });
    }),
  }));

const holds = (property: (situation: Situation) => void) => fc.assert(fc.property(situations, property), { numRuns: 1500, seed: 20261021 });
const plan = ({ queue, hosts }: Situation) => planQueue('a100', queue, hosts, at);

interface Run {
  readonly host: string;
  readonly from: number;
  readonly to: number;
  readonly devices: number;
}

/** What the planned ones occupy, and when. */
function runsOf(queue: readonly QueuedAsk[], planned: readonly PlannedStart[]): Run[] {
  return planned.flatMap((start, index) => {
    const { devices, durationSeconds, until } = queue[index]!;
    if (start.startsAt === null) return [];
    const to = until ?? plusSeconds(start.startsAt, durationSeconds);
    return [{ host: start.host!, from: start.startsAt.getTime(), to: to.getTime(), devices }];
  });
}

function known(one: PlanHost) {
  return one.held.flatMap(({ devices, endsAt }) => {
    if (endsAt === null) return [];
    return [{ devices, end: (endsAt <= at ? after(MINUTE) : endsAt).getTime() }];
  });
}

/** What a host has left at a moment; negative when it is promised twice. */
function leftAt(one: PlanHost, runs: readonly Run[], moment: number): number {
  const back = known(one).filter(({ end }) => end <= moment);
  const gone = runs.filter((run) => run.host === one.name && run.from <= moment && moment < run.to);
  return one.free.length + back.reduce((sum, { devices }) => sum + devices, 0) - gone.reduce((sum, { devices }) => sum + devices, 0);
}

/** Every moment at which anything changes, the earliest first. */
function momentsOf(hosts: readonly PlanHost[], runs: readonly Run[]): number[] {
  const ends = hosts.flatMap((one) => known(one).map(({ end }) => end));
  return [...new Set([at.getTime(), ...ends, ...runs.flatMap(({ from, to }) => [from, to])])].toSorted((a, b) => a - b);
}

/** All starts that delay nobody planned so far, the earliest first. */
function possibleStarts(one: QueuedAsk, hosts: readonly PlanHost[], runs: readonly Run[]): { from: number; on: PlanHost }[] {
  const moments = momentsOf(hosts, runs);
  const eligible = hosts.filter(({ name, open }) => open && (one.host ?? name) === name);
  return moments.flatMap((from) => {
    const to = one.until?.getTime() ?? from + one.durationSeconds * 1000;
    if (to <= from) return [];
    const meanwhile = moments.filter((moment) => moment >= from && moment < to);
    return eligible
      .filter((candidate) => meanwhile.every((moment) => leftAt(candidate, runs, moment) >= one.devices))
      .map((on) => ({ from, on }));
  });
}

describe('whatever the queue and the leases', () => {
  test('no host is ever promised twice, and no device either', () => {
    holds(({ queue, hosts }) => {
      const planned = plan({ queue, hosts });
      const runs = runsOf(queue, planned);
      for (const one of hosts) {
        for (const moment of momentsOf(hosts, runs)) expect(leftAt(one, runs, moment)).toBeGreaterThanOrEqual(0);
        expect(one.open || runs.every((run) => run.host !== one.name)).toBe(true);
        const now = planned.filter((start) => start.host === one.name).flatMap(({ devices }) => devices ?? []);
        expect(new Set(now).size).toBe(now.length);
        expect(one.free.map(({ uuid }) => uuid)).toEqual(expect.arrayContaining(now));
      }
      for (const [index, { startsAt, devices }] of planned.entries()) {
        const startsNow = startsAt?.getTime() === at.getTime();
        expect(devices?.length ?? null).toBe(startsNow ? queue[index]!.devices : null);
      }
    });
  });

  test('nobody is delayed by a later request: without it, the plan of those before is the same', () => {
    holds(({ queue, hosts }) => {
      const planned = plan({ queue, hosts });
      for (const index of queue.keys()) {
        const without = plan({ queue: queue.toSpliced(index, 1), hosts });
        expect(without.slice(0, index)).toEqual(planned.slice(0, index));
      }
    });
  });

  test('whoever could start now, delaying nobody before, starts now; and nobody could start earlier than planned', () => {
    holds(({ queue, hosts }) => {
      const planned = plan({ queue, hosts });
      for (const [index, one] of queue.entries()) {
        const [earliest] = possibleStarts(one, hosts, runsOf(queue, planned.slice(0, index)));
        expect(planned[index]!.startsAt?.getTime()).toBe(earliest?.from);
      }
    });
  });

  test('the host is the best of those where it could start as early', () => {
    holds(({ queue, hosts }) => {
      const planned = plan({ queue, hosts });
      for (const [index, one] of queue.entries()) {
        const runs = runsOf(queue, planned.slice(0, index));
        const possible = possibleStarts(one, hosts, runs);
        const ranked = possible
          .filter(({ from }) => from === possible[0]!.from)
          .map(({ from, on }) => ({ name: on.name, foreign: on.workspaces.has(one.member) ? 0 : 1, left: leftAt(on, runs, from) }))
          .toSorted((a, b) => a.foreign - b.foreign || a.left - b.left || a.name.charCodeAt(0) - b.name.charCodeAt(0));
        expect(planned[index]!.host).toBe(ranked[0]?.name ?? null);
      }
    });
  });

  test('the next placement is the first planned start that is now', () => {
    holds(({ queue, hosts }) => {
      const first = plan({ queue, hosts }).find(({ devices }) => devices !== null);
      const expected = first === undefined ? null : { id: first.id, host: first.host, devices: first.devices };
      const next = nextPlacement('a100', queue, hosts, at);
      expect(next && { id: next.id, host: next.host, devices: next.devices }).toEqual(expected);
    });
  });

  test('the head of the queue keeps its planned start when the next placement is made', () => {
    holds(({ queue, hosts }) => {
      const next = nextPlacement('a100', queue, hosts, at);
      if (next === null || next.id === queue[0]!.id) return;
      const { id, durationSeconds, until } = queue.find((each) => each.id === next.id)!;
      const lease = { allocation: id, devices: next.devices.length, endsAt: until ?? after(durationSeconds) };
      const then = hosts.map((one) => {
        if (one.name !== next.host) return one;
        return { ...one, free: one.free.filter(({ uuid }) => !next.devices.includes(uuid)), held: [...one.held, lease] };
      });
      const rest = queue.filter((each) => each.id !== id);
      expect(plan({ queue: rest, hosts: then })[0]!.startsAt).toEqual(plan({ queue, hosts })[0]!.startsAt);
    });
  });

  test('what a start waits for is on its host, ends by then, and is a reason if there is one', () => {
    holds(({ queue, hosts }) => {
      const planned = plan({ queue, hosts });
      const endsById = new Map<string, number>();
      for (const { allocation, endsAt } of hosts.flatMap((one) => one.held)) {
        if (endsAt !== null) endsById.set(allocation, (endsAt <= at ? after(MINUTE) : endsAt).getTime());
      }
      for (const [index, { id, startsAt, waitsFor }] of planned.entries()) {
        const start = startsAt?.getTime() ?? at.getTime();
        expect(waitsFor.length > 0).toBe(start > at.getTime());
        const ends = waitsFor.map((reason) => endsById.get(reason) ?? Infinity);
        expect(ends).toEqual(ends.toSorted((a, b) => a - b));
        // Unless the list was cut, the last of them ends at the very moment it starts.
        expect(ends.length === 0 || ends.length === 5 || ends.at(-1) === start).toBe(true);
        const { durationSeconds, until } = queue[index]!;
        if (startsAt !== null) endsById.set(id, (until ?? plusSeconds(startsAt, durationSeconds)).getTime());
      }
    });
  });
});
