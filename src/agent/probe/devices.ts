// A probe's sample × our containers → the report's devices: what on each GPU is not ours. Pure.
import type { ForeignProcess, ObservedDevice } from '../../domain/host-protocol.ts';
import type { GpuProcess, Sample } from './probe.ts';

/** `ours` are the ids of this ledger's containers on this host. */
export function observedDevices(sample: Sample, ours: ReadonlySet<string>): ObservedDevice[] {
  return sample.gpus.map((gpu) => {
    const here = sample.processes?.filter((process) => process.uuid === gpu.uuid) ?? null;
    return { ...gpu, foreignMemoryMib: foreignMemory(gpu.memoryUsedMib, here, ours), foreign: foreignProcesses(here ?? [], ours) };
  });
}

/** GPU processes of one container that are left; null = the sample cannot tell. */
export function processesOf(sample: Sample, containerId: string): number | null {
  return sample.processes === null ? null : sample.processes.filter((process) => process.containerId === containerId).length;
}

function isOurs(process: GpuProcess, ours: ReadonlySet<string>): boolean {
  return process.containerId !== null && ours.has(process.containerId);
}

function foreignMemory(used: number | null, here: readonly GpuProcess[] | null, ours: ReadonlySet<string>): number | null {
  if (used === null || here === null) return null;
  let left = used;
  for (const process of here.filter((one) => isOurs(one, ours))) {
    if (process.memoryUsedMib === null) return null;
    left -= process.memoryUsedMib;
  }
  return Math.max(0, left);
}

function foreignProcesses(here: readonly GpuProcess[], ours: ReadonlySet<string>): ForeignProcess[] {
  return here
    .filter((process) => !isOurs(process, ours))
    .slice(0, 64)
    .map(({ pid, owner, command }) => ({ pid, owner, command }));
}
