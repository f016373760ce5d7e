// `/gpu again`: what one had asked for before, as a new request; decided like any other.
import type { RequestAsk } from '../domain/ask.ts';
import { refuse } from '../domain/refusal.ts';
import { findAllocation, newestOf } from '../ledger/allocations.ts';
import type { MemberRow } from '../ledger/members.ts';
import { currentPolicy, type App } from './app.ts';
import { refuseUnknown } from './withdraw.ts';

/** `id` null: the member's newest request, whatever became of it. */
export async function askAgain(app: App, member: MemberRow, id: string | null): Promise<RequestAsk> {
  const { reads } = app.ledger;
  const wanted = id ?? (await newestOf(reads, member.id))?.id ?? refuse({ code: 'nothing_held', verb: 'again' });
  const found = (await findAllocation(reads, wanted)) ?? (await refuseUnknown(app, member, wanted));
  if (found.holder.id !== member.id) refuse({ code: 'not_yours', id: wanted });
  const { allocation } = found;
  const { images } = await currentPolicy(reads);
  return {
    pool: allocation.pool,
    devices: allocation.deviceCount,
    memoryMibMin: null,
    durationSeconds: allocation.durationSeconds,
    // A fixed end has passed or is not meant any more: its length counts.
    until: null,
    // One that the policy has no longer is asked for all the same: refused by its reference, never swapped for another.
    image: images.find(({ reference }) => reference === allocation.image)?.name ?? allocation.image,
    host: allocation.onHost,
    command: null,
    purpose: allocation.purpose,
  };
}
