// What the agent does and says for every pairing of what is wanted, what is there and what it remembers.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DesiredContainer } from '../../src/domain/host-protocol.ts';
import {
  containerName,
  type Failure,
  type HostContainer,
  type HostMemory,
  reconcile,
  type ReconcileInput,
  type Step,
} from '../../src/domain/reconcile.ts';
import { desired, GPU_A, GPU_B } from '../support/agent-desired.ts';

const nothing: HostMemory = { started: new Map(), failures: new Map(), fences: new Map() };
const failure: Failure = { fence: 5, code: 'image_missing', detail: 'image x is not on this host' };

function container(over: Partial<HostContainer> = {}): HostContainer {
  const phase = over.phase ?? 'running';
  return {
    id: 'c1',
    name: 'berth-al-aaaaaa',
    allocation: 'al-aaaaaa',
    fence: 5,
    phase,
    user: '200001:200001',
    devices: [],
    startedAt: phase === 'created' ? null : '2026-11-21T09:00:00.000Z',
    exitCode: phase === 'exited' ? 143 : null,
    outOfMemory: false,
    detail: '',
    released: false,
    ...over,
  };
}

function look(over: Partial<ReconcileInput>): { status: string | undefined; steps: string[]; orphans: string[]; report: unknown } {
  const { plans, allocations, orphans } = reconcile({ desired: [desired()], observed: [], memory: nothing, busy: new Map(), ...over });
  return {
    status: allocations[0]?.status,
    steps: plans.flatMap(({ steps }) => steps.map((step) => step.kind)),
    orphans: orphans.map((orphan) => orphan.containerId),
    report: allocations[0],
  };
}

const stopped = [desired({ wanted: 'stopped' })];
const withGpus = [desired({ devices: [GPU_A, GPU_B] })];

describe('an allocation that should run', () => {
  it.each<[string, Partial<ReconcileInput>, string, string[]]>([
    ['is not there', {}, 'pending', ['create', 'start']],
    ['was created and not started', { observed: [container({ phase: 'created' })] }, 'pending', ['start']],
    ['runs', { observed: [container()] }, 'running', []],
    ['runs with its GPUs', { desired: withGpus, observed: [container({ devices: [GPU_A, GPU_B] })] }, 'running', []],
    ['ended by itself', { observed: [container({ phase: 'exited' })] }, 'ended', []],
    ['ran and is gone', { memory: { ...nothing, started: new Map([['al-aaaaaa', 5]]) } }, 'ended', []],
    [
      'ran under an older fence and is gone',
      { memory: { ...nothing, started: new Map([['al-aaaaaa', 4]]) } },
      'pending',
      ['create', 'start'],
    ],
    ['is being removed by hand', { observed: [container({ phase: 'removing' })] }, 'pending', []],
    ['failed', { memory: { ...nothing, failures: new Map([['al-aaaaaa', failure]]) } }, 'failed', []],
    [
      'failed under an older fence',
      { memory: { ...nothing, failures: new Map([['al-aaaaaa', { ...failure, fence: 4 }]]) } },
      'pending',
      ['create', 'start'],
    ],
    [
      'failed and something of it is left',
      { observed: [container({ phase: 'created' })], memory: { ...nothing, failures: new Map([['al-aaaaaa', failure]]) } },
      'pending',
      ['remove'],
    ],
    ['runs as another user', { observed: [container({ user: '' })] }, 'pending', ['discard']],
    ['runs with fewer GPUs', { desired: withGpus, observed: [container({ devices: [GPU_A] })] }, 'pending', ['discard']],
    ['runs with a GPU nobody asked for', { observed: [container({ devices: [GPU_A] })] }, 'pending', ['discard']],
    ['runs with every GPU', { desired: withGpus, observed: [container({ devices: ['all'] })] }, 'pending', ['discard']],
    ['ended before its wrong user was seen', { observed: [container({ user: '0:0', phase: 'exited' })] }, 'pending', ['discard']],
    ['runs under an older fence', { observed: [container({ fence: 4 })] }, 'pending', ['stop', 'await_gpus', 'remove', 'create', 'start']],
    [
      'has a lower fence than one of its GPUs saw',
      { desired: withGpus, memory: { ...nothing, fences: new Map([[GPU_B, 6]]) } },
      'failed',
      [],
    ],
    ['has a lower fence than what ran of it', { memory: { ...nothing, started: new Map([['al-aaaaaa', 6]]) } }, 'failed', []],
    [
      'runs although a GPU saw a higher fence since',
      { desired: withGpus, observed: [container({ devices: [GPU_A, GPU_B] })], memory: { ...nothing, fences: new Map([[GPU_A, 6]]) } },
      'running',
      [],
    ],
  ])('%s', (_what, input, status, steps) => {
    expect(look(input)).toMatchObject({ status, steps });
  });
});

