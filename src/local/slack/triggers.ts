// trigger_id: what an app trades for a modal, good for three seconds and for one trade.
import { secondsBetween, type Clock } from '../../domain/time.ts';
import { ApiError } from './api-args.ts';

const LIFE_SECONDS = 3;
const KEPT = 1000;

export interface Triggers {
  /** A new trigger of what this member just did. */
  issue(user: string): string;
  /** Trades it in: whose it was, or Slack's refusal. */
  exchange(id: string): string;
}

export function createTriggers(clock: Clock, newId: () => string): Triggers {
  const issued = new Map<string, { user: string; at: Date; exchanged: boolean }>();
  return {
    issue(user) {
      const id = newId();
      issued.set(id, { user, at: clock.now(), exchanged: false });
      const [oldest] = issued.keys();
      if (issued.size > KEPT && oldest !== undefined) issued.delete(oldest);
      return id;
    },
    exchange(id) {
      const trigger = issued.get(id);
      if (trigger === undefined) throw new ApiError('invalid_trigger_id');
      if (trigger.exchanged) throw new ApiError('exchanged_trigger_id');
      if (secondsBetween(trigger.at, clock.now()) > LIFE_SECONDS) throw new ApiError('expired_trigger_id');
      trigger.exchanged = true;
      return trigger.user;
    },
  };
}
