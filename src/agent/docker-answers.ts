// Turns what dockerode throws into the Engine's values.
import type { Refused, Unreachable } from './engine.ts';

/** HTTP status of an answer the engine gave, null when there was no answer. */
export function statusOf(error: unknown): number | null {
  if (typeof error === 'object' && error !== null && 'statusCode' in error && typeof error.statusCode === 'number') return error.statusCode;
  return null;
}

/** The engine's own words, short enough for a report. */
export function wordsOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error).slice(0, 400);
  if ('json' in error && typeof error.json === 'object' && error.json !== null && 'message' in error.json) {
    return String(error.json.message).trim().slice(0, 400);
  }
  return 'message' in error ? String(error.message).trim().slice(0, 400) : 'unknown error';
}

/** For answers no method expects: an answer is a refusal, silence is unreachable. */
export function otherAnswer(error: unknown): Refused | Unreachable {
  return statusOf(error) === null ? unreachable(error) : { kind: 'refused', detail: wordsOf(error) };
}

export function unreachable(error: unknown): Unreachable {
  const timedOut = error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError');
  return { kind: 'unreachable', detail: timedOut ? 'the engine did not answer in time' : wordsOf(error) };
}
