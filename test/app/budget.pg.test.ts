// Budgets, teams, overrides and silent hosts, as decisions on a real ledger; after each test the ledger is verified.
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { adjust } from '../../src/app/adjust.ts';
import type { Call } from '../../src/app/app.ts';
import { askAgain } from '../../src/app/ask-again.ts';
import { expire } from '../../src/app/expire.ts';
import { importPolicy } from '../../src/app/import-policy.ts';
import { place } from '../../src/app/place.ts';
import { request } from '../../src/app/request.ts';
import { rollOverBudgets } from '../../src/app/roll-over-budgets.ts';
import { verifyLedger } from '../../src/app/verify-ledger.ts';
import { viewQuota } from '../../src/app/view-quota.ts';
import { release } from '../../src/app/withdraw.ts';
import { allocationOf, type Outcome } from '../../src/domain/outcome.ts';
import { RefusalError } from '../../src/domain/refusal.ts';
import { parseMoment } from '../../src/domain/time.ts';
import { findAllocation } from '../../src/ledger/allocations.ts';
import { askFor, sees, testApp, testHost, type TestApp, type TestHost } from '../support/app.ts';
import { people, testPolicy, type PolicyChange } from '../support/policy.ts';

const HOUR = 3600;
const policyWith = (change: PolicyChange = {}) =>
  testPolicy({
    quota: { gpus: 4, gpusPerRequest: 4, cpuContainers: 2, gpuHours: 10 },
    pools: [{ ...testPolicy().pools[0], approval: 'none', maxDuration: '24h' }],
    ...change,
  });

let berth: TestApp;
let host: TestHost;
let ada: Call;
let bob: Call;
let root: Call;

beforeEach(async () => {
  berth = await testApp({ policy: policyWith() });
  host = await testHost(berth.app, 'gpu-01', 4);
  [ada, bob, root] = await Promise.all([berth.call(people.ada), berth.call(people.bob), berth.call(people.root)]);
});
afterEach(async () => {
  const { discrepancy } = await verifyLedger(berth.app.ledger);
  await berth.end();
  if (discrepancy !== null) throw new Error(`the ledger does not hold: ${JSON.stringify(discrepancy)}`);
});

const ask = (call: Call, devices: number, hours: number): Promise<Outcome> =>
  request(berth.app, call, askFor({ devices, durationSeconds: hours * HOUR }));
const code = (outcome: Outcome) => (outcome.kind === 'refused' ? outcome.refusal.code : outcome.kind);
const hours = (milliSeconds: number) => milliSeconds / 3_600_000;
/** GPU-hours of the current period that count against the member. */
const committed = async (call: Call) => hours((await viewQuota(berth.app, call.actor, null)).member?.use.committed ?? 0);
async function running(call: Call, devices: number, forHours: number): Promise<{ id: string; fence: number }> {
  const id = allocationOf(await ask(call, devices, forHours)) ?? '';
  await place(berth.app);
  const fence = (await findAllocation(berth.app.ledger.reads, id))?.allocation.fence ?? 0;
  await host.report([sees.running(id, fence)]);
  return { id, fence };
}

