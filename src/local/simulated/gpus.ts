// GPUs that do not exist, for the demo: the same UUIDs at every start, always idle, nobody's processes on them.
import { createHash } from 'node:crypto';
import type { GpuSource } from '../../agent/config.ts';
import type { GpuProbe } from '../../agent/probe/probe.ts';

export function simulatedGpus(host: string, cards: Extract<GpuSource, { kind: 'simulated' }>['cards']): GpuProbe {
  const gpus = cards.map(({ model, memoryMib }, index) => ({
    uuid: simulatedUuid(host, index),
    index,
    model,
    memoryMib,
    memoryUsedMib: 0,
    utilizationPercent: 0,
  }));
  return {
    kind: 'simulated',
    sample: async () => ({ kind: 'sample', gpus, processes: [], faults: [] }),
    driver: async () => null,
  };
}

function simulatedUuid(host: string, index: number): string {
  const hex = createHash('sha256').update(`${host}/${index}`).digest('hex');
  return `GPU-${[hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')}`;
}
