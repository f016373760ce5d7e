// Which buttons an allocation carries, for whom: exactly the events that the lifecycle table allows them now.
import type { ActionsBlock } from '@slack/types';
import type { AllocationView } from '../../domain/allocation-view.ts';
import type { ApprovalView } from '../../domain/approval-view.ts';
import { offeredEvents, type Event, type Role } from '../../domain/lifecycle.ts';
import { CPU_POOL } from '../../domain/policy.ts';
import { actions, menuValue } from '../ids.ts';
import { keepLabel } from '../words/allocation.ts';
import { buttons, cancelButton, releaseButton, type ButtonSpec } from './blocks.ts';

type Offered = Pick<AllocationView, 'id' | 'version' | 'state' | 'extensionSeconds'>;

const makers: Partial<Record<Event, (view: Offered) => ButtonSpec>> = {
  cancel: ({ id, version }) => cancelButton(id, version),
  extend: ({ id, version, extensionSeconds }) => ({ action: actions.extend, label: keepLabel(extensionSeconds), id, version }),
  retire: ({ id, version }) => releaseButton(id, version),
};

/** What an approver may say while a question is open; the three dots ask for more in a dialog. */
export function answerOffers({ id, version, pool }: AllocationView, { kind, paused }: ApprovalView): ActionsBlock[] {
  const specs: ButtonSpec[] = [
    { action: actions.approve, label: 'Approve', id, version, style: 'primary' },
    { action: actions.approveLess, label: 'Approve with changes…', id, version },
    ...(paused ? [] : [{ action: actions.ask, label: 'Ask…', id, version }]),
    { action: actions.deny, label: 'Deny…', id, version, style: 'danger' },
  ];
  const menu = [
    ...(kind === 'new' && pool !== CPU_POOL
      ? [{ value: menuValue('also', id, version), label: 'Approve, and further requests like it…' }]
      : []),
    { value: menuValue('hand_over', id, version), label: 'Hand my approvals over…' },
  ];
  return buttons(specs, { action: actions.more, options: menu });
}

export function offers(view: Offered, role: Role): ButtonSpec[] {
  return offeredEvents(view.state, role).flatMap((event) => makers[event]?.(view) ?? []);
}