describe('a budget', () => {
  it('is set aside by the request, used while it runs, and the rest comes back', async () => {
    const { id, fence } = await running(ada, 2, 4);
    expect(await committed(ada)).toBe(8);
    expect(code(await ask(ada, 1, 3))).toBe('over_budget');
    berth.app.clock.move(1.5 * HOUR);
    await host.report([sees.running(id, fence)]);
    await release(berth.app, ada, { id, version: null });
    expect(await committed(ada)).toBe(3);
    expect(code(await ask(ada, 1, 7))).toBe('requested');
    expect(code(await ask(ada, 1, 1))).toBe('over_budget');
  });

  it('is not used by what nobody saw running', async () => {
    await running(ada, 1, 8);
    berth.app.clock.move(9 * HOUR);
    expect(await expire(berth.app)).toBe(1);
    expect(await committed(ada)).toBe(0);
  });

  it('refuses with the numbers and when it is filled again', async () => {
    await ask(ada, 2, 4);
    expect(await ask(ada, 1, 3)).toMatchObject({
      refusal: {
        code: 'over_budget',
        team: null,
        asked: 10_800_000,
        committed: 28_800_000,
        limit: 36_000_000,
        refillsAt: '2026-03-09T00:00:00.000Z',
      },
    });
  });

  it('costs what the pool’s rate says, and a CPU container nothing', async () => {
    await importPolicy(berth.app, policyWith({ pools: [{ ...testPolicy().pools[0], approval: 'none', maxDuration: '24h', rate: 0.25 }] }));
    await ask(ada, 2, 4);
    expect(await committed(ada)).toBe(2);
    await request(berth.app, ada, askFor({ pool: 'cpu', devices: 0 }));
    expect(await committed(ada)).toBe(2);
  });
});

describe('a new period', () => {
  beforeEach(() => berth.app.clock.set(parseMoment('2026-03-08T20:00:00Z')));

  it('takes over what is left of a lease, above the limit too, and each hour is used once', async () => {
    await host.report([]);
    const { id, fence } = await running(ada, 1, 10);
    berth.app.clock.move(4.5 * HOUR);
    await host.report([sees.running(id, fence)]);
    await importPolicy(berth.app, policyWith({ quota: { gpus: 4, gpusPerRequest: 4, cpuContainers: 2, gpuHours: 5 } }));
    expect(await rollOverBudgets(berth.app)).toBe(1);
    expect(await rollOverBudgets(berth.app)).toBe(0);
    expect(await committed(ada)).toBe(6);
    expect(code(await ask(ada, 1, 1))).toBe('over_budget');
    berth.app.clock.move(1.5 * HOUR);
    await host.report([sees.running(id, fence)]);
    await release(berth.app, ada, { id, version: null });
    expect(await committed(ada)).toBe(2);
    const old = await berth.app.ledger.reads.execute<{ committed: string }>(
      sql`select committed from balances where period_start = '2026-03-02T00:00:00Z'`,
    );
    expect(old.map(({ committed: amount }) => hours(Number(amount)))).toEqual([4]);
  });

  it('counts before the job has run: a request right after the boundary sees what is held', async () => {
    await host.report([]);
    const { id, fence } = await running(ada, 1, 10);
    berth.app.clock.set(parseMoment('2026-03-09T00:00:01Z'));
    await host.report([sees.running(id, fence)]);
    expect(code(await ask(ada, 1, 5))).toBe('over_budget');
    expect(code(await ask(ada, 1, 3))).toBe('requested');
  });
});

describe('a clock that is set back', () => {
  it('costs nothing and breaks nothing, also over the boundary of a period', async () => {
    berth.app.clock.set(parseMoment('2026-03-09T00:10:00Z'));
    await host.report([]);
    const { id, fence } = await running(ada, 1, 2);
    berth.app.clock.set(parseMoment('2026-03-08T23:50:00Z'));
    await host.report([sees.running(id, fence)]);
    expect(code(await ask(ada, 1, 7))).toBe('requested');
    expect(await committed(ada)).toBe(9);
    await release(berth.app, ada, { id, version: null });
    expect(await committed(ada)).toBe(7);
    berth.app.clock.set(parseMoment('2026-03-09T00:10:00Z'));
    expect(await rollOverBudgets(berth.app)).toBe(1);
    expect(await committed(ada)).toBe(7);
  });
});

describe('a policy with 10,000 members of their own limits', () => {
  it('is imported and decided by within the time that Slack waits', async () => {
    const everybody = Array.from({ length: 10_000 }, (_, index) => ({
      user: `U0MANY${String(index).padStart(5, '0')}`,
      quota: { gpus: 1 },
    }));
    await importPolicy(berth.app, policyWith({ people: [...everybody, { user: people.ada, quota: { gpus: 2 } }] }));
    const began = performance.now();
    expect(await ask(ada, 3, 1)).toMatchObject({ refusal: { code: 'over_member_limit', limitMilli: 2000, source: { layer: 'member' } } });
    expect(code(await ask(ada, 2, 1))).toBe('requested');
    expect(performance.now() - began).toBeLessThan(2000);
  });
});