describe('an allocation that should be stopped', () => {
  it.each<[string, Partial<ReconcileInput>, string, string[]]>([
    ['was never here', {}, 'stopped', []],
    ['runs', { observed: [container()] }, 'pending', ['stop', 'await_gpus', 'remove']],
    ['runs under an older fence', { observed: [container({ fence: 4 })] }, 'pending', ['stop', 'await_gpus', 'remove']],
    ['was created and not started', { observed: [container({ phase: 'created' })] }, 'pending', ['remove']],
    ['ended and is not removed yet', { observed: [container({ phase: 'exited' })] }, 'pending', ['await_gpus', 'remove']],
    [
      'ended, let go of its GPUs and resists removal',
      { observed: [container({ phase: 'exited', released: true })] },
      'stopped',
      ['await_gpus', 'remove'],
    ],
    ['is being removed', { observed: [container({ phase: 'removing' })] }, 'pending', []],
    ['runs under a newer fence', { observed: [container({ fence: 6 })] }, 'pending', []],
  ])('%s', (_what, input, status, steps) => {
    expect(look({ desired: stopped, ...input })).toMatchObject({ status, steps });
  });
});

describe('what is said', () => {
  it('an exit, an out-of-memory end and a removal by hand are told apart', () => {
    expect(look({ observed: [container({ phase: 'exited', exitCode: 3 })] }).report).toMatchObject({
      status: 'ended',
      cause: 'exited',
      exitCode: 3,
    });
    expect(look({ observed: [container({ phase: 'exited', exitCode: 137, outOfMemory: true })] }).report).toMatchObject({
      cause: 'out_of_memory',
    });
    expect(look({ memory: { ...nothing, started: new Map([['al-aaaaaa', 5]]) } }).report).toMatchObject({
      cause: 'removed',
      exitCode: null,
    });
  });

  it('while a worker may still change it, nothing that frees a GPU or ends a lease is said, and no second worker is asked for', () => {
    const busy = new Map([['al-aaaaaa', 'creating the container']]);
    const said = { status: 'pending', steps: [] };
    expect(look({ desired: stopped, busy })).toMatchObject(said);
    expect(look({ memory: { ...nothing, failures: new Map([['al-aaaaaa', failure]]) }, busy })).toMatchObject(said);
    expect(look({ memory: { ...nothing, started: new Map([['al-aaaaaa', 5]]) }, busy })).toMatchObject(said);
    expect(look({ busy }).report).toMatchObject({ detail: 'creating the container' });
    expect(look({ observed: [container()], busy })).toMatchObject({ status: 'running', steps: [] });
  });

  it('a container that the list does not name is an orphan, and left alone', () => {
    expect(look({ desired: [], observed: [container({ allocation: 'al-bbbbbb' })] })).toMatchObject({ orphans: ['c1'], steps: [] });
  });

  it('of two containers with one fence the one with our name counts; the other is an orphan', () => {
    const twin = container({ id: 'c0', name: 'copied-by-hand' });
    expect(look({ observed: [twin, container()] })).toMatchObject({ status: 'running', orphans: ['c0'], steps: [] });
  });
});

// --- a host that does what the steps say ---

type World = {
  containers: HostContainer[];
  started: Map<string, number>;
  fences: Map<string, number>;
  failures: Map<string, Failure>;
  next: number;
};

