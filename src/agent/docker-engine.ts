// The Engine on a real Docker Engine (API 1.41 and later), through dockerode, with a time limit on every call.
import Docker from 'dockerode';
import { setTimeout as sleep } from 'node:timers/promises';
import { otherAnswer, statusOf, unreachable, wordsOf } from './docker-answers.ts';
import { asInspected, asListed } from './docker-containers.ts';
import type { ContainerSpec, Engine, NetworkSpec } from './engine.ts';

/** Milliseconds an answer may take. Creating and starting may wait for disks and drivers. */
const QUICK = 10_000;
const SLOW = 60_000;
const REMOVAL_POLL = 100;
/** Only what may stand in an image reference, and no empty or dotted path segment. */
const REFERENCE = /^(?!.*(\/\/|\.\.))\w[\w.:@/-]{0,254}$/;

const within = (milliseconds: number) => ({ abortSignal: AbortSignal.timeout(milliseconds) });
const labelFilter = (labels: Readonly<Record<string, string>>) => Object.entries(labels).map(([key, value]) => `${key}=${value}`);

/** `socketPath` is the engine's Unix socket. */
export function dockerEngine(socketPath: string): Engine {
  const docker = new Docker({ socketPath });
  return {
    kind: 'docker',

    async version() {
      try {
        const { Version: version } = await inTime(docker.version(), QUICK);
        return { kind: 'version', version };
      } catch (error) {
        return unreachable(error);
      }
    },

    async list(labels) {
      try {
        const containers = await docker.listContainers({ all: true, filters: { label: labelFilter(labels) }, ...within(QUICK) });
        return { kind: 'listed', containers: containers.map(asListed) };
      } catch (error) {
        return unreachable(error);
      }
    },

    async inspect(container) {
      try {
        const info = await docker.getContainer(container).inspect(within(QUICK));
        return { kind: 'found', container: await asInspected(docker, info) };
      } catch (error) {
        return statusOf(error) === 404 ? { kind: 'gone' } : unreachable(error);
      }
    },

    async inspectImage(reference) {
      // dockerode puts it into the path as it is.
      if (!REFERENCE.test(reference)) return { kind: 'missing' };
      try {
        const image = await inTime(docker.getImage(reference).inspect(), QUICK);
        return { kind: 'found', image: { id: image.Id, env: image.Config.Env ?? [], volumes: Object.keys(image.Config.Volumes ?? {}) } };
      } catch (error) {
        const status = statusOf(error);
        return status === 404 || status === 400 ? { kind: 'missing' } : unreachable(error);
      }
    },

    async create(name: string, spec: ContainerSpec) {
      try {
        const { id } = await docker.createContainer({ name, ...spec, ...within(SLOW) });
        return { kind: 'created', id };
      } catch (error) {
        switch (statusOf(error)) {
          case 404:
            return { kind: 'image_missing' };
          case 409:
            return { kind: 'name_taken' };
          default:
            return otherAnswer(error);
        }
      }
    },

    async start(container) {
      try {
        await docker.getContainer(container).start(within(SLOW));
        return { kind: 'started' };
      } catch (error) {
        switch (statusOf(error)) {
          case 304:
            return { kind: 'started' };
          case 404: // also a missing binary or network, which the text tells apart
            return /no such container/i.test(wordsOf(error)) ? { kind: 'gone' } : otherAnswer(error);
          default:
            return otherAnswer(error);
        }
      }
    },

    async stop(container, graceSeconds) {
      try {
        await docker.getContainer(container).stop({ t: graceSeconds, ...within(graceSeconds * 1000 + SLOW) });
        return { kind: 'stopped' };
      } catch (error) {
        switch (statusOf(error)) {
          case 304:
            return { kind: 'stopped' };
          case 404:
            return { kind: 'gone' };
          default:
            return otherAnswer(error);
        }
      }
    },

    async remove(container) {
      const deadline = AbortSignal.timeout(SLOW);
      try {
        for (;;) {
          const left = await removeOnce(docker, container, deadline);
          if (left !== 'in progress') return { kind: left };
          await sleep(REMOVAL_POLL, undefined, { signal: deadline });
        }
      } catch (error) {
        return otherAnswer(error);
      }
    },

    async ensureNetwork(spec) {
      try {
        const networks = await docker.listNetworks({ filters: { name: [spec.name] }, ...within(QUICK) });
        const existing = networks.find((network) => network.Name === spec.name);
        if (existing === undefined) {
          await docker.createNetwork({ ...networkOptions(spec), ...within(SLOW) });
          return { kind: 'ready' };
        }
        const detail = networkDifference(spec, existing);
        return detail === null ? { kind: 'ready' } : { kind: 'differs', detail };
      } catch (error) {
        return otherAnswer(error);
      }
    },

    async removeNetwork(name) {
      try {
        await docker.getNetwork(name).remove(within(QUICK));
        return { kind: 'removed' };
      } catch (error) {
        return statusOf(error) === 404 ? { kind: 'removed' } : otherAnswer(error);
      }
    },

    async follow(labels, onEvent, signal) {
      try {
        const stream = await docker.getEvents({ filters: { type: ['container'], label: labelFilter(labels) }, abortSignal: signal });
        for await (const _chunk of stream) onEvent();
      } catch {
        // A broken stream is no news: the caller lists everything and follows again.
      }
    },
  };
}

async function removeOnce(docker: Docker, container: string, abortSignal: AbortSignal): Promise<'removed' | 'running' | 'in progress'> {
  try {
    await docker.getContainer(container).remove({ v: true, abortSignal });
    return 'removed';
  } catch (error) {
    switch (statusOf(error)) {
      case 404:
        return 'removed';
      case 409:
        return /in progress/i.test(wordsOf(error)) ? 'in progress' : 'running';
      default:
        throw error;
    }
  }
}

function networkOptions(spec: NetworkSpec): Docker.NetworkCreateOptions {
  return {
    Name: spec.name,
    Driver: 'bridge',
    CheckDuplicate: true,
    EnableIPv6: false,
    IPAM: { Config: [{ Subnet: spec.subnet }] },
    Options: { 'com.docker.network.bridge.name': spec.name, 'com.docker.network.bridge.enable_icc': 'false' },
    Labels: { ...spec.labels },
  };
}

function networkDifference(spec: NetworkSpec, found: Docker.NetworkInspectInfo): string | null {
  const subnets = (found.IPAM?.Config ?? []).map((range) => range.Subnet);
  const differs = [
    found.Driver === 'bridge' ? null : `its driver is ${found.Driver}`,
    subnets.length === 1 && subnets[0] === spec.subnet ? null : `its subnet is ${subnets.join(', ')} instead of ${spec.subnet}`,
    found.Options?.['com.docker.network.bridge.name'] === spec.name ? null : 'its interface has another name',
    found.Options?.['com.docker.network.bridge.enable_icc'] === 'false' ? null : 'its containers may reach each other',
    found.EnableIPv6 === true ? 'it has IPv6' : null,
  ].filter((difference) => difference !== null);
  return differs.length === 0 ? null : `network ${spec.name}: ${differs.join('; ')}`;
}

/** For the few calls whose dockerode method takes no abort signal. */
async function inTime<T>(answer: Promise<T>, milliseconds: number): Promise<T> {
  const done = new AbortController();
  const late = sleep(milliseconds, undefined, { signal: done.signal }).then(() => {
    throw new DOMException('too late', 'TimeoutError');
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([answer, late]);
  } finally {
    done.abort();
  }
}
