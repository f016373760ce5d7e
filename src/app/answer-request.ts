// An approver answers a request: approve puts it in the queue, deny ends it. Whoever is first wins; the other is told so.
import { accountsOf } from '../domain/accounts.ts';
import { z } from 'zod';
import type { AllocationOutcome } from '../domain/outcome.ts';
import { plusSeconds } from '../domain/time.ts';
import { findAllocation, transition } from '../ledger/allocations.ts';
import { decide } from '../ledger/decide.ts';
import { notify } from '../ledger/notify.ts';
import { post } from '../ledger/outbox.ts';
import { currentPolicy, memberActor, noSuchAllocation, type App, type Call } from './app.ts';
import { authorise } from './authorise.ts';
import { settle } from './settle.ts';

/** A click on an allocation's button: it counts on exactly this version. */
export const VersionedAsk = z.strictObject({ id: z.string().max(40), version: z.int().positive() });
export type VersionedAsk = z.infer<typeof VersionedAsk>;

export async function approve(app: App, call: Call, ask: VersionedAsk): Promise<AllocationOutcome> {
  return answer(app, call, ask, 'approve');
}

export async function deny(app: App, call: Call, ask: VersionedAsk): Promise<AllocationOutcome> {
  return answer(app, call, ask, 'deny');
}

async function answer(app: App, call: Call, ask: VersionedAsk, event: 'approve' | 'deny'): Promise<AllocationOutcome> {
  const at = app.clock.now();
  const found = (await findAllocation(app.ledger.reads, ask.id)) ?? noSuchAllocation(ask.id);
  const { holder } = found;
  const { id, pool } = found.allocation;
  return decide(app.ledger, { accounts: accountsOf(found.allocation), pools: [pool] }, async (tx) => {
    const policy = await currentPolicy(tx);
    authorise(event, policy, call.actor, found);
    const change = { event, id, version: ask.version, at, actor: memberActor(call) };
    if (event === 'approve') {
      await transition(tx, { ...change, set: { queuedAt: at, lapsesAt: plusSeconds(at, policy.queueLapse) } });
      await notify(tx, 'queue');
      return settle(tx, call, { kind: 'approved', id }, at);
    }
    await transition(tx, { ...change, set: { endedAt: at } });
    await post(tx, { key: `denied:${id}`, kind: 'request_denied', allocationId: id, recipient: holder.slackUser }, at);
    return settle(tx, call, { kind: 'denied', id }, at);
  });
}
