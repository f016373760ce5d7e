// One at a time per key inside this process, first come first served, with a bounded wait.

export class WaitedTooLong extends Error {}

export class KeyedQueue {
  readonly #tails = new Map<string, Promise<void>>();

  /**
   * Runs `work` once every earlier holder of any of `keys` is done. Rejects with WaitedTooLong after `timeoutMs` of waiting;
   * `work` has then not started and never will.
   */
  async run<T>(keys: readonly string[], timeoutMs: number, work: () => Promise<T>): Promise<T> {
    const earlier = keys.flatMap((key) => this.#tails.get(key) ?? []);
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const turn = Promise.all(earlier).then(() => undefined);
    // Whoever comes later waits for the ones before us too, also when we give up.
    const tail = turn.then(() => held);
    for (const key of keys) this.#tails.set(key, tail);
    try {
      await withDeadline(turn, timeoutMs);
      return await work();
    } finally {
      release();
      void tail.then(() => {
        for (const key of keys) if (this.#tails.get(key) === tail) this.#tails.delete(key);
      });
    }
  }
}

async function withDeadline(turn: Promise<void>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new WaitedTooLong(`waited ${timeoutMs} ms for earlier decisions`)), timeoutMs);
  });
  try {
    await Promise.race([turn, late]);
  } finally {
    clearTimeout(timer);
  }
}
