// A long poll: register the waiter, then look, then wait; woken by a wake-up, by a slow timer in case one was lost, or by the end of the hold.

const LOOK_AGAIN_MS = 5000;

export interface HeldPoll<T> {
  readonly ask: () => Promise<T | null>;
  /** Registers a callback for wake-ups; returns how to take it back. */
  readonly onWake: (wake: () => void) => () => void;
  readonly holdMs: number;
  readonly signal: AbortSignal;
}

/** The first answer that is not null, or null when the hold or the signal ends first. */
export async function heldPoll<T>({ ask, onWake, holdMs, signal }: HeldPoll<T>): Promise<T | null> {
  let woken = false;
  let wake: () => void = () => undefined;
  const off = onWake(() => {
    woken = true;
    wake();
  });
  const onAbort = () => wake();
  signal.addEventListener('abort', onAbort);
  const endsAt = performance.now() + holdMs;
  try {
    for (;;) {
      woken = false;
      const answer = await ask();
      if (answer !== null) return answer;
      const left = endsAt - performance.now();
      if (left <= 0 || signal.aborted) return null;
      if (!woken) await sleepUntilWoken(Math.min(left, LOOK_AGAIN_MS), (callback) => (wake = callback));
      if (signal.aborted) return null;
    }
  } finally {
    off();
    signal.removeEventListener('abort', onAbort);
  }
}

async function sleepUntilWoken(milliseconds: number, setWake: (callback: () => void) => void): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    setWake(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
