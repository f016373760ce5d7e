// Which of the things that somebody chose in a modal was the last, as far as this process has heard.

const KEPT = 1000;

export interface Newest {
  /** `stamp`: Slack's action_ts, which grows. */
  note(view: string, stamp: string): void;
  is(view: string, stamp: string): boolean;
}

export function createNewest(): Newest {
  const stamps = new Map<string, string>();
  return {
    note: (view, stamp) => {
      const known = stamps.get(view) ?? '';
      stamps.delete(view);
      stamps.set(view, Number(stamp) > Number(known) ? stamp : known);
      const [oldest] = stamps.keys();
      if (stamps.size > KEPT && oldest !== undefined) stamps.delete(oldest);
    },
    is: (view, stamp) => (stamps.get(view) ?? stamp) === stamp,
  };
}
