// How fast Slack lets an app call: one message a second in a channel, and so many edits and views a minute, with short bursts.
// Source: Slack's "Rate limits" page: special tier of chat.postMessage, tier 3 (50+ a minute), tier 4 (100+).
import type { Args } from './api-args.ts';

interface Bucket {
  readonly size: number;
  readonly perSecond: number;
}

const POSTS: Bucket = { size: 3, perSecond: 1 };
const TIER_3: Bucket = { size: 50, perSecond: 50 / 60 };
const TIER_4: Bucket = { size: 100, perSecond: 100 / 60 };

const limits: Readonly<Record<string, Bucket>> = {
  'chat.postMessage': POSTS,
  'chat.update': TIER_3,
  'chat.delete': TIER_3,
  'views.open': TIER_4,
  'views.update': TIER_4,
  'views.push': TIER_4,
  'views.publish': TIER_4,
};

export interface RateLimits {
  /** Null when the call may go on, else after how many whole seconds it may be made again. */
  take(method: string, args: Args): number | null;
}

/** `now`: epoch milliseconds. */
export function createRateLimits(now: () => number): RateLimits {
  const levels = new Map<string, { tokens: number; at: number }>();
  return {
    take(method, args) {
      const limit = limits[method];
      if (limit === undefined) return null;
      // Messages are counted for each channel, everything else for the workspace.
      const key = limit === POSTS ? `${method} ${JSON.stringify(args['channel'])}` : method;
      const at = now();
      const before = levels.get(key) ?? { tokens: limit.size, at };
      const tokens = Math.min(limit.size, before.tokens + (Math.max(0, at - before.at) / 1000) * limit.perSecond);
      const passes = tokens >= 1;
      levels.set(key, { tokens: passes ? tokens - 1 : tokens, at });
      return passes ? null : Math.max(1, Math.ceil((1 - tokens) / limit.perSecond));
    },
  };
}
