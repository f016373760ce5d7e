// Somebody whose Slack account is deactivated still holds something: the admins are told what. Nothing is ended by itself.
import { holdingStates } from '../domain/lifecycle.ts';
import type { Holding } from '../domain/refusal.ts';
import { allocationsIn } from '../ledger/allocations.ts';
import { currentPolicy, type App } from './app.ts';
import { toHolding } from './holding.ts';
import { tellAdmins } from './tell-admins.ts';

/** Told again only when something newer is held. Returns how many members were found. */
export async function tellOfDeparted(app: App): Promise<number> {
  const at = app.clock.now();
  const { reads } = app.ledger;
  const held = new Map<string, Holding[]>();
  for (const { allocation, holder } of await allocationsIn(reads, holdingStates)) {
    held.set(holder.slackUser, [...(held.get(holder.slackUser) ?? []), toHolding(allocation)]);
  }
  let departed = 0;
  for (const [user, holding] of held) {
    const person = await app.directory.person(user);
    if (person === null || !person.deleted) continue;
    departed++;
    const { admins } = await currentPolicy(reads);
    const newest = holding.at(-1)?.id ?? '';
    const key = `holder_departed:${user}:${newest}`;
    await tellAdmins(reads, admins, { key, kind: 'holder_departed', facts: { user, holding } }, at);
  }
  return departed;
}
