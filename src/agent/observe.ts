// What the engine has with our labels, as reconcile wants to see it.
import type { HostContainer } from '../domain/reconcile.ts';
import { boundDevices } from './compile.ts';
import { type Engine, type InspectedContainer, LABELS, type ListedContainer, type Unreachable } from './engine.ts';
import type { GpuProbe } from './probe/probe.ts';

type Observation = { readonly kind: 'observed'; readonly containers: readonly HostContainer[] } | Unreachable;

export interface Observer {
  /** Everything this ledger has on this host. `released`: ended containers that could not be removed. */
  observe(ledger: string, released: ReadonlySet<string>): Promise<Observation>;
}

/** Details of a container are asked again only when its state changed: they are fixed while it stays. */
export function observer(engine: Engine, host: string, gpus: GpuProbe['kind']): Observer {
  let known = new Map<string, InspectedContainer>();
  const details = async (listed: ListedContainer): Promise<InspectedContainer | null | Unreachable> => {
    const before = known.get(listed.id);
    if (before !== undefined && before.state === listed.state && before.name === listed.name) return before;
    const inspected = await engine.inspect(listed.id);
    switch (inspected.kind) {
      case 'found':
        return inspected.container;
      case 'gone':
        return null;
      case 'unreachable':
        return inspected;
    }
  };
  return {
    async observe(ledger, released) {
      const list = await engine.list({ [LABELS.ledger]: ledger, [LABELS.host]: host });
      if (list.kind === 'unreachable') return list;
      const containers: InspectedContainer[] = [];
      for (const found of await Promise.all(list.containers.map(details))) {
        if (found === null) continue;
        if ('kind' in found) return found;
        containers.push(found);
      }
      known = new Map(containers.map((container) => [container.id, container]));
      return { kind: 'observed', containers: containers.map((container) => asHostContainer(container, gpus, released)) };
    },
  };
}

function asHostContainer(container: InspectedContainer, gpus: GpuProbe['kind'], released: ReadonlySet<string>): HostContainer {
  const devices = boundDevices(container, gpus);
  const fence = Number(container.labels[LABELS.fence]);
  return {
    id: container.id,
    name: container.name,
    allocation: container.labels[LABELS.allocation] ?? '',
    fence: Number.isSafeInteger(fence) && fence >= 0 ? fence : 0,
    phase: container.state,
    user: container.user,
    devices,
    startedAt: container.startedAt,
    exitCode: container.exitCode,
    outOfMemory: container.outOfMemory,
    detail: container.detail,
    released: released.has(container.id),
  };
}
