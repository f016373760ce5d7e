// The scheduler's turn: per pool, whoever may start now gets exact devices of one host, with leases and a fence.
import { containerEnvironment } from '../domain/policy.ts';
import { BACKFILL_DEPTH, nextPlacement } from '../domain/queue-plan.ts';
import { poolsWaiting } from '../ledger/allocations.ts';
import { transition } from '../ledger/transition.ts';
import { decide } from '../ledger/decide.ts';
import { isOutage } from '../ledger/errors.ts';
import { raiseRevision } from '../ledger/hosts.ts';
import { lease, nextFence } from '../ledger/leases.ts';
import { currentPolicy, type App } from './app.ts';
import { planHosts, poolQueue, toQueuedAsk } from './pool-plan.ts';
import { unlessTooLate } from './unless-too-late.ts';

/** Places what can be placed, in every pool. Returns how many it placed. */
export async function place(app: App): Promise<number> {
  let placed = 0;
  for (const pool of await poolsWaiting(app.ledger.reads)) {
    try {
      while (await placeNext(app, pool)) placed++;
    } catch (error) {
      if (isOutage(error)) throw error;
      // What is wrong with one pool must not keep the others from being served.
      app.log.error({ err: error, pool }, 'a pool could not be served; it is tried again at the next tick');
    }
  }
  return placed;
}

/** One placement per decision, so that each locks one host only. True when one was made. */
async function placeNext(app: App, pool: string): Promise<boolean> {
  const at = app.clock.now();
  let placed = false;
  await unlessTooLate(async () => {
    placed = await decide(app.ledger, { accounts: [], pools: [pool] }, async (tx) => {
      const policy = await currentPolicy(tx);
      const queue = await poolQueue(tx, policy, pool, { at, limit: BACKFILL_DEPTH });
      const hosts = await planHosts(tx, policy, { pool, queue }, at);
      const placement = nextPlacement(pool, queue.map(toQueuedAsk), hosts, at);
      if (placement === null) return false;
      const { id, host, devices, because } = placement;
      const image = queue.find((row) => row.id === id)?.image ?? '';
      const fence = await nextFence(tx);
      const addedRevision = await raiseRevision(tx, host);
      await transition(tx, {
        event: 'place',
        id,
        at,
        actor: 'scheduler',
        set: { host, fence, placedAt: at, addedRevision, environment: containerEnvironment(policy, { pool, host, image }) },
        detail: { host, fence, devices, because },
      });
      await lease(tx, id, devices, fence, at);
      return true;
    });
  });
  return placed;
}
