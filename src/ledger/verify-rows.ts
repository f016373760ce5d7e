// Everything that verification recomputes, read in one snapshot.
import { asc, isNull } from 'drizzle-orm';
import type { State } from '../domain/lifecycle.ts';
import type { LedgerRows } from '../domain/verify.ts';
import { balances, entries } from './budget-schema.ts';
import type { Database } from './connect.ts';
import { allocations, events, leases } from './schema.ts';

export async function readForVerification(database: Database): Promise<LedgerRows> {
  return database.transaction(
    async (tx) => {
      const rows = await tx
        .select({
          id: allocations.id,
          memberId: allocations.memberId,
          team: allocations.team,
          state: allocations.state,
          version: allocations.version,
          devices: allocations.deviceCount,
          capacityMilli: allocations.capacityMilli,
          chargeMilli: allocations.chargeMilli,
          durationSeconds: allocations.durationSeconds,
        })
        .from(allocations)
        .orderBy(asc(allocations.requestedAt), asc(allocations.id));
      const history = await tx.select().from(events).orderBy(asc(events.sequence));
      const journal = await tx.select().from(entries).orderBy(asc(entries.sequence));
      const kept = await tx.select().from(balances).orderBy(asc(balances.account), asc(balances.periodStart));
      const liveLeases = await tx
        .select({ allocationId: leases.allocationId, device: leases.device })
        .from(leases)
        .where(isNull(leases.releasedAt));
      return {
        allocations: rows,
        events: history.map(({ sequence, allocationId, event, fromState, toState, version, detail }) => ({
          sequence,
          allocationId,
          event,
          from: fromState as State | null,
          to: toState as State,
          version,
          detail,
        })),
        entries: journal.map((entry) => ({ ...entry, period: periodName(entry) })),
        balances: kept.map((balance) => ({ ...balance, period: periodName(balance) })),
        liveLeases,
      };
    },
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  );
}

function periodName({ periodKind, periodStart }: { readonly periodKind: string; readonly periodStart: Date }): string {
  return `${periodKind} of ${periodStart.toISOString().slice(0, 10)}`;
}
