// Clearing away a container that must not live, and remembering why: a failure is reported only when nothing of it is left.
import type { DesiredContainer, FailureCode } from '../domain/host-protocol.ts';
import { containerName } from '../domain/reconcile.ts';
import { awaitGpus, removeContainer, stopContainer } from './clear-container.ts';
import { LABELS } from './engine.ts';
import type { Ground } from './ground.ts';
import { done, type Outcome, retry } from './outcome.ts';

export async function discardContainer(
  want: DesiredContainer,
  failure: { readonly code: FailureCode; readonly detail: string },
  ground: Ground,
  signal: AbortSignal,
): Promise<Outcome> {
  const found = await ground.engine.inspect(containerName(want.allocation));
  if (found.kind === 'unreachable') return retry(found.detail);
  if (found.kind === 'found') {
    const { id, labels, state } = found.container;
    const ours =
      labels[LABELS.ledger] === ground.memory.current()?.ledger &&
      labels[LABELS.allocation] === want.allocation &&
      labels[LABELS.fence] === String(want.fence);
    if (ours) {
      const ran = state === 'running' || state === 'exited';
      const steps = [
        () => (state === 'running' ? stopContainer(id, 0, ground) : done),
        () => (ran ? awaitGpus(id, want.devices, ground, signal) : done),
        () => removeContainer(id, ground),
      ];
      for (const step of steps) {
        const outcome = await step();
        if (outcome.kind !== 'done') return outcome;
      }
    }
  }
  ground.failures.set(want.allocation, { fence: want.fence, ...failure });
  return done;
}
