// Starting a created container, on a network that is safe at this moment.
import type { Ground } from './ground.ts';
import { checkNetwork } from './network-check.ts';
import { done, failed, type Outcome, retry } from './outcome.ts';

/** What NVIDIA's runtime says when a GPU has gone since it was counted. */
const DEVICE_GONE = /unknown device|device error|unresolvable CDI devices/i;

/** Milliseconds within which the check that went with creating the container still counts. */
const JUST_NOW = 1000;

export async function startContainer(container: string, ground: Ground): Promise<Outcome> {
  const network = await checkNetwork(ground, JUST_NOW);
  if (network.kind === 'unsafe') return failed('network_unsafe', network.detail);
  const started = await ground.engine.start(container);
  switch (started.kind) {
    case 'started':
      return done;
    case 'gone':
      return retry('it was removed before it started');
    case 'refused':
      return failed(DEVICE_GONE.test(started.detail) ? 'device_missing' : 'engine_failed', started.detail);
    case 'unreachable':
      return retry(started.detail);
  }
}
