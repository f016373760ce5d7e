// Faults that a test asks for: what the next calls of a Web API method meet instead of, or after, their effect.

export type Fault =
  /** Rate limited: HTTP 429 with Retry-After in seconds, without effect. */
  | { readonly status: 429; readonly retryAfter: number }
  /** Another HTTP status with a body that is not JSON, without effect. */
  | { readonly status: number }
  /** HTTP 200 with `ok: false` and this error, without effect. */
  | { readonly error: string }
  /** The request is read and never answered, or its connection cut; without effect. */
  | 'timeout'
  | 'reset'
  /** The same after the effect: the caller cannot know that it happened. */
  | 'timeout-after'
  | 'reset-after';

export interface Faults {
  /** The next `times` (1) calls of the method (`'*'`: of any) meet this fault. Faults of one method queue up. */
  next(method: string, fault: Fault, times?: number): void;
  /** Forgets all faults not met yet. */
  clear(): void;
  /** Takes the fault this call meets, if any. */
  take(method: string): Fault | undefined;
}

export function createFaults(): Faults {
  const queued: { method: string; fault: Fault }[] = [];
  return {
    next(method, fault, times = 1) {
      for (let n = 0; n < times; n += 1) queued.push({ method, fault });
    },
    clear() {
      queued.length = 0;
    },
    take(method) {
      const index = queued.findIndex((each) => each.method === method || each.method === '*');
      return index < 0 ? undefined : queued.splice(index, 1)[0]?.fault;
    },
  };
}