describe('a team', () => {
  beforeEach(async () => {
    await importPolicy(
      berth.app,
      policyWith({ teams: [{ name: 'vision', members: { list: [people.ada, people.bob] }, total: { gpus: 3, gpuHours: 12 } }] }),
    );
  });

  it('is limited as a whole, at the same time and per period', async () => {
    expect(code(await ask(ada, 2, 2))).toBe('requested');
    expect(await ask(bob, 2, 2)).toMatchObject({ refusal: { code: 'over_team_limit', team: 'vision', heldMilli: 2000, limitMilli: 3000 } });
    expect(await ask(bob, 1, 9)).toMatchObject({ refusal: { code: 'over_budget', team: 'vision' } });
    expect(code(await ask(bob, 1, 8))).toBe('requested');
  });

  it('is not over-granted by two members at once in two processes', async () => {
    const other = await berth.another();
    const both = await Promise.all([ask(ada, 2, 1), request(other, bob, askFor({ devices: 2, durationSeconds: HOUR }))]);
    expect(both.map(code).toSorted()).toEqual(['over_team_limit', 'requested']);
  });
});

describe('a host that is silent', () => {
  it('keeps its devices, but what runs there does not count; back above the limit nothing ends and nothing more is granted', async () => {
    await importPolicy(berth.app, policyWith({ quota: { gpus: 1, gpusPerRequest: 1, cpuContainers: 2 } }));
    const { id, fence } = await running(ada, 1, 8);
    expect(code(await ask(ada, 1, 1))).toBe('over_member_limit');
    berth.app.clock.move(120);
    const second = await testHost(berth.app, 'gpu-02', 1);
    expect(code(await ask(ada, 1, 1))).toBe('requested');
    await host.report([sees.running(id, fence)]);
    await second.report([]);
    expect((await findAllocation(berth.app.ledger.reads, id))?.allocation.state).toBe('active');
    expect(code(await ask(ada, 1, 1))).toBe('over_member_limit');
    await release(berth.app, ada, { id, version: null });
  });
});

