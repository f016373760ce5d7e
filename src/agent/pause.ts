// Waiting that can be cut short.
import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves after the time, or as soon as `signal` aborts; never rejects. */
export type Pause = (milliseconds: number, signal: AbortSignal) => Promise<void>;

export const pause: Pause = async (milliseconds, signal) => {
  if (signal.aborted) return;
  await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
};

/** A bell one loop waits at and others ring; a ring while nobody waits is kept. */
export interface Bell {
  ring(): void;
  /** Resolves at a ring, after the time, or when `signal` aborts. */
  wait(milliseconds: number, signal: AbortSignal): Promise<'rung' | 'time'>;
}

export function bell(): Bell {
  let rung = false;
  let wake: (() => void) | null = null;
  return {
    ring() {
      rung = true;
      wake?.();
    },
    async wait(milliseconds, signal) {
      if (!rung) {
        const woken = new AbortController();
        wake = () => woken.abort();
        await pause(milliseconds, AbortSignal.any([woken.signal, signal]));
        wake = null;
      }
      const result = rung ? 'rung' : 'time';
      rung = false;
      return result;
    },
  };
}
