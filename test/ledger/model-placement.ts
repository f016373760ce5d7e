// Which placements are right, as rules that any good scheduler keeps; which of them was chosen is taken over from the ledger.
import { lapsesAt, isClear, isSilent, onHost, type Model, type ModelAllocation } from './model.ts';
import type { App } from '../../src/app/app.ts';
import { rowsOf } from './model-compare.ts';
import { devices, hostNames, poolNames, type HostName, type PoolName } from './model-rules.ts';
import type { Scene } from './model-scene.ts';

export interface Placement {
  readonly id: string;
  readonly pool: PoolName;
  readonly host: HostName;
  readonly devices: readonly string[];
}

/** A container whose lease is over is expected to be gone a minute later. */
const STOPPING = 60;

/** What is on a host in the ledger and not yet in the model; their fences are remembered. */
export async function placementsIn(scene: Scene, app: App): Promise<Placement[]> {
  const known = new Set(scene.model.allocations.filter(({ host }) => host !== null).map(({ id }) => id));
  const placed = (await rowsOf(app)).filter(({ id, host }) => host !== null && !known.has(id));
  for (const { id, fence } of placed) scene.fences.set(id, fence ?? 0);
  return placed.map((row) => ({ id: row.id, pool: row.pool as PoolName, host: row.host as HostName, devices: row.devices }));
}

/** Makes those of these pools, all of one moment, in the model. Returns what is wrong with them, or null. */
export function takePlacements(model: Model, all: readonly Placement[], pools: readonly PoolName[] = poolNames): string | null {
  const placements = all.filter(({ pool }) => pools.includes(pool));
  const queues = pools.map((pool) => ({ pool, queue: queueOf(model, pool) }));
  const before = model.allocations.filter(({ state }) => onHost(state)).map(({ id }) => id);
  for (const placement of placements) {
    const wrong = takeOne(model, placement);
    if (wrong !== null) return `${placement.id}: ${wrong}`;
  }
  for (const { pool, queue } of queues) {
    const head = queue.find(({ state }) => state === 'queued');
    if (head === undefined) continue;
    const earlier = new Set([...before, ...queue.slice(0, queue.indexOf(head)).map(({ id }) => id)]);
    const promised = earliestStart(model, head, (one) => earlier.has(one.id));
    const left = earliestStart(model, head, () => true);
    if (left <= model.now) return `${head.id} of ${pool} is the next in line, fits, and was not placed`;
    if (left > promised) return `${head.id} of ${pool} could have started at ${promised}, and now waits until ${left}`;
  }
  return null;
}

/** Whether the next in line of its pool would start later if `one` ended at `endsAt`. */
export function headWaitsLonger(model: Model, one: ModelAllocation, endsAt: number): boolean {
  const [head] = queueOf(model, one.pool);
  if (head === undefined) return false;
  const start = () => earliestStart(model, head, () => true);
  const [before, was] = [start(), one.endsAt];
  one.endsAt = endsAt;
  const after = start();
  one.endsAt = was;
  return after > before;
}

/** First come, first served. */
export function queueOf({ allocations, now }: Model, pool: PoolName): ModelAllocation[] {
  const waiting = allocations.filter((one) => one.state === 'queued' && one.pool === pool && lapsesAt(one) > now);
  return waiting.toSorted((a, b) => (a.place ?? 0) - (b.place ?? 0));
}

function takeOne(model: Model, { id, host, devices: wanted }: Placement): string | null {
  const one = model.allocations.find((other) => other.id === id);
  if (one?.state !== 'queued') return `was ${one?.state ?? 'unknown'}`;
  if (lapsesAt(one) <= model.now) return 'had waited too long';
  if (isSilent(model, host)) return `${host} is silent`;
  if (new Set(wanted).size !== one.gpus) return `${wanted.length} devices instead of ${one.gpus}`;
  for (const uuid of wanted) {
    const device = devices.get(uuid);
    if (device?.host !== host || device.pool !== one.pool) return `${uuid} is not of ${one.pool} on ${host}`;
    if (!isClear(model, uuid)) return `somebody else is or was on ${uuid}`;
    const other = model.allocations.find((held) => held.devices.includes(uuid));
    if (other !== undefined) return `${uuid} is with ${other.id}`;
  }
  one.state = 'placed';
  one.version++;
  one.host = host;
  one.devices = wanted;
  one.placedAt = model.now;
  return null;
}

/** When so many devices are free on one host that speaks, by the ends of the leases that count; Infinity: nobody knows, or it would be over by then. */
function earliestStart(model: Model, ask: ModelAllocation, holds: (one: ModelAllocation) => boolean): number {
  const starts = hostNames.map((host) => {
    if (isSilent(model, host)) return Infinity;
    if (ask.gpus === 0) return model.now;
    const all = [...devices].filter(([, device]) => device.host === host && device.pool === ask.pool);
    const freeAt = all.map(([uuid]) => {
      const holder = model.allocations.find((one) => one.devices.includes(uuid) && holds(one));
      if (holder === undefined) return isClear(model, uuid) ? model.now : Infinity;
      return endOf(model, holder);
    });
    return freeAt.toSorted((a, b) => a - b)[ask.gpus - 1] ?? Infinity;
  });
  const start = Math.min(...starts);
  return start < (ask.until ?? Infinity) ? start : Infinity;
}

function endOf({ now }: Model, { state, placedAt, endsAt, seconds, until }: ModelAllocation): number {
  const end = state === 'retiring' ? now : (endsAt ?? until ?? (placedAt ?? now) + seconds);
  return end > now ? end : now + STOPPING;
}
