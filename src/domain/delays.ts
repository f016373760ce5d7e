// Who would wait longer than planned: the same queue, planned twice.
import { planQueue, type PlanHost, type PlannedStart, type QueuedAsk } from './queue-plan.ts';
import { secondsBetween } from './time.ts';

export interface Delay {
  readonly id: string;
  /** Longer than planned; null: its start could be told, and could not be any more. */
  readonly seconds: number | null;
}

/** Those of `after` that start later than in `before`, in the order of the queue. */
function delaysBetween(before: readonly PlannedStart[], after: readonly PlannedStart[]): Delay[] {
  const planned = new Map(before.map(({ id, startsAt }) => [id, startsAt]));
  return after.flatMap(({ id, startsAt }): Delay[] => {
    const was = planned.get(id) ?? null;
    if (was === null) return [];
    if (startsAt === null) return [{ id, seconds: null }];
    return startsAt > was ? [{ id, seconds: secondsBetween(was, startsAt) }] : [];
  });
}

export interface PoolPlan {
  readonly pool: string;
  readonly queue: readonly QueuedAsk[];
  readonly hosts: readonly PlanHost[];
}

/** Who waits longer when the devices of `allocation` come back at `endsAt` instead of when its lease says. */
export function delaysOfLaterEnd({ pool, queue, hosts }: PoolPlan, allocation: string, endsAt: Date, at: Date): Delay[] {
  const later = hosts.map((host) => ({
    ...host,
    held: host.held.map((held) => (held.allocation === allocation && held.endsAt !== null ? { ...held, endsAt } : held)),
  }));
  return delaysBetween(planQueue(pool, queue, hosts, at), planQueue(pool, queue, later, at));
}

/** Where `newcomer` would start at the end of the queue, and who of `behind`, who would come after it, waits longer for that. */
export function effectOfNewcomer(
  { pool, queue, hosts }: PoolPlan,
  { newcomer, behind }: { readonly newcomer: QueuedAsk; readonly behind: readonly QueuedAsk[] },
  at: Date,
): { readonly start: PlannedStart | null; readonly delays: readonly Delay[] } {
  const without = planQueue(pool, [...queue, ...behind], hosts, at);
  const together = planQueue(pool, [...queue, newcomer, ...behind], hosts, at);
  const start = together.find(({ id }) => id === newcomer.id) ?? null;
  return { start, delays: delaysBetween(without, together) };
}
