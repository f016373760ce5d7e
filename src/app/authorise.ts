// May this member cause this event on this allocation? The lifecycle table says which roles may; the policy and the ledger say who has them.
import { rowOf, type Event, type Role } from '../domain/lifecycle.ts';
import type { Policy } from '../domain/policy.ts';
import { refuse } from '../domain/refusal.ts';
import type { HeldAllocation } from '../ledger/allocations.ts';
import type { MemberRow } from '../ledger/members.ts';

/** Throws the refusal that fits; returns when one of the actor's roles suffices. */
export function authorise(event: Event, policy: Policy, actor: MemberRow, { allocation, holder }: HeldAllocation): void {
  const own = holder.id === actor.id;
  const sufficient: readonly Role[] = rowOf(event).who;
  const roles = rolesOf(policy, actor, own).filter((role) => sufficient.includes(role));
  if (roles.length === 0) refuse(sufficient.includes('approver') ? { code: 'not_approver' } : { code: 'not_yours', id: allocation.id });
  if (own && sufficient.includes('approver') && !policy.selfApproval) refuse({ code: 'own_request' });
}

function rolesOf(policy: Policy, actor: MemberRow, own: boolean): readonly Role[] {
  return [
    ...(own ? (['holder'] as const) : []),
    ...(policy.approvers.includes(actor.slackUser) ? (['approver'] as const) : []),
    ...(policy.admins.includes(actor.slackUser) ? (['admin'] as const) : []),
  ];
}
