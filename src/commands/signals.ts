// SIGINT and SIGTERM mean: stop in order. So does the end of the process that started us, when there is a channel to it.

/** A terminal and npm both pass one Ctrl-C on, and a key held down repeats: what follows so closely is the same press. */
const SAME_PRESS_MS = 1000;
/** Whoever presses again after this time has waited long enough. */
const PATIENCE_MS = 10_000;

/** What a signal is when the ones before came at these moments: the first, part of the same press, an impatient one, or the one that ends it. */
export type Press = 'first' | 'same' | 'impatient' | 'enough';

/** Reads signals in the order they come; `at` in milliseconds. */
export function pressReader(): (at: number) => Press {
  let first: number | null = null;
  let last = 0;
  let presses = 1;
  return (at) => {
    const sinceLast = at - last;
    last = at;
    if (first === null) {
      first = at;
      return 'first';
    }
    if (sinceLast < SAME_PRESS_MS) return 'same';
    presses += 1;
    return presses > 2 || at - first >= PATIENCE_MS ? 'enough' : 'impatient';
  };
}

/** Resolves with the name of what told us. A signal after that does not cut the stop short; one that is meant to does, and says so. */
export async function untilToldToStop(): Promise<string> {
  const read = pressReader();
  return new Promise((resolve) => {
    const heed = (signal: NodeJS.Signals) => {
      switch (read(performance.now())) {
        case 'first':
          resolve(signal);
          return;
        case 'same':
          return;
        case 'impatient':
          console.error(`${signal} again: still stopping in order. Once more stops at once, in the middle.`);
          return;
        case 'enough':
          console.error(`${signal} again: stopped at once, in the middle. The next start takes up what is left.`);
          process.exit(1);
      }
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, heed);
    if (!process.connected) return;
    process.once('disconnect', () => resolve('the starting process ended'));
    // Listening alone would keep us running when everything else is done.
    process.channel?.unref();
  });
}
