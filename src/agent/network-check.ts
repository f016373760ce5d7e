// The network's verdict as everybody sees it: read back before a container is made, before it starts, and now and then.
import type { Ground } from './ground.ts';
import type { NetworkVerdict } from './network.ts';

/** A verdict "safe" of at most so many milliseconds ago stands; else bridge and rules are read back now. */
export async function checkNetwork(
  { health, network, ticks }: Pick<Ground, 'health' | 'network' | 'ticks'>,
  maxAge: number,
): Promise<NetworkVerdict> {
  if (health.network.kind === 'safe' && ticks.milliseconds() - health.networkCheckedAt <= maxAge) return health.network;
  const begun = ticks.milliseconds();
  health.network = await network.ensure();
  health.networkCheckedAt = begun;
  return health.network;
}
