// What the grammar is told and what it can answer: shapes only, no sentences. The Slack layer words a problem.
import type { RequestAsk } from '../ask.ts';

/** What a text is read against: the moment and IANA zone of the member, and the names of the policy. Names match without regard to case. */
export interface GrammarContext {
  at: Date;
  zone: string;
  /** `memoryMib`: memory of one device of the pool, null when no host has reported it. */
  pools: readonly { name: string; memoryMib: number | null }[];
  images: readonly string[];
  hosts: readonly string[];
}

/** The parts of a request that may be named once. */
export type Part = 'pool' | 'count' | 'memory' | 'duration' | 'time' | 'image' | 'host' | 'command' | 'purpose';

/**
 * Why a text is not a request. `typed`, `name` and `words` are what the member wrote (cut to 80 characters, never escaped);
 * suggestions and `nearest` are words that would have been understood.
 */
export type AskProblem =
  | { code: 'empty' }
  | { code: 'too_long'; what: 'text' | 'purpose' | 'command'; length: number; max: number }
  | { code: 'no_pool_named'; pools: string[] }
  | { code: 'unknown_words'; words: string[]; nearest: { word: string; suggestion: string }[] }
  | { code: 'unknown_pool'; name: string; nearest: string | null; pools: string[] }
  | { code: 'unknown_image'; name: string; nearest: string | null; images: string[] }
  | { code: 'unknown_host'; name: string; nearest: string | null; hosts: string[] }
  /** `max` is 1024 devices, or 1 for `cpu`, which has none to count. */
  | { code: 'bad_count'; typed: string; max: number }
  | { code: 'bad_memory'; typed: string }
  /** `pool` null: no pool has such a device. `largestMib` is the most that would have been found. */
  | { code: 'memory_too_large'; memoryMibMin: number; largestMib: number; pool: string | null }
  | { code: 'memory_without_gpu' }
  | { code: 'bad_duration'; typed: string }
  | { code: 'duration_too_long'; typed: string; maxSeconds: number }
  /** `relative`: "in 3 hours" is a duration; `ambiguous_date`: 5/6 is May or June; `zone`: only UTC, GMT and ±hh:mm are exact. */
  | { code: 'bad_time'; typed: string; reason: 'not_understood' | 'relative' | 'ambiguous_date' | 'zone' }
  | { code: 'time_in_past'; typed: string; until: Date }
  | { code: 'time_too_far'; typed: string; until: Date; maxSeconds: number }
  | { code: 'two_of'; what: Part }
  | { code: 'for_and_until' }
  | { code: 'missing_value'; keyword: 'for' | 'until' | 'image' | 'on' | 'run' }
  | { code: 'command_not_quoted'; typed: string }
  | { code: 'unclosed_quote'; typed: string };

export type ParsedAsk = { ok: true; ask: RequestAsk } | { ok: false; problem: AskProblem };

/** What a problem shows of the member's own words: 80 characters at most. */
export function shown(typed: string): string {
  return typed.length <= 80 ? typed : `${typed.slice(0, 79)}…`;
}
