// "Did you mean": the known word closest to a typed one.
import { distance } from 'fastest-levenshtein';

const sameLetters = (a: string, b: string) => a.length === b.length && Array.from(a).toSorted().join() === Array.from(b).toSorted().join();

/** Typing slips allowed: two, or a third of a long word; one in words under five letters, where two would make "test" mean "a100". */
function slips(length: number): number {
  return length < 5 ? 1 : Math.max(2, Math.floor(length / 3));
}

/**
 * The candidate a typed word most likely stands for, in the candidate's own spelling, or null. Case does not matter.
 * Close is: few slips, letters swapped ("gup" → "gpu"), or the first part of a compound name ("a100" → "a100-80g").
 */
export function nearest(word: string, candidates: readonly string[]): string | null {
  const typed = word.toLowerCase();
  let best: { candidate: string; slips: number } | null = null;
  for (const candidate of candidates) {
    const known = candidate.toLowerCase();
    const apart = distance(typed, known);
    const close = apart <= slips(typed.length) || (apart <= 2 && sameLetters(typed, known));
    if (close && apart < known.length && (best === null || apart < best.slips)) best = { candidate, slips: apart };
  }
  if (best) return best.candidate;
  return candidates.find((candidate) => isFirstPart(typed, candidate.toLowerCase())) ?? null;
}

function isFirstPart(typed: string, known: string): boolean {
  return typed.length >= 2 && known.startsWith(typed) && /^[-._:/]/.test(known.slice(typed.length));
}
