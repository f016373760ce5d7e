// Reports that are late, repeated, or about somebody else's work; strangers on devices; containers that end by themselves.
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { approve } from '../../src/app/answer-request.ts';
import type { Call } from '../../src/app/app.ts';
import { poolOverview } from '../../src/app/overview.ts';
import { place } from '../../src/app/place.ts';
import { request } from '../../src/app/request.ts';
import { release } from '../../src/app/withdraw.ts';
import { allocationOf } from '../../src/domain/outcome.ts';
import { findAllocation } from '../../src/ledger/allocations.ts';
import { findHost } from '../../src/ledger/hosts.ts';
import { askFor, sees, testApp, testHost, uuidOf, type TestApp, type TestHost } from '../support/app.ts';
import { until, waiters } from '../support/locks.ts';
import { people } from '../support/policy.ts';

let berth: TestApp;
let host: TestHost;
let ada: Call;
let pat: Call;
beforeEach(async () => {
  berth = await testApp();
  host = await testHost(berth.app, 'gpu-01', 2);
  [ada, pat] = await Promise.all([berth.call(people.ada), berth.call(people.pat)]);
});
afterEach(async () => berth.end());

async function placed(): Promise<{ id: string; fence: number }> {
  const outcome = await request(berth.app, ada, askFor());
  const id = outcome.kind === 'refused' ? '' : outcome.id;
  await approve(berth.app, pat, { id, version: 1 });
  await place(berth.app);
  return { id, fence: (await row(id)).fence ?? 0 };
}
const row = async (id: string) => {
  const found = await findAllocation(berth.app.ledger.reads, id);
  if (found === null) throw new Error(`no ${id}`);
  return found.allocation;
};
const revision = async () => (await findHost(berth.app.ledger.reads, 'gpu-01'))?.desiredRevision ?? 0;
const a100 = async () => (await poolOverview(berth.app)).find(({ name }) => name === 'a100');
const device = (index: number, change: object = {}) => ({
  uuid: uuidOf('gpu-01', index),
  index,
  model: 'NVIDIA A100 80GB',
  memoryMib: 81_920,
  memoryUsedMib: 0,
  utilizationPercent: 0,
  foreignMemoryMib: 0,
  foreign: [],
  ...change,
});

describe('a report', () => {
  it('counts once: the same sequence again, or an older one, changes nothing', async () => {
    const { id, fence } = await placed();
    expect(await host.report([sees.running(id, fence)], { sequence: 50 })).toBeNull();
    expect(await host.report([sees.failed(id, fence)], { sequence: 50 })).toBe('stale_sequence');
    expect(await host.report([sees.failed(id, fence)], { sequence: 49 })).toBe('stale_sequence');
    expect((await row(id)).state).toBe('active');
  });

  it('from before the host knew of an allocation neither fails nor ends it', async () => {
    const before = await revision();
    const { id, fence } = await placed();
    await host.report([sees.failed(id, fence)], { appliedRevision: before });
    expect((await row(id)).state).toBe('placed');
  });

  it('from before the host was told to stop frees nothing', async () => {
    const { id, fence } = await placed();
    await host.report([sees.running(id, fence)]);
    const before = await revision();
    await release(berth.app, ada, { id, version: null });
    await host.report([sees.stopped(id, fence)], { appliedRevision: before });
    expect((await row(id)).state).toBe('retiring');
    await host.report([sees.stopped(id, fence)]);
    expect((await row(id)).state).toBe('retired');
  });

  it('about another host’s allocation, or with another fence, changes nothing', async () => {
    const { id, fence } = await placed();
    const other = await testHost(berth.app, 'gpu-02', 2);
    await other.report([sees.running(id, fence)]);
    await host.report([sees.running(id, fence + 1)]);
    expect((await row(id)).state).toBe('placed');
  });

  it('cannot take a device that another host has', async () => {
    const other = await testHost(berth.app, 'gpu-02', 1);
    await other.report([], { devices: [device(0)] });
    expect((await a100())?.free).toBe(2);
    const { id } = await placed();
    expect((await row(id)).host).toBe('gpu-01');
  });

  it('that names a device twice is taken by what it says last', async () => {
    await host.report([], { devices: [device(0), device(1), device(0, { foreignMemoryMib: 512 })] });
    expect((await a100())?.free).toBe(1);
  });
});

describe('a container that ends by itself', () => {
  it.each(['exited', 'out_of_memory', 'removed'] as const)('(%s) retires, frees its device, and its holder is told', async (cause) => {
    const { id, fence } = await placed();
    await host.report([sees.running(id, fence)]);
    await host.report([sees.ended(id, fence, cause)]);
    expect(await row(id)).toMatchObject({ state: 'retiring', reason: cause, changedBy: 'host:gpu-01' });
    await host.report([sees.stopped(id, fence)]);
    expect(await row(id)).toMatchObject({ state: 'retired', reason: cause });
    expect((await a100())?.free).toBe(2);
  });

  it('that never came up fails, and everything it held is free at once', async () => {
    const { id, fence } = await placed();
    await host.report([sees.failed(id, fence, 'name_taken')]);
    expect(await row(id)).toMatchObject({ state: 'failed', reason: 'name_taken' });
    expect((await a100())?.free).toBe(2);
    expect((await request(berth.app, ada, askFor({ devices: 2 }))).kind).toBe('requested');
  });
});

