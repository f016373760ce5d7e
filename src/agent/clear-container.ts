// Ending a container: stop, wait until the GPUs have let go, remove.
import type { Ground } from './ground.ts';
import { done, type Outcome, retry } from './outcome.ts';
import { processesOf } from './probe/devices.ts';

const LOOK_EVERY = 500;
const LOOK_TIMES = 40;

export async function stopContainer(container: string, graceSeconds: number, { engine }: Ground): Promise<Outcome> {
  const stopped = await engine.stop(container, graceSeconds);
  switch (stopped.kind) {
    case 'stopped':
    case 'gone':
      return done;
    case 'refused':
    case 'unreachable':
      return retry(`it cannot be stopped: ${stopped.detail}`);
  }
}

/** Done when a sample begun after the container ended shows no process of it: only then may its GPUs be given on. */
export async function awaitGpus(container: string, devices: readonly string[], ground: Ground, signal: AbortSignal): Promise<Outcome> {
  const { probes, pause } = ground;
  let detail = '';
  for (let look = 0; look < LOOK_TIMES && !signal.aborted; look += 1) {
    if (look > 0) await pause(LOOK_EVERY, signal);
    const sample = devices.length === 0 ? null : await probes.sample(0);
    const left = sample === null ? 0 : sample.kind === 'failed' ? null : processesOf(sample, container);
    if (left === 0) return done;
    detail =
      left === null ? 'its GPU processes cannot be counted' : `${left} GPU process${left === 1 ? '' : 'es'} of it left after its end`;
  }
  return retry(detail);
}

/** Comes after `awaitGpus` for everything that ran. */
export async function removeContainer(container: string, { engine, released }: Ground): Promise<Outcome> {
  const removed = await engine.remove(container);
  switch (removed.kind) {
    case 'removed':
      released.delete(container);
      return done;
    case 'running':
      return retry('it runs again');
    case 'refused':
    case 'unreachable':
      released.add(container);
      return retry(`it cannot be removed: ${removed.detail}`);
  }
}
