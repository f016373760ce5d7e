// Who may answer a question now: the sets of approvers that were asked by now, and whoever one of them has handed over to.
import type { Policy } from '../domain/policy.ts';
import { handOversAt, type HandOverRow } from '../ledger/beforehand.ts';
import type { Queries } from '../ledger/connect.ts';
import { approversNow, type ReadGroups } from './groups.ts';

export interface Panel {
  readonly users: ReadonlySet<string>;
  /** Of each member to whom an approver of this panel has handed over: which approver. */
  readonly deputies: ReadonlyMap<string, string>;
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
  const handed = handOvers.filter(({ fromUser }) => users.has(fromUser));
  return { users, unreadable, deputies: new Map(handed.map(({ fromUser, toUser }) => [toUser, fromUser])) };
}

/** Everybody of the panel who may answer this requester, deputies last. */
export function answerers({ users, deputies }: Panel, policy: Policy, requester: string): string[] {
  return [...new Set([...users, ...deputies.keys()])].filter((user) => policy.selfApproval || user !== requester);
}
