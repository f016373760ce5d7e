// How long to wait before trying again: doubling, bounded, and spread so that many agents do not knock at once.

export interface Backoff {
  /** Milliseconds to wait now; grows with each call. */
  next(): number;
  /** After a success: the next wait is short again. */
  reset(): void;
}

/** Waits of `base` × 2ⁿ milliseconds, at most `max`, each shortened by up to half. `random` gives [0, 1). */
export function backoff(base: number, max: number, random: () => number): Backoff {
  let tries = 0;
  return {
    next() {
      const full = Math.min(max, base * 2 ** tries);
      tries += 1;
      return Math.round(full * (1 - random() / 2));
    },
    reset() {
      tries = 0;
    },
  };
}
