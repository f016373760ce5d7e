// May this member cause this event on this allocation? The lifecycle table says which roles may; the policy and the ledger say who has them.
import { rowOf, type Event, type Role } from '../domain/lifecycle.ts';
import type { Policy } from '../domain/policy.ts';
import { refuse } from '../domain/refusal.ts';
import type { HeldAllocation } from '../ledger/allocations.ts';
import type { MemberRow } from '../ledger/members.ts';
import { standingTo, type Panel } from './panel.ts';

/** Throws the refusal that fits; returns when one of the actor's roles, but approver, suffices. */
export function authorise(event: Event, policy: Policy, actor: MemberRow, { allocation, holder }: HeldAllocation): void {
  const sufficient: readonly Role[] = rowOf(event).who;
  const roles: readonly Role[] = [
    ...(holder.id === actor.id ? (['holder'] as const) : []),
    ...(policy.admins.includes(actor.slackUser) ? (['admin'] as const) : []),
  ];
  if (!roles.some((role) => sufficient.includes(role))) refuse({ code: 'not_yours', id: allocation.id });
}

/** Throws the refusal that fits; returns the approver on whose behalf the actor answers, or null for themselves. */
export function authoriseAnswer(policy: Policy, panel: Panel, actor: MemberRow, { holder }: HeldAllocation): string | null {
  const standing = standingTo(panel, policy, actor.slackUser, holder.slackUser);
  switch (standing.kind) {
    case 'approver':
      return null;
    case 'deputy':
      return standing.of;
    case 'own_request':
      return refuse({ code: 'own_request' });
    case 'not_approver': {
      const { unreadable } = panel;
      return refuse(unreadable.length > 0 ? { code: 'approvers_unreadable', groups: unreadable } : { code: 'not_approver' });
    }
  }
}
