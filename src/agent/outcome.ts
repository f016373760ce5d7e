// How a step ended.
import type { FailureCode } from '../domain/host-protocol.ts';

export type Outcome =
  | { readonly kind: 'done' }
  /** For good: this fence will not come up. */
  | { readonly kind: 'failed'; readonly code: FailureCode; readonly detail: string }
  /** Not now: look at the host again, then plan anew. */
  | { readonly kind: 'retry'; readonly detail: string };

export const done: Outcome = { kind: 'done' };

export function failed(code: FailureCode, detail: string): Outcome {
  return { kind: 'failed', code, detail: detail.slice(0, 500) };
}

export function retry(detail: string): Outcome {
  return { kind: 'retry', detail: detail.slice(0, 400) };
}