describe('a host that takes no new containers', () => {
  it('is told to the admins when that begins, once per kind and hour, and shown by status', async () => {
    const problem = { code: 'ledger_changed', detail: 'another ledger', blocking: true } as const;
    const told = async () =>
      berth.app.ledger.reads.execute(sql`select recipient, facts from outbox where kind = 'host_problem' order by id`);
    await host.report([], { problems: [problem, { code: 'probe_failed', detail: 'half', blocking: false }] });
    const facts = { host: 'gpu-01', problem };
    expect(await told()).toEqual([{ recipient: people.root, facts }]);
    expect((await a100())?.troubles).toEqual([{ host: 'gpu-01', code: 'ledger_changed' }]);
    await host.report([], { problems: [problem] });
    await host.report([]);
    await host.report([], { problems: [problem] });
    expect(await told()).toHaveLength(1);
    await host.report([], { problems: [problem, { code: 'network_unsafe', detail: 'rules', blocking: true }] });
    expect(await told()).toHaveLength(2);
    await host.report([]);
    berth.app.clock.move(3600);
    await host.report([], { problems: [problem] });
    expect(await told()).toHaveLength(3);
  });
});

describe('a device', () => {
  it('with a stranger’s process is occupied, shown with its owner, and leased only after two clear reports', async () => {
    const stranger = { pid: 4711, owner: 'eve', command: 'python train.py' };
    await host.report([], { devices: [device(0, { foreign: [stranger], foreignMemoryMib: 9000 }), device(1)] });
    expect(await a100()).toMatchObject({
      free: 1,
      occupied: 1,
      strangers: [{ host: 'gpu-01', index: 0, owner: 'eve', command: 'python train.py' }],
    });
    await host.report([]);
    expect(await a100()).toMatchObject({ free: 1, occupied: 0, suspect: 1 });
    await host.report([]);
    expect(await a100()).toMatchObject({ free: 2, suspect: 0 });
  });

  it('with memory in use that no process explains is occupied', async () => {
    await host.report([], { devices: [device(0, { foreignMemoryMib: 9000 }), device(1, { foreignMemoryMib: null })] });
    expect(await a100()).toMatchObject({ free: 0, occupied: 1, suspect: 1 });
  });

  it('that the probe knows nothing of is not leased, nor said to be used by somebody else', async () => {
    await host.report([], { devices: null });
    expect(await a100()).toMatchObject({ free: 0, occupied: 0, suspect: 2 });
    const { id } = await placed();
    expect((await row(id)).state).toBe('queued');
  });

  it('that has vanished is not leased, and its host’s others are', async () => {
    await host.report([], { devices: [device(1)] });
    expect((await a100())?.free).toBe(1);
  });

  it('of a host that was silent, with a stranger in the report that comes while its pool is served, is not leased', async () => {
    const outcome = await request(berth.app, ada, askFor());
    await approve(berth.app, pat, { id: allocationOf(outcome) ?? '', version: 1 });
    berth.app.clock.move(91);
    let placing: Promise<number> | undefined;
    // Between what is read of its devices and what else is read for the plan.
    await berth.app.ledger.reads.transaction(async (tx) => {
      await tx.execute(sql`lock table members in access exclusive mode`);
      placing = place(berth.app);
      await until(async () => (await waiters(berth.app)) === 1);
      await tx.execute(sql`update devices set occupancy = 'occupied', clear_reports = 0`);
      await tx.execute(sql`update hosts set last_report_at = ${berth.app.clock.now().toISOString()}`);
    });
    expect(await placing).toBe(0);
    expect(await place(berth.app)).toBe(0);
  });

  it('of a host with a blocking problem, or silent for 90 s, is not leased', async () => {
    await host.report([], { problems: [{ code: 'network_unsafe', detail: 'rules missing', blocking: true }] });
    expect(await a100()).toMatchObject({ free: 0, unreachable: 2 });
    await host.report([]);
    expect((await a100())?.free).toBe(2);
    berth.app.clock.move(91);
    expect(await a100()).toMatchObject({ free: 0, unreachable: 2 });
    const { id } = await placed();
    expect((await row(id)).state).toBe('queued');
  });

  it('of a host that is draining is said to be so, and not leased', async () => {
    await berth.app.ledger.reads.execute(sql`update hosts set mode = 'draining'`);
    expect(await a100()).toMatchObject({ free: 0, draining: 2, unreachable: 0 });
    berth.app.clock.move(91);
    expect(await a100()).toMatchObject({ draining: 0, unreachable: 2 });
  });

  it('of a host that is only observed is said to be so, and not leased', async () => {
    await berth.app.ledger.reads.execute(sql`update hosts set mode = 'observe'`);
    expect(await a100()).toMatchObject({ free: 0, observed: 2, unreachable: 0 });
  });

  it('of a host that has only spoken in what is the future since the clock was set back is not leased until it speaks again', async () => {
    berth.app.clock.move(-16);
    expect(await a100()).toMatchObject({ free: 0, unreachable: 2 });
    const { id } = await placed();
    expect((await row(id)).state).toBe('queued');
    await host.report([]);
    expect((await a100())?.free).toBe(2);
    await place(berth.app);
    expect((await row(id)).state).toBe('placed');
  });
});

describe('what a host says of itself', () => {
  const about = async () => {
    const { driver, labels } = (await findHost(berth.app.ledger.reads, 'gpu-01')) ?? {};
    return { driver, labels };
  };

  it('holds until it says otherwise; a driver that it cannot read this time is still the one that was', async () => {
    expect(await about()).toEqual({ driver: null, labels: [] });
    await testHost(berth.app, 'gpu-01', 2, 'NVIDIA A100 80GB', { driver: '550.54.15', labels: ['nvlink'] });
    expect(await about()).toEqual({ driver: '550.54.15', labels: ['nvlink'] });
    await testHost(berth.app, 'gpu-01', 2, 'NVIDIA A100 80GB', { driver: null, labels: [] });
    expect(await about()).toEqual({ driver: '550.54.15', labels: [] });
  });
});
