// Who may answer a question now: the sets of approvers that were asked by now, and whoever one of them has handed over to.
import { askedSets } from '../domain/approvals.ts';
import { approversOf } from '../domain/approvers.ts';
import type { Policy } from '../domain/policy.ts';
import type { Groups } from '../domain/quota.ts';
import { handOversAt } from '../ledger/beforehand.ts';
import type { Queries } from '../ledger/connect.ts';

export interface Panel {
  readonly users: ReadonlySet<string>;
  /** Of each member to whom an approver of this panel has handed over: which approver. */
  readonly deputies: ReadonlyMap<string, string>;
  /** Groups that Slack did not tell about. */
  readonly unreadable: readonly string[];
}

/** `stage`: how many sets beyond the first were asked. */
export async function panelOf(
  queries: Queries,
  { policy, groups, stage }: { readonly policy: Policy; readonly groups: Groups; readonly stage: number },
  at: Date,
): Promise<Panel> {
  const { users, unreadable } = approversOf(askedSets(policy, stage), groups);
  const handed = (await handOversAt(queries, at)).filter(({ fromUser }) => users.has(fromUser));
  return { users, unreadable, deputies: new Map(handed.map(({ fromUser, toUser }) => [toUser, fromUser])) };
}

/** Everybody of the panel who may answer this requester, deputies last. */
export function answerers({ users, deputies }: Panel, policy: Policy, requester: string): string[] {
  return [...new Set([...users, ...deputies.keys()])].filter((user) => policy.selfApproval || user !== requester);
}
