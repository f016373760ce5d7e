// What is said in the thread of an approval's card, as ids: the words and the people behind them are read from the ledger when it is sent.

export type CardNote =
  /** Nobody has answered: those who were asked are reminded, or a further set is asked (by its number). */
  | { readonly kind: 'reminded' }
  | { readonly kind: 'escalated'; readonly stage: number }
  /** Number of the vote that asks. */
  | { readonly kind: 'asked' | 'answered'; readonly question: number }
  | { readonly kind: 'approved' | 'denied' | 'lapsed' | 'withdrawn' | 'declined' };
