// What a demo leaves outside its own directory: containers, the bridge with its rules, the image. Taken away at its end, or at the next start.
import Docker from 'dockerode';
import type { AgentConfig } from '../../agent/config.ts';
import { dockerEngine } from '../../agent/docker-engine.ts';
import { networkOf } from '../../commands/agent.ts';
import type { Log } from '../../log.ts';

/** Removes the containers of the demo's host and then its network. Touches nothing that does not carry that host's label. */
export async function removeTraces(config: AgentConfig, image: string | null, log: Log): Promise<void> {
  if (config.engine.kind === 'simulated') return;
  const docker = new Docker({ socketPath: config.engine.socket });
  const filters = { label: [`berth.host=${config.host}`] };
  for (const { Id } of await docker.listContainers({ all: true, filters })) await docker.getContainer(Id).remove({ force: true });
  const trouble = await networkOf(config, dockerEngine(config.engine.socket)).remove();
  if (trouble !== null) log.error({ trouble }, 'the demo network could not be removed');
  if (image !== null)
    await docker
      .getImage(image)
      .remove()
      .catch((error: unknown) => log.error({ err: error }, 'the demo image stays'));
}

/** True when a Docker Engine answers there. */
export async function engineAnswers(socketPath: string): Promise<boolean> {
  try {
    await new Docker({ socketPath, timeout: 2000 }).ping();
    return true;
  } catch {
    return false;
  }
}
