// A host's report: what it observed becomes events, in the same transaction that makes the report count once.
import { accountsOf } from '../domain/accounts.ts';
import { effectOf, isAbout, type HostedAllocation, type HostEffect } from '../domain/host-effects.ts';
import type { ObservedAllocation, Rejection, Report } from '../domain/host-protocol.ts';
import { plusSeconds } from '../domain/time.ts';
import type { AllocationRow, HeldAllocation } from '../ledger/allocations.ts';
import { transition } from '../ledger/transition.ts';
import type { Transaction } from '../ledger/connect.ts';
import { decide } from '../ledger/decide.ts';
import { devicesUnknown, findHost, hostedOn, type HostRow, raiseRevision, saveDevices, saveObserved, takeReport } from '../ledger/hosts.ts';
import { releaseLeases } from '../ledger/leases.ts';
import { notify } from '../ledger/notify.ts';
import { post } from '../ledger/outbox.ts';
import type { App } from './app.ts';
import { tellOfProblems } from './host-problems.ts';
import { retire } from './retire.ts';

interface Found {
  readonly held: HeldAllocation;
  readonly effect: HostEffect;
}

/** Null when the report was applied, else why it was not. */
export async function report(app: App, message: Report): Promise<Rejection['code'] | null> {
  const at = app.clock.now();
  const expected = effectsOf(await hostedOn(app.ledger.reads, message.host), message);
  const locked = new Set(expected.map(({ held }) => held.allocation.id));
  const keys = {
    accounts: expected.flatMap(({ held }) => accountsOf(held.allocation)),
    pools: expected.map(({ held }) => held.allocation.pool),
  };
  return decide(app.ledger, keys, async (tx) => {
    const before = await findHost(tx, message.host);
    if (!(await takeReport(tx, message, at))) return whyNotTaken(before, message);
    await tellOfProblems(app, tx, { host: message.host, before: before?.problems ?? [], now: message.problems }, at);
    if (message.devices === null) await devicesUnknown(tx, message.host);
    else {
      const elsewhere = await saveDevices(tx, message.host, message.devices, at);
      if (elsewhere.length > 0) app.log.error({ host: message.host, devices: elsewhere }, 'devices reported that belong to another host');
    }
    const mine = await hostedOn(tx, message.host);
    const rows = new Map(mine.map(({ allocation }) => [allocation.id, hosted(allocation)]));
    const counts = (seen: ObservedAllocation) => {
      const row = rows.get(seen.allocation) ?? null;
      return row !== null && isAbout(row, seen, message.appliedRevision);
    };
    // Only what counts: the last report of it running decides what is posted.
    await saveObserved(tx, message.host, { reports: message.allocations.filter(counts), hosted: [...rows.keys()] }, at);
    // What changed since the locks were chosen waits for the next report.
    for (const found of effectsOf(mine, message)) if (locked.has(found.held.allocation.id)) await apply(tx, found, message.host, at);
    return null;
  });
}

function whyNotTaken(host: HostRow | null, message: Report): Rejection['code'] {
  if (host === null) return 'unknown_host';
  return host.run === message.run ? 'stale_sequence' : 'stale_run';
}

function effectsOf(rows: readonly HeldAllocation[], message: Report): Found[] {
  const seen = new Map(message.allocations.map((observed) => [observed.allocation, observed]));
  return rows.flatMap((held) => {
    const row = hosted(held.allocation);
    const effect = row === null ? null : effectOf(row, seen.get(row.id), message.appliedRevision);
    return effect === null ? [] : [{ held, effect }];
  });
}

function hosted({ id, state, fence, addedRevision, retiringRevision }: AllocationRow): HostedAllocation | null {
  return fence === null || addedRevision === null ? null : { id, state, fence, addedRevision, retiringRevision };
}

async function apply(tx: Transaction, { held, effect }: Found, host: string, at: Date): Promise<void> {
  const { id, durationSeconds, until } = held.allocation;
  const recipient = held.holder.slackUser;
  const change = { id, at, actor: `host:${host}` };
  switch (effect.event) {
    case 'started': {
      await raiseRevision(tx, host);
      const leaseEndsAt = until ?? plusSeconds(at, durationSeconds);
      await transition(tx, { ...change, event: 'started', set: { activeAt: at, leaseEndsAt, containerName: effect.containerName } });
      await post(tx, { key: `member_card:${id}`, kind: 'member_card', allocationId: id, recipient }, at);
      return;
    }
    case 'failed': {
      await raiseRevision(tx, host);
      await releaseLeases(tx, id, at);
      const detail = { code: effect.code, detail: effect.detail };
      await transition(tx, { ...change, event: 'failed', reason: effect.code, detail, set: { endedAt: at } });
      await post(tx, { key: `failed:${id}`, kind: 'start_failed', allocationId: id, recipient }, at);
      await notify(tx, 'queue');
      return;
    }
    case 'retire': {
      const { cause: reason, exitCode } = effect;
      await retire(tx, { ...change, reason, detail: { exitCode } });
      await post(tx, { key: `ended:${id}`, kind: 'container_ended', allocationId: id, recipient, facts: { reason } }, at);
      return;
    }
    case 'freed':
      await raiseRevision(tx, host);
      await releaseLeases(tx, id, at);
      await transition(tx, { ...change, event: 'freed', set: { endedAt: at }, ...keptReason(held.allocation) });
      await notify(tx, 'queue');
  }
}

/** Why it was retired stays on the card once it is. */
function keptReason({ reason }: AllocationRow): { reason?: string } {
  return reason === null ? {} : { reason };
}
