// What a request is decided by, read in the caller's transaction; or outside of any, where somebody only wants to know beforehand.
import type { RequestAsk } from '../domain/ask.ts';
import type { RequestFacts } from '../domain/decide-request.ts';
import type { Policy } from '../domain/policy.ts';
import type { Queries } from '../ledger/connect.ts';
import type { MemberRow } from '../ledger/members.ts';
import { allowedNow } from './allowed-now.ts';
import { approversNow, type ReadGroups } from './groups.ts';
import { hostSizes } from './host-sizes.ts';
import { toHolding } from './holding.ts';
import { standingOf } from './standing.ts';
import { poolsThatCount, waitingIn } from './waiting.ts';

interface Asked {
  readonly policy: Policy;
  readonly actor: MemberRow;
  /** The team that pays. */
  readonly team: string | null;
  readonly ask: RequestAsk;
  /** What was read of the groups that the policy names. */
  readonly read: ReadGroups;
  readonly at: Date;
}

export async function requestFacts(queries: Queries, { policy, actor, team, ask, read, at }: Asked): Promise<RequestFacts> {
  const [standing, hosts, waiting, beforehand] = await Promise.all([
    standingOf(queries, policy, actor, team, at),
    hostSizes(queries, policy),
    waitingIn(queries, policy, poolsThatCount(policy, ask.pool), at),
    allowedNow(queries, { policy, read, pool: ask.pool, memberId: actor.id }, at),
  ]);
  return {
    ask,
    policy,
    requester: actor.slackUser,
    approvers: approversNow(policy, read),
    limits: standing.limits,
    use: standing.use,
    team: standing.team,
    holding: standing.held.map(toHolding),
    refillsAt: standing.refillsAt,
    hosts,
    waiting,
    beforehand,
    at,
  };
}
