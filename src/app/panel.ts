// Who may answer a question now: the sets of approvers that were asked by now, and whoever one of them has handed over to.
import type { Policy } from '../domain/policy.ts';
import { handOversAt } from '../ledger/beforehand.ts';
import type { Queries } from '../ledger/connect.ts';
import { approversNow, type ReadGroups } from './groups.ts';

export interface Panel {
  readonly users: ReadonlySet<string>;
  /** Of each member to whom an approver of this panel has handed over: which approver. */
  readonly deputies: ReadonlyMap<string, string>;
  /** Groups that Slack did not tell about. */
  readonly unreadable: readonly string[];
}

/** By the policy `now`; `stage`: how many sets beyond the first were asked, all of them when it is left out. */
export async function panelOf(
  queries: Queries,
  { now, read, stage }: { readonly now: Policy; readonly read: ReadGroups; readonly stage?: number | undefined },
  at: Date,
): Promise<Panel> {
  const { users, unreadable } = approversNow(now, read, stage);
  const handed = (await handOversAt(queries, at)).filter(({ fromUser }) => users.has(fromUser));
  return { users, unreadable, deputies: new Map(handed.map(({ fromUser, toUser }) => [toUser, fromUser])) };
}

/** Everybody of the panel who may answer this requester, deputies last. */
export function answerers({ users, deputies }: Panel, policy: Policy, requester: string): string[] {
  return [...new Set([...users, ...deputies.keys()])].filter((user) => policy.selfApproval || user !== requester);
}
