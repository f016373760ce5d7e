// Whose limits an allocation counts towards; also the keys of the locks that cover them.

export function memberAccount(memberId: number): string {
  return `member:${memberId}`;
}

export function teamAccount(team: string): string {
  return `team:${team}`;
}

/** The member's own first, then that of the team that pays, if any. */
export function accountsOf({
  memberId,
  team,
}: {
  readonly memberId: number;
  readonly team: string | null;
}): readonly [string, ...string[]] {
  return [memberAccount(memberId), ...(team === null ? [] : [teamAccount(team)])];
}

/** Whose account it is. */
export function ownerOf(account: string): { readonly memberId: number } | { readonly team: string } {
  const [kind, name = ''] = account.split(/:(.*)/s);
  return kind === 'team' ? { team: name } : { memberId: Number(name) };
}
