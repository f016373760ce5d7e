// What a report says when something of the host cannot be known.
import { expect, it } from 'vitest';
import { newState } from '../../src/agent/memory.ts';
import { gist, type Known, reportContent } from '../../src/agent/report-content.ts';
import { desired, GPU_A } from '../support/agent-desired.ts';

const known: Known = {
  state: newState('6e0f1d6e-8f57-4a33-9b52-0c8a54f6f9a1', 7),
  applied: { revision: 7, containers: [desired()], allocations: [{ allocation: 'al-aaaaaa', fence: 5, status: 'stopped' }], orphans: [] },
  engineTrouble: null,
  ours: new Set(),
  running: 0,
  sample: {
    kind: 'sample',
    gpus: [{ uuid: GPU_A, index: 0, model: 'A100', memoryMib: 40_960, memoryUsedMib: 4, utilizationPercent: 0 }],
    processes: [],
    faults: [],
  },
  network: { kind: 'safe' },
  workspaceTrouble: null,
  mountAdvice: null,
};

it('while the engine is silent every named allocation is unknown, and none is said to be gone', () => {
  expect(reportContent({ ...known, engineTrouble: 'connect ENOENT' })).toMatchObject({
    appliedRevision: 7,
    allocations: [{ status: 'pending', detail: 'unknown: connect ENOENT' }],
    problems: [{ code: 'engine_unreachable', blocking: true }],
  });
});

it('while no list is obeyed it says nothing of any allocation and has applied nothing', () => {
  expect(reportContent({ ...known, applied: null })).toMatchObject({ appliedRevision: 0, allocations: [], orphans: [] });
});

it('devices are null when the probe failed and left out one by one when a row did', () => {
  expect(reportContent({ ...known, sample: { kind: 'failed', detail: 'exit 18' } })).toMatchObject({
    devices: null,
    problems: [{ code: 'probe_failed' }],
  });
  expect(reportContent({ ...known, sample: { kind: 'sample', gpus: [], processes: [], faults: ['GPU is lost'] } })).toMatchObject({
    devices: [],
    problems: [{ detail: 'GPU is lost' }],
  });
  expect(reportContent({ ...known, sample: null })).toMatchObject({ devices: null, problems: [] });
});

it('a new reading alone is no reason to report early; a new process is', () => {
  const with_ = (memoryUsedMib: number, pids: number[]): string =>
    gist(
      reportContent({
        ...known,
        sample: {
          kind: 'sample',
          gpus: [{ uuid: GPU_A, index: 0, model: 'A100', memoryMib: 40_960, memoryUsedMib, utilizationPercent: 0 }],
          processes: pids.map((pid) => ({ uuid: GPU_A, pid, command: 'x', memoryUsedMib: 1, containerId: null, owner: null })),
          faults: [],
        },
      }),
    );
  expect(with_(4, [])).toBe(with_(9, []));
  expect(with_(4, [])).not.toBe(with_(4, [1]));
});
