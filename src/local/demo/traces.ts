// What a demo leaves outside its own directory: containers, the bridge with its rules, the image. Taken away at its end, or at the next start.
import { setTimeout as sleep } from 'node:timers/promises';
import Docker from 'dockerode';
import { runCommand } from '../../agent/command.ts';
import { statusOf, unreachable, wordsOf } from '../../agent/docker-answers.ts';
import { dockerEngine } from '../../agent/docker-engine.ts';
import { LABELS } from '../../agent/engine.ts';
import { bridgeGuard, ownResolvers } from '../../agent/network.ts';
import { namesOf, type Mark } from './mark.ts';

/** Something that could not be taken away. */
export interface Leftover {
  readonly what: string;
  readonly why: string;
  /** A command that takes it away; null when there is none. */
  readonly byHand: string | null;
}

/** Ctrl-C has to end also where the engine hangs. */
const CONTAINERS_MS = 15_000;
const IMAGE_MS = 10_000;
const REMOVAL_POLL_MS = 100;
const USUAL_SOCKET = '/var/run/docker.sock';

/** Removes the demo's containers, then its network and image, each whatever became of the others. Touches nothing that does not carry its names. */
export async function removeTraces(mark: Mark): Promise<readonly Leftover[]> {
  const { socket } = mark;
  if (socket === null) return [];
  const { host, bridge, image } = namesOf(mark);
  const docker = new Docker({ socketPath: socket });
  const command = socket === USUAL_SOCKET ? 'docker' : `docker -H unix://${socket}`;
  const containers = await attempt(
    `containers of the host ${host}`,
    `${command} rm -f $(${command} ps -aq --filter label=${LABELS.host}=${host})`,
    removeContainers(docker, host),
  );
  const rest = await Promise.all([
    attempt(
      `the bridge ${bridge} and its firewall rules`,
      `${command} network rm ${bridge}; iptables-save -t filter | sed -n 's/^-A \\(.*berth:${bridge}.*\\)/iptables -D \\1/p' | sh`,
      removeNetwork(socket, bridge),
    ),
    attempt(`the image ${image}`, `${command} rmi ${image}`, removeImage(docker, image)),
  ]);
  return [containers, ...rest].filter((leftover) => leftover !== null);
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

async function attempt(what: string, byHand: string, removal: Promise<void>): Promise<Leftover | null> {
  try {
    await removal;
    return null;
  } catch (error) {
    return { what, why: statusOf(error) === null ? unreachable(error).detail : wordsOf(error), byHand };
  }
}

async function removeContainers(docker: Docker, host: string): Promise<void> {
  const abortSignal = AbortSignal.timeout(CONTAINERS_MS);
  const found = await docker.listContainers({ all: true, filters: { label: [`${LABELS.host}=${host}`] }, abortSignal });
  const removals = await Promise.allSettled(found.map(({ Id }) => removeContainer(docker, Id, abortSignal)));
  for (const removal of removals) if (removal.status === 'rejected') throw removal.reason;
}

/** Waits until it is gone: the network cannot go before, and the engine may be removing it already for the agent. */
async function removeContainer(docker: Docker, id: string, abortSignal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await docker.getContainer(id).remove({ force: true, v: true, abortSignal });
      return;
    } catch (error) {
      if (statusOf(error) === 404) return;
      if (statusOf(error) !== 409) throw error;
    }
    await sleep(REMOVAL_POLL_MS, undefined, { signal: abortSignal });
  }
}

async function removeNetwork(socket: string, name: string): Promise<void> {
  // Nothing is made here, so the subnet does not matter.
  const guard = bridgeGuard(dockerEngine(socket), { name, subnet: '', labels: {}, blocked: [] }, runCommand, ownResolvers);
  const trouble = await guard.remove();
  if (trouble !== null) throw new Error(trouble);
}

async function removeImage(docker: Docker, reference: string): Promise<void> {
  try {
    await docker.getImage(reference).remove({ abortSignal: AbortSignal.timeout(IMAGE_MS) });
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
  }
}
