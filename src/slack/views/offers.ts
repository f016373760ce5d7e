// Which buttons an allocation carries, for whom: exactly the events that the lifecycle table allows them now.
import type { AllocationView } from '../../domain/allocation-view.ts';
import { offeredEvents, type Event, type Role } from '../../domain/lifecycle.ts';
import { actions } from '../ids.ts';
import { cancelButton, releaseButton, type ButtonSpec } from './blocks.ts';

const makers: Partial<Record<Event, (id: string, version: number) => ButtonSpec>> = {
  approve: (id, version) => ({ action: actions.approve, label: 'Approve', id, version, style: 'primary' }),
  deny: (id, version) => ({ action: actions.deny, label: 'Deny', id, version, style: 'danger' }),
  cancel: cancelButton,
  retire: releaseButton,
};

export function offers({ id, version, state }: Pick<AllocationView, 'id' | 'version' | 'state'>, role: Role): ButtonSpec[] {
  return offeredEvents(state, role).flatMap((event) => makers[event]?.(id, version) ?? []);
}