function apply(world: World, step: Step): void {
  const at = (id: string): number => world.containers.findIndex((one) => one.id === id || one.name === id);
  const set = (id: string, change: Partial<HostContainer>): void => {
    const index = at(id);
    if (index >= 0) world.containers[index] = { ...world.containers[index]!, ...change };
  };
  switch (step.kind) {
    case 'create': {
      const { want } = step;
      if (at(containerName(want.allocation)) >= 0) throw new Error('the name is taken');
      for (const uuid of want.devices) world.fences.set(uuid, Math.max(world.fences.get(uuid) ?? 0, want.fence));
      const user = `${want.member.uid}:${want.member.gid}`;
      world.containers.push(
        container({
          id: `n${world.next++}`,
          name: containerName(want.allocation),
          allocation: want.allocation,
          fence: want.fence,
          phase: 'created',
          user,
          devices: want.devices,
        }),
      );
      return;
    }
    case 'start':
      return set(step.container, { phase: 'running', startedAt: '2026-11-21T09:00:00.000Z' });
    case 'stop':
      return set(step.container, { phase: 'exited' });
    case 'await_gpus':
      return;
    case 'remove': {
      const index = at(step.container);
      if (world.containers[index]?.phase === 'running') throw new Error('a running container is removed');
      if (index >= 0) world.containers.splice(index, 1);
      return;
    }
    case 'discard':
      world.containers = world.containers.filter((one) => !(one.allocation === step.want.allocation && one.fence === step.want.fence));
      world.failures.set(step.want.allocation, { fence: step.want.fence, code: step.code, detail: step.detail });
  }
}

const allocation = fc.constantFrom('al-aaaaaa', 'al-bbbbbb', 'al-cccccc');
const devices = fc.subarray([GPU_A, GPU_B]);
const wants: fc.Arbitrary<DesiredContainer[]> = fc.uniqueArray(
  fc
    .record({ allocation, fence: fc.integer({ min: 1, max: 4 }), wanted: fc.constantFrom('running' as const, 'stopped' as const), devices })
    .map(desired),
  { selector: (want) => want.allocation },
);
const observed: fc.Arbitrary<HostContainer[]> = fc.uniqueArray(
  fc
    .record({
      allocation,
      fence: fc.integer({ min: 1, max: 4 }),
      phase: fc.constantFrom('created' as const, 'running' as const, 'exited' as const),
      devices,
      user: fc.constantFrom('200001:200001', ''),
    })
    .map((over) => container({ ...over, name: containerName(over.allocation), id: `o-${over.allocation}` })),
  { selector: (one) => one.allocation },
);

it('with any interruption after any step, repeating it settles: what should run runs once, what should stop is gone, strangers stay', () => {
  fc.assert(
    fc.property(wants, observed, fc.array(fc.nat(4), { maxLength: 12 }), (list, there, interruptions) => {
      const world: World = { containers: [...there], started: new Map(), fences: new Map(), failures: new Map(), next: 0 };
      const cuts = [...interruptions];
      const turn = (): ReturnType<typeof reconcile> => {
        const result = reconcile({ desired: list, observed: world.containers, memory: world, busy: new Map() });
        for (const one of result.allocations) if (one.status === 'running') world.started.set(one.allocation, one.fence);
        for (const { steps } of result.plans) steps.slice(0, cuts.shift() ?? steps.length).forEach((step) => apply(world, step));
        return result;
      };
      for (let round = 0; round < 30; round += 1) turn();
      const settled = turn();
      expect(settled.plans).toEqual([]);
      const named = new Map(list.map((want) => [want.allocation, want]));
      for (const stranger of there.filter((one) => !named.has(one.allocation))) expect(world.containers).toContainEqual(stranger);
      for (const report of settled.allocations) {
        const want = named.get(report.allocation)!;
        const own = world.containers.filter((one) => one.allocation === want.allocation && one.fence <= want.fence);
        const held = world.containers.some((one) => one.allocation === want.allocation && one.fence > want.fence);
        const left = own.map((one) => [one.phase, one.fence]);
        const allowed = {
          running: [['running', want.fence]],
          ended: [['exited', want.fence]],
          failed: [],
          stopped: [],
          pending: held ? left : null,
        };
        expect(left).toEqual(allowed[report.status]);
      }
    }),
    { numRuns: 500 },
  );
});
