// What a request was decided by, kept in its event: "why" is answered, and the limits are checked again, from these numbers.
import type { AccountUse } from './decide-request.ts';
import type { Limits, TeamLimits } from './quota.ts';

export interface RequestBasis {
  readonly policyVersion: number;
  readonly limits: Limits;
  /** Before this request. */
  readonly use: AccountUse;
  readonly team: { readonly name: string; readonly limits: TeamLimits; readonly use: AccountUse } | null;
}
