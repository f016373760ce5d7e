// Which buttons an allocation carries, for whom: exactly the events that the lifecycle table allows them now.
import type { AllocationView } from '../../domain/allocation-view.ts';
import { offeredEvents, type Event, type Role } from '../../domain/lifecycle.ts';
import { actions } from '../ids.ts';
import { keepLabel } from '../words/allocation.ts';
import { cancelButton, releaseButton, type ButtonSpec } from './blocks.ts';

type Offered = Pick<AllocationView, 'id' | 'version' | 'state' | 'extensionSeconds'>;

const makers: Partial<Record<Event, (view: Offered) => ButtonSpec>> = {
  approve: ({ id, version }) => ({ action: actions.approve, label: 'Approve', id, version, style: 'primary' }),
  deny: ({ id, version }) => ({ action: actions.deny, label: 'Deny', id, version, style: 'danger' }),
  cancel: ({ id, version }) => cancelButton(id, version),
  extend: ({ id, version, extensionSeconds }) => ({ action: actions.extend, label: keepLabel(extensionSeconds), id, version }),
  retire: ({ id, version }) => releaseButton(id, version),
};

export function offers(view: Offered, role: Role): ButtonSpec[] {
  return offeredEvents(view.state, role).flatMap((event) => makers[event]?.(view) ?? []);
}
