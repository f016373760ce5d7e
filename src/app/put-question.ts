// Puts a question to the approvers: its row, with what is due when, and its card in the channel of the pool.
import { lapseOf, nextDueAt } from '../domain/approvals.ts';
import { channelOf, type Policy } from '../domain/policy.ts';
import { openApproval, type ApprovalRow } from '../ledger/approvals.ts';
import type { Queries, Transaction } from '../ledger/connect.ts';
import { post } from '../ledger/outbox.ts';

export interface Question {
  readonly allocationId: string;
  readonly pool: string;
  /** By how many seconds the lease would be longer; null: whether a new request may start. */
  readonly extendSeconds: number | null;
}

/** Inside the decision that asks. */
export async function putQuestion(tx: Transaction, policy: Policy, { allocationId, pool, extendSeconds }: Question, at: Date) {
  const lapsesAt = lapseOf(policy, at);
  const nextAt = nextDueAt(policy, { askedAt: at, lapsesAt, stage: 0 }, at);
  const kind = extendSeconds === null ? 'new' : 'extend';
  const id = await openApproval(tx, { allocationId, kind, askedAt: at, extendSeconds, nextAt, lapsesAt });
  await postCard(tx, policy, { id, kind, allocationId, pool }, at);
}

/** All that its card says is in the ledger: one that is lost is posted again from here. */
export async function postCard(
  queries: Queries,
  policy: Policy,
  { id, kind, allocationId, pool }: Pick<ApprovalRow, 'id' | 'kind' | 'allocationId'> & { readonly pool: string },
  at: Date,
): Promise<void> {
  const card =
    kind === 'new'
      ? ({ key: `approval_card:${allocationId}`, kind: 'approval_card' } as const)
      : ({ key: `extension_card:${id}`, kind: 'extension_card' } as const);
  await post(queries, { ...card, allocationId, recipient: channelOf(policy, pool), facts: { approval: id } }, at);
}
