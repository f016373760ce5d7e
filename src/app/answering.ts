// The frame of everything an approver says to a question: locks, whether they may, and whether it is still open.
import { z } from 'zod';
import { accountsOf } from '../domain/accounts.ts';
import type { Event } from '../domain/lifecycle.ts';
import type { Policy } from '../domain/policy.ts';
import { refuse } from '../domain/refusal.ts';
import { findAllocation, type HeldAllocation } from '../ledger/allocations.ts';
import { approvalOpenOf, approvalsOf, castVote, votesOf, type ApprovalRow, type Vote } from '../ledger/approvals.ts';
import { handOversAt } from '../ledger/beforehand.ts';
import type { Queries, Transaction } from '../ledger/connect.ts';
import { decide } from '../ledger/decide.ts';
import { memberActor, policyNow, noSuchAllocation, type App, type Call } from './app.ts';
import { authoriseAnswer } from './authorise.ts';
import { readNow } from './groups.ts';
import { panelWith } from './panel.ts';

/** A click on an allocation's button: it counts on exactly this version. */
export const VersionedAsk = z.strictObject({ id: z.string().max(40), version: z.int().positive() });
export type VersionedAsk = z.infer<typeof VersionedAsk>;

export interface Answering {
  readonly tx: Transaction;
  readonly policy: Policy;
  readonly policyVersion: number;
  readonly found: HeldAllocation;
  readonly approval: ApprovalRow;
  readonly at: Date;
  readonly actor: string;
  /** Returns its number. */
  vote(kind: Vote['kind'], words?: string): Promise<number>;
}

/** `event`: what an answer means for a new request, as a refusal names it. */
export async function answering<T>(
  app: App,
  call: Call,
  { ask: { id, version }, event }: { readonly ask: VersionedAsk; readonly event: Event },
  work: (answering: Answering) => Promise<T>,
): Promise<T> {
  const at = app.clock.now();
  const { reads } = app.ledger;
  const [known, asked] = await Promise.all([findAllocation(reads, id), approvalOpenOf(reads, id)]);
  const before = known ?? noSuchAllocation(id);
  // Slack is asked outside of the transaction: what it says may be a minute old.
  const read = await readNow(app);
  // Whether a new request may start changes nothing that is read under a pool's lock: many are answered in one moment at times.
  const pools = asked?.kind === 'new' ? [] : [before.allocation.pool];
  return decide(app.ledger, { accounts: accountsOf(before.allocation), pools }, async (tx) => {
    const [{ policy, version: policyVersion }, held, approval, handed] = await Promise.all([
      policyNow(tx),
      findAllocation(tx, id),
      approvalOpenOf(tx, id),
      handOversAt(tx, at),
    ]);
    const found = held ?? noSuchAllocation(id);
    if (approval !== null && approval.kind !== asked?.kind) return refuse({ code: 'busy' });
    const panel = panelWith(handed, { now: policy, read, stage: approval?.stage });
    const onBehalfOf = authoriseAnswer(policy, panel, call.actor, found);
    if (approval === null) return answeredAlready(tx, found, event);
    const { allocation } = found;
    if (allocation.version !== version) {
      const { state, changedBy: by, changedAt } = allocation;
      refuse({ code: 'too_late', event, id, state, by, at: changedAt.toISOString() });
    }
    const vote: Answering['vote'] = (kind, words) =>
      castVote(tx, { approvalId: approval.id, memberId: call.actor.id, kind, at, onBehalfOf, words: words ?? null });
    return work({ tx, policy, policyVersion, found, approval, at, actor: memberActor(call), vote });
  });
}

/** Of a question about an extension the allocation does not tell how it ended. */
export async function answeredAlready(queries: Queries, { allocation }: HeldAllocation, event: Event): Promise<never> {
  const { id, state, changedBy, changedAt } = allocation;
  const [last] = await approvalsOf(queries, id);
  if (last?.kind !== 'extend' || last.closedAt === null) {
    return refuse({ code: 'too_late', event, id, state, by: changedBy, at: changedAt.toISOString() });
  }
  const decided = (await votesOf(queries, [last.id])).find(({ kind }) => kind !== 'ask');
  return refuse({ code: 'extension_answered', id, state: last.state, by: decided?.user ?? null, at: last.closedAt.toISOString() });
}
