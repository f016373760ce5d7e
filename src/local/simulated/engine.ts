// An engine without containers, for machines without Docker: it keeps book of what would run and says that it is simulated.
import { randomBytes } from 'node:crypto';
import { existsSync, watch } from 'node:fs';
import type { ContainerSpec, Engine, ImageFacts, Refused, Unreachable } from '../../agent/engine.ts';
import type { Clock } from '../../domain/time.ts';
import { openStore, type SimulatedContainer } from './store.ts';

/** What a container that is told to end leaves: 128 + SIGTERM. */
const TERMINATED = 143;

/** `dir` keeps its state; `images` are the references that exist. */
export function simulatedEngine(dir: string, images: ReadonlyMap<string, ImageFacts>, clock: Clock): Engine {
  const store = openStore(dir);
  const find = (key: string): SimulatedContainer | undefined => store.read().containers.find(({ id, name }) => id === key || name === key);
  const replace = (id: string, change: (container: SimulatedContainer) => SimulatedContainer | null): void => {
    const { containers, networks } = store.read();
    store.write({ containers: containers.flatMap((one) => (one.id === id ? (change(one) ?? []) : [one])), networks });
  };
  return {
    kind: 'simulated',
    version: answer(() => ({ kind: 'version', version: 'simulated, no containers' })),

    list: answer((labels) => ({
      kind: 'listed',
      containers: store
        .read()
        .containers.filter((container) => Object.entries(labels).every(([key, value]) => container.labels[key] === value)),
    })),

    inspect: answer((key) => {
      const container = find(key);
      return container === undefined ? { kind: 'gone' } : { kind: 'found', container };
    }),

    inspectImage: answer((reference) => {
      const image = images.get(reference);
      return image === undefined ? { kind: 'missing' } : { kind: 'found', image };
    }),

    create: answer((name, spec) => {
      const image = [...images.values()].find(({ id }) => id === spec.Image);
      if (image === undefined) return { kind: 'image_missing' };
      if (find(name) !== undefined) return { kind: 'name_taken' };
      const absent = spec.HostConfig.Mounts.find((mount) => !existsSync(mount.Source));
      if (absent !== undefined) return refused(`bind source path does not exist: ${absent.Source}`);
      const id = randomBytes(32).toString('hex');
      const { containers, networks } = store.read();
      store.write({ containers: [...containers, created(id, name, spec)], networks });
      return { kind: 'created', id };
    }),

    start: answer((key) => {
      const container = find(key);
      if (container === undefined) return { kind: 'gone' };
      if (container.deviceIds.length > 0) return refused('could not select device driver "nvidia": this engine is simulated');
      if (container.state === 'running') return { kind: 'started' };
      replace(container.id, (one) => ({
        ...one,
        state: 'running',
        startedAt: clock.now().toISOString(),
        exitCode: null,
        outOfMemory: false,
      }));
      return { kind: 'started' };
    }),

    stop: answer((key) => {
      const container = find(key);
      if (container === undefined) return { kind: 'gone' };
      if (container.state === 'running') replace(container.id, (one) => ({ ...one, state: 'exited', exitCode: TERMINATED }));
      return { kind: 'stopped' };
    }),

    remove: answer((key) => {
      const container = find(key);
      if (container?.state === 'running') return { kind: 'running' };
      if (container !== undefined) replace(container.id, () => null);
      return { kind: 'removed' };
    }),

    ensureNetwork: answer(({ name, subnet }) => {
      const { containers, networks } = store.read();
      const existing = networks.find((network) => network.name === name);
      if (existing === undefined) store.write({ containers, networks: [...networks, { name, subnet }] });
      else if (existing.subnet !== subnet)
        return { kind: 'differs', detail: `network ${name}: its subnet is ${existing.subnet} instead of ${subnet}` };
      return { kind: 'ready' };
    }),

    removeNetwork: answer((name) => {
      const { containers, networks } = store.read();
      store.write({ containers, networks: networks.filter((network) => network.name !== name) });
      return { kind: 'removed' };
    }),

    follow: (_labels, onEvent, signal) =>
      new Promise((resolve) => {
        const watcher = watch(dir, { signal }, (_event, file) => {
          if (file === 'engine.json') onEvent();
        });
        watcher.on('close', resolve);
        watcher.on('error', () => resolve());
      }),
  };
}

/** A broken or unwritable store is an engine that does not answer. */
function answer<Args extends readonly unknown[], Result>(
  work: (...args: Args) => Result,
): (...args: Args) => Promise<Result | Unreachable> {
  return async (...args) => {
    try {
      return work(...args);
    } catch (error) {
      return { kind: 'unreachable', detail: error instanceof Error ? error.message.slice(0, 400) : String(error) };
    }
  };
}

function refused(detail: string): Refused {
  return { kind: 'refused', detail };
}

function created(id: string, name: string, spec: ContainerSpec): SimulatedContainer {
  return {
    id,
    name,
    state: 'created',
    labels: spec.Labels,
    user: spec.User,
    env: spec.Env,
    deviceIds: spec.HostConfig.DeviceRequests.flatMap((request) => request.DeviceIDs).toSorted(),
    startedAt: null,
    exitCode: null,
    outOfMemory: false,
    detail: '',
  };
}
