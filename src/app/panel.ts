// Who may answer a question now: the sets of approvers that were asked by now, and whoever one of them has handed over to.
import type { Policy } from '../domain/policy.ts';
import { handOversAt, type HandOverRow } from '../ledger/beforehand.ts';
import type { Queries } from '../ledger/connect.ts';
import { approversNow, type ReadGroups } from './groups.ts';

export interface Panel {
  readonly users: ReadonlySet<string>;
  /** Of each member to whom approvers of this panel have handed over: which approvers, who did so last at the end. */
  readonly deputies: ReadonlyMap<string, readonly string[]>;
  /** Groups that Slack did not tell about. */
  readonly unreadable: readonly string[];
}

interface PanelFacts {
  readonly now: Policy;
  readonly read: ReadGroups;
  /** How many sets beyond the first were asked, all of them when it is left out. */
  readonly stage?: number | undefined;
}

/** By the policy `now`. */
export async function panelOf(queries: Queries, facts: PanelFacts, at: Date): Promise<Panel> {
  return panelWith(await handOversAt(queries, at), facts);
}

/** `handOvers`: those in force. */
export function panelWith(handOvers: readonly HandOverRow[], { now, read, stage }: PanelFacts): Panel {
  const { users, unreadable } = approversNow(now, read, stage);
  const deputies = new Map<string, string[]>();
  for (const { fromUser, toUser } of handOvers.filter((one) => users.has(one.fromUser))) {
    deputies.set(toUser, [...(deputies.get(toUser) ?? []), fromUser]);
  }
  return { users, unreadable, deputies };
}

/** Whether somebody may answer a request: for themselves, on behalf of an approver, or why not. */
export type Standing =
  | { readonly kind: 'approver' }
  | { readonly kind: 'deputy'; readonly of: string }
  | { readonly kind: 'own_request' | 'not_approver' };

/**
 * Whoever an approver has handed over to is no approver of their own request for that, nor of one of the approver's: that would be
 * approving it by another's hand.
 */
export function standingTo({ users, deputies }: Panel, { selfApproval }: Policy, user: string, requester: string): Standing {
  if (users.has(user)) return user === requester && !selfApproval ? { kind: 'own_request' } : { kind: 'approver' };
  const approvers = deputies.get(user);
  if (approvers === undefined) return { kind: 'not_approver' };
  if (user === requester) return { kind: 'own_request' };
  const of = approvers.findLast((approver) => selfApproval || approver !== requester);
  return of === undefined ? { kind: 'not_approver' } : { kind: 'deputy', of };
}

export function mayAnswer(panel: Panel, policy: Policy, user: string, requester: string): boolean {
  const { kind } = standingTo(panel, policy, user, requester);
  return kind === 'approver' || kind === 'deputy';
}

/** Everybody of the panel who may answer this requester, deputies last. */
export function answerers(panel: Panel, policy: Policy, requester: string): string[] {
  return [...new Set([...panel.users, ...panel.deputies.keys()])].filter((user) => mayAnswer(panel, policy, user, requester));
}
