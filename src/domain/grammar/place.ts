// Where the recognisers stand: the words, a position among them, and what has been understood before it.
import type { AskProblem, GrammarContext, Part } from './problem.ts';
import type { Token } from './tokens.ts';

/** What has been understood so far, by part: memory in MiB, duration in seconds. `gpu`: GPUs were named, of whatever pool. */
export type Draft = Partial<Record<Part, unknown>> & {
  pool?: string;
  count?: number;
  memory?: number;
  duration?: number;
  time?: Date;
  image?: string;
  host?: string;
  command?: string;
  purpose?: string;
  gpu?: true;
};

/** `take` tokens were read. */
export type Read = { take: number; set: Draft } | { problem: AskProblem } | null;

export interface Place {
  tokens: readonly Token[];
  at: number;
  context: GrammarContext;
  draft: Draft;
}

/** The word so many tokens ahead in lower case; null past the end and for a quoted part. */
export function wordAt({ tokens, at }: Place, ahead: number): string | null {
  const token = tokens[at + ahead];
  return token?.kind === 'word' ? token.lower : null;
}
