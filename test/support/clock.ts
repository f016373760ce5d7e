// A clock that tests move.
import { moment, plusSeconds, type Clock } from '../../src/domain/time.ts';

export interface MovableClock extends Clock {
  /** Moves it forward (or back) by whole seconds. */
  move(seconds: number): void;
  set(at: Date): void;
}

/** Stands still until it is moved. 2026-03-02 is a Monday. */
export function movableClock(start = '2026-03-02T09:00:00Z'): MovableClock {
  let at = moment(Date.parse(start));
  return {
    now: () => at,
    move: (seconds) => {
      at = plusSeconds(at, seconds);
    },
    set: (to) => {
      at = to;
    },
  };
}
