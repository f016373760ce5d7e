// The holder (or an admin) ends an allocation: cancel while it waits, release once a host is involved.
import { accountsOf } from '../domain/accounts.ts';
import { z } from 'zod';
import { nearest } from '../domain/grammar/nearest.ts';
import { isLegal } from '../domain/lifecycle.ts';
import type { AllocationOutcome } from '../domain/outcome.ts';
import { refuse } from '../domain/refusal.ts';
import { findAllocation, holdingsOf } from '../ledger/allocations.ts';
import { transition } from '../ledger/transition.ts';
import { decide } from '../ledger/decide.ts';
import type { MemberRow } from '../ledger/members.ts';
import { currentPolicy, memberActor, type App, type Call } from './app.ts';
import { authorise } from './authorise.ts';
import { toHolding } from './holding.ts';
import { retire } from './retire.ts';
import { settle } from './settle.ts';

/** `id` null: the only one of mine that it can mean. `version` only from buttons. */
export const WithdrawAsk = z.strictObject({ id: z.string().max(40).nullable(), version: z.int().positive().nullable() });
export type WithdrawAsk = z.infer<typeof WithdrawAsk>;

export async function cancel(app: App, call: Call, ask: WithdrawAsk): Promise<AllocationOutcome> {
  const at = app.clock.now();
  const found = await target(app, call, ask, 'cancel');
  const { id, pool } = found.allocation;
  return decide(app.ledger, { accounts: accountsOf(found.allocation), pools: [pool] }, async (tx) => {
    authorise('cancel', await currentPolicy(tx), call.actor, found);
    const actor = memberActor(call);
    await transition(tx, { event: 'cancel', id, ...versionOf(ask), at, actor, set: { endedAt: at } });
    return settle(tx, call, { kind: 'cancelled', id }, at);
  });
}

export async function release(app: App, call: Call, ask: WithdrawAsk): Promise<AllocationOutcome> {
  const at = app.clock.now();
  const found = await target(app, call, ask, 'release');
  const { id, pool } = found.allocation;
  return decide(app.ledger, { accounts: accountsOf(found.allocation), pools: [pool] }, async (tx) => {
    authorise('retire', await currentPolicy(tx), call.actor, found);
    await retire(tx, { id, ...versionOf(ask), at, actor: memberActor(call), reason: 'released' });
    return settle(tx, call, { kind: 'releasing', id }, at);
  });
}

export function versionOf(ask: Pick<WithdrawAsk, 'version'>): { version?: number } {
  return ask.version === null ? {} : { version: ask.version };
}

/** The allocation that is named, or the only one of the member's that the verb can mean. */
export async function target(app: App, call: Call, ask: Pick<WithdrawAsk, 'id'>, verb: keyof typeof eventOf) {
  const id = ask.id ?? (await onlyCandidate(app, call, verb));
  return (await findAllocation(app.ledger.reads, id)) ?? refuseUnknown(app, call.actor, id);
}

/** Throws the refusal of an id that there is not, with the nearest of the member's own. */
export async function refuseUnknown(app: App, member: MemberRow, id: string): Promise<never> {
  const own = await holdingsOf(app.ledger.reads, member.id);
  const ids = own.map((held) => held.id);
  return refuse({ code: 'no_such_allocation', id, nearest: nearest(id, ids) });
}

const eventOf = { cancel: 'cancel', release: 'retire', extend: 'extend' } as const;

async function onlyCandidate(app: App, call: Call, verb: keyof typeof eventOf): Promise<string> {
  const event = eventOf[verb];
  const held = (await holdingsOf(app.ledger.reads, call.actor.id)).filter(({ state }) => isLegal(event, state));
  const [first, ...others] = held;
  if (first === undefined) return refuse({ code: 'nothing_held', verb });
  return others.length === 0 ? first.id : refuse({ code: 'which_one', verb, holding: held.map(toHolding) });
}
