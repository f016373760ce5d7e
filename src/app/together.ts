// Writes that come while one is under way go together in the next: one statement and one flush to disk for all of them.

/** `write` gets every item in order and returns a result for each. Its failure is the failure of all of them. */
export function together<I, R>(write: (items: readonly I[]) => Promise<readonly R[]>): (item: I) => Promise<R> {
  interface Waiting {
    readonly item: I;
    readonly resolve: (result: R) => void;
    readonly reject: (error: unknown) => void;
  }
  let waiting: Waiting[] = [];
  let writing = false;

  async function drain(): Promise<void> {
    writing = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        const results = await write(batch.map(({ item }) => item));
        batch.forEach(({ resolve, reject }, index) => {
          const result = results[index];
          if (result === undefined) reject(new Error('a write gave no result'));
          else resolve(result);
        });
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    writing = false;
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (!writing) void drain();
    });
}
