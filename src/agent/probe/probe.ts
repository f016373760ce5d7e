// What a GPU probe says. Numbers it could not read are null: unknown is never 0.

export type GpuReading = {
  readonly uuid: string;
  readonly index: number;
  readonly model: string;
  readonly memoryMib: number;
  readonly memoryUsedMib: number | null;
  readonly utilizationPercent: number | null;
};

/** A process with a context on a GPU. */
export type GpuProcess = {
  readonly uuid: string;
  readonly pid: number;
  readonly command: string;
  readonly memoryUsedMib: number | null;
  /** First 64-digit id in its cgroup path, of whatever engine; null when it runs in no container. */
  readonly containerId: string | null;
  /** Unix user, null when it could not be read. */
  readonly owner: string | null;
};

export type Sample = {
  readonly kind: 'sample';
  readonly gpus: readonly GpuReading[];
  /** Null when the processes could not be read. */
  readonly processes: readonly GpuProcess[] | null;
  /** Readings that had to be left out, in the probe's words. */
  readonly faults: readonly string[];
};

export type ProbeResult = Sample | { readonly kind: 'failed'; readonly detail: string };

export interface GpuProbe {
  readonly kind: 'nvidia' | 'simulated' | 'none';
  sample(): Promise<ProbeResult>;
  /** Version of the driver; null: there is none, or it could not be read. */
  driver(): Promise<string | null>;
}

/** A host without GPUs. */
export const noGpus: GpuProbe = {
  kind: 'none',
  sample: async () => ({ kind: 'sample', gpus: [], processes: [], faults: [] }),
  driver: async () => null,
};
