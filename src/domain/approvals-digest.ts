// What approvers answered in a week, and which rule would have spared them some of it. Pure.
import type { VoteKind } from './approvals.ts';

/** One request that was answered, as it was asked. */
export interface Answered {
  readonly pool: string;
  readonly capacityMilli: number;
  readonly durationSeconds: number;
  readonly kind: Exclude<VoteKind, 'ask'>;
  /** From the question to the answer. */
  readonly waitedSeconds: number;
}

/** Up to this size nothing was denied or lowered: so many answers were a formality. */
export interface SuggestedRule {
  readonly pool: string;
  readonly gpusMilli: number;
  readonly durationSeconds: number;
  /** Approved as asked, of all that were answered in that pool. */
  readonly unchanged: number;
  readonly answered: number;
}

export interface ApprovalsDigest {
  readonly approved: number;
  readonly lowered: number;
  readonly denied: number;
  readonly lapsed: number;
  /** Half were answered in less; null: none was answered. */
  readonly medianSeconds: number | null;
  readonly rules: readonly SuggestedRule[];
}

/** Fewer answers say nothing yet. */
const ANSWERS_MIN = 10;
const UNCHANGED_MIN = 0.9;

/** `asking`: pools of which every request is put to a person now. */
export function digestOf(answers: readonly Answered[], lapsed: number, asking: readonly string[]): ApprovalsDigest {
  const count = (kind: Answered['kind']) => answers.filter((one) => one.kind === kind).length;
  const waited = answers.map(({ waitedSeconds }) => waitedSeconds).toSorted((a, b) => a - b);
  return {
    approved: count('approve'),
    lowered: count('lower'),
    denied: count('deny'),
    lapsed,
    medianSeconds: waited[Math.floor(waited.length / 2)] ?? null,
    rules: asking.flatMap(
      (pool) =>
        ruleFor(
          pool,
          answers.filter((one) => one.pool === pool),
        ) ?? [],
    ),
  };
}

function ruleFor(pool: string, answers: readonly Answered[]): SuggestedRule | null {
  const unchanged = answers.filter(({ kind }) => kind === 'approve');
  if (answers.length < ANSWERS_MIN || unchanged.length < UNCHANGED_MIN * answers.length) return null;
  const gpusMilli = Math.max(...unchanged.map(({ capacityMilli }) => capacityMilli));
  const durationSeconds = Math.max(...unchanged.map((one) => one.durationSeconds));
  const doubted = answers.some((one) => one.kind !== 'approve' && one.capacityMilli <= gpusMilli && one.durationSeconds <= durationSeconds);
  return doubted || gpusMilli === 0 ? null : { pool, gpusMilli, durationSeconds, unchanged: unchanged.length, answered: answers.length };
}
