// GPUs are let go of when a container has ended and nothing of it runs on them, also when its remains cannot be removed.
import { expect, it } from 'vitest';
import { awaitGpus, removeContainer } from '../../src/agent/clear-container.ts';
import type { Engine } from '../../src/agent/engine.ts';
import type { Ground } from '../../src/agent/ground.ts';
import type { ProbeResult } from '../../src/agent/probe/probe.ts';
import { GPU_A } from '../support/agent-desired.ts';

function ground(removal: Awaited<ReturnType<Engine['remove']>>, samples: ProbeResult[] = []): Pick<Ground, 'released'> & Ground {
  const partial = {
    engine: { remove: async () => removal },
    released: new Set<string>(),
    probes: { sample: async () => samples.shift() },
    pause: async () => undefined,
  };
  return partial as unknown as Ground;
}

it('a container whose removal the engine refuses is released, and no longer when it is gone', async () => {
  const stuck = ground({ kind: 'refused', detail: 'device or resource busy' });
  expect(await removeContainer('c', stuck)).toMatchObject({ kind: 'retry', detail: expect.stringContaining('busy') });
  expect([...stuck.released]).toEqual(['c']);
  const gone = ground({ kind: 'removed' });
  gone.released.add('c');
  expect(await removeContainer('c', gone)).toEqual({ kind: 'done' });
  expect([...gone.released]).toEqual([]);
});

it('one that runs again is not released', async () => {
  const again = ground({ kind: 'running' });
  expect(await removeContainer('c', again)).toMatchObject({ kind: 'retry' });
  expect([...again.released]).toEqual([]);
});

it('GPUs are free only when a sample shows nothing of the container; one that cannot tell does not', async () => {
  const process = { uuid: GPU_A, pid: 1, command: 'x', memoryUsedMib: 1, containerId: 'c', owner: null };
  const sample = (processes: (typeof process)[] | null): ProbeResult => ({ kind: 'sample', gpus: [], processes, faults: [] });
  const seen = [
    sample([process]),
    { kind: 'failed', detail: 'exit 18' } as const,
    sample(null),
    sample([{ ...process, containerId: 'other' }]),
  ];
  const scene = ground({ kind: 'removed' }, seen);
  expect(await awaitGpus('c', [GPU_A], scene, new AbortController().signal)).toEqual({ kind: 'done' });
  expect(seen).toEqual([]);
  const forever = ground(
    { kind: 'removed' },
    Array.from({ length: 100 }, () => sample([process])),
  );
  expect(await awaitGpus('c', [GPU_A], forever, new AbortController().signal)).toEqual({
    kind: 'retry',
    detail: '1 GPU process of it left after its end',
  });
});