describe('an admin', () => {
  const override = { kind: 'set_override', user: people.ada, limit: 'gpus', value: 8000, reason: 'deadline' } as const;

  it('sets a limit of one member for a while, and the member is told', async () => {
    await importPolicy(berth.app, policyWith({ quota: { gpus: 1, gpusPerRequest: 4, cpuContainers: 2 } }));
    expect(code(await ask(ada, 2, 1))).toBe('over_member_limit');
    const call = await berth.call(people.root, 'command:1');
    await berth.app.intake.note({ key: 'command:1', verb: 'adjust', team: 'T0BERTH01', user: people.root, ask: {} });
    await adjust(berth.app, call, { ...override, expiresAt: '2026-03-16T09:00:00.000Z' });
    expect(code(await ask(ada, 2, 1))).toBe('requested');
    expect((await viewQuota(berth.app, root.actor, { kind: 'member', user: people.ada })).member?.limits.gpus).toMatchObject({
      value: 8000,
      source: { layer: 'override', reason: 'deadline', by: `member:${people.root}` },
    });
    berth.app.clock.set(parseMoment('2026-03-16T09:00:00Z'));
    await host.report([]);
    expect(code(await ask(ada, 1, 1))).toBe('over_member_limit');
    const letters = await berth.app.ledger.reads.execute<{ recipient: string }>(
      sql`select recipient from outbox where kind = 'limits_changed'`,
    );
    expect(letters.map(({ recipient }) => recipient)).toEqual([people.ada]);
  });

  it('takes it back, and gives more of this period’s budget', async () => {
    await adjust(berth.app, root, { ...override, expiresAt: null });
    await adjust(berth.app, root, { kind: 'revoke_override', user: people.ada, limit: 'gpus' });
    const again = adjust(berth.app, root, { kind: 'revoke_override', user: people.ada, limit: 'gpus' });
    await expect(again).rejects.toMatchObject({ refusal: { code: 'no_override' } });
    expect(code(await ask(ada, 1, 15))).toBe('over_budget');
    await adjust(berth.app, root, { kind: 'grant', user: people.ada, milliSeconds: 5 * 3_600_000, reason: 'rerun' });
    expect(code(await ask(ada, 1, 15))).toBe('requested');
  });

  it('gives no more than can be counted, and a request that could not be is refused as over its budget', async () => {
    const most = { kind: 'grant', user: people.ada, milliSeconds: 1_000_000_000 * 3_600_000, reason: 'all there is' } as const;
    await adjust(berth.app, root, most);
    await adjust(berth.app, root, most);
    await expect(adjust(berth.app, root, most)).rejects.toMatchObject({ refusal: { code: 'beyond_counting', user: people.ada } });
    expect(await committed(ada)).toBe(-2_000_000_000);
    await importPolicy(berth.app, policyWith({ quota: { gpus: 4, gpusPerRequest: 4, cpuContainers: 2 } }));
    for (let times = 0; times < 4; times++) await adjust(berth.app, root, { ...most, milliSeconds: -most.milliSeconds });
    await adjust(berth.app, root, { ...most, milliSeconds: -1_807_199_244_740_991 });
    expect(await ask(ada, 4, 24)).toMatchObject({ refusal: { code: 'over_budget', limit: Number.MAX_SAFE_INTEGER } });
    expect(code(await ask(ada, 1, 1))).toBe('requested');
  });

  it('is the only one who can', async () => {
    for (const call of [ada, bob, await berth.call(people.pat)]) {
      await expect(adjust(berth.app, call, { ...override, expiresAt: null })).rejects.toBeInstanceOf(RefusalError);
    }
    expect((await viewQuota(berth.app, ada.actor, null)).member?.limits.gpus.value).toBe(4000);
  });
});

describe('asking again', () => {
  it('asks for the same, and is refused rather than given another image when its own is gone', async () => {
    await ask(ada, 2, 3);
    const again = await askAgain(berth.app, ada.actor, null);
    expect(again).toMatchObject({ pool: 'a100', devices: 2, durationSeconds: 3 * HOUR, image: 'test', purpose: 'testing' });
    await importPolicy(berth.app, policyWith({ images: [{ name: 'new', reference: 'berth-new:1' }] }));
    const outcome = await request(berth.app, ada, await askAgain(berth.app, ada.actor, null));
    expect(outcome).toMatchObject({ refusal: { code: 'unknown_image', name: 'berth-test:1', images: ['new'] } });
  });
});

describe('whose quota one may look at', () => {
  const who = (call: Call, user: string) =>
    viewQuota(berth.app, call.actor, { kind: 'member', user }).then(
      () => 'seen',
      (error: RefusalError) => error.refusal.code,
    );

  it.each([
    ['self', ['not_visible', 'not_visible', 'seen']],
    ['team', ['seen', 'not_visible', 'seen']],
    ['all', ['seen', 'seen', 'seen']],
  ])('%s', async (visibility, expected) => {
    await importPolicy(berth.app, policyWith({ visibility, teams: [{ name: 'vision', members: { list: [people.ada, people.bob] } }] }));
    const pat = await berth.call(people.pat);
    expect([await who(bob, people.ada), await who(pat, people.ada), await who(root, people.ada)]).toEqual(expected);
  });
});

it('takes no entry back: the journal only grows', async () => {
  await ask(ada, 1, 1);
  for (const statement of ['update entries set amount = 1', 'delete from entries', 'truncate entries']) {
    await expect(berth.app.ledger.reads.execute(sql.raw(statement))).rejects.toMatchObject({
      cause: { message: 'entries are append-only' },
    });
  }
});
