// The latest GPU sample, shared by everyone who needs one; at most one probe runs at a time.
import type { Ticks } from '../../domain/time.ts';
import type { Pause } from '../pause.ts';
import type { GpuProbe, ProbeResult } from './probe.ts';

export interface ProbeFeed {
  readonly kind: GpuProbe['kind'];
  latest(): ProbeResult | null;
  /** The latest sample if it was begun at most so many milliseconds ago (0: after this call), else a new one. */
  sample(maxAgeMilliseconds: number): Promise<ProbeResult>;
  /** Samples at this pace until `signal` aborts; `onSample` after each. */
  loop(everyMilliseconds: number, onSample: () => void, signal: AbortSignal): Promise<void>;
}

export function probeFeed(probe: GpuProbe, ticks: Ticks, pause: Pause): ProbeFeed {
  let last: { readonly begun: number; readonly result: ProbeResult } | null = null;
  let running: Promise<unknown> = Promise.resolve();
  const sample = (maxAge: number): Promise<ProbeResult> => {
    const oldest = ticks.milliseconds() - maxAge;
    const turn = running.then(async () => {
      if (last !== null && last.begun >= oldest) return last.result;
      const begun = ticks.milliseconds();
      const result = await probe.sample();
      last = { begun, result };
      return result;
    });
    running = turn.catch(() => undefined);
    return turn;
  };
  return {
    kind: probe.kind,
    latest: () => last?.result ?? null,
    sample,
    async loop(every, onSample, signal) {
      while (!signal.aborted) {
        await sample(every / 2);
        onSample();
        await pause(every, signal);
      }
    },
  };
}
