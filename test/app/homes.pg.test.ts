// App Homes follow the ledger: whose is drawn when, by one bot, not too often, and never in anybody's way.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { adjust } from '../../src/app/adjust.ts';
import { approve } from '../../src/app/answer-request.ts';
import { handOver } from '../../src/app/beforehand.ts';
import { importPolicy } from '../../src/app/import-policy.ts';
import { place } from '../../src/app/place.ts';
import { openHome, publishHomes } from '../../src/app/publish-homes.ts';
import { request } from '../../src/app/request.ts';
import { cancel } from '../../src/app/withdraw.ts';
import type { HomeTabView, MemberHome } from '../../src/domain/home-tab-view.ts';
import { allocationOf } from '../../src/domain/outcome.ts';
import { homes } from '../../src/ledger/home-schema.ts';
import { askFor, sees, testApp, testHost, type TestApp, type TestHost } from '../support/app.ts';
import { people, POOLS, testPolicy } from '../support/policy.ts';

const { ada, bob, pat, root } = people;
const DAY = 86_400;
const withoutApproval = POOLS.map((pool) => ({ ...pool, approval: 'none' }));

let berth: TestApp;
let host: TestHost;
beforeEach(async () => {
  berth = await testApp({ policy: testPolicy({ quota: { gpus: 4, gpusPerRequest: 4, cpuContainers: 2, gpuHours: 100 } }) });
  host = await testHost(berth.app, 'gpu-01', 2);
});
afterEach(async () => berth.end());

async function open(...users: readonly string[]): Promise<void> {
  for (const user of users) await openHome(berth.app, (await berth.call(user)).actor);
  await publishHomes(berth.app);
}

/** Whose Homes are drawn when `seconds` have passed. */
async function drawn(seconds = 10): Promise<string[]> {
  berth.app.clock.move(seconds);
  const before = berth.homes.length;
  await publishHomes(berth.app);
  return berth.homes.slice(before).map(({ user }) => user);
}

const asked = async (user: string, change = {}) => allocationOf(await request(berth.app, await berth.call(user), askFor(change))) ?? '';
const member = (view: HomeTabView | undefined): MemberHome => {
  if (view === undefined || 'refused' in view) throw new Error('no Home of a member was drawn');
  return view;
};
const last = (user: string) => member(berth.homes.findLast((home) => home.user === user)?.view);

describe('a Home', () => {
  it('shows what is mine, what is free, my quota, and to approvers what waits for them', async () => {
    const id = await asked(ada);
    await open(ada, bob, pat);
    expect(last(ada)).toMatchObject({
      reader: ada,
      mine: [{ id, state: 'requested' }],
      pools: [{ name: 'a100', free: 2 }, { name: 'l4' }, { name: 'cpu' }],
      quota: { member: { use: { heldMilli: 1000 } } },
      approvals: null,
    });
    expect(last(bob)).toMatchObject({ mine: [], approvals: null });
    expect(last(pat)).toMatchObject({ approvals: [{ id, holder: ada }] });
  });

  it('is drawn anew when something of it changes, and only that', async () => {
    await open(ada, bob, pat);
    expect(await drawn()).toEqual([]);
    const id = await asked(ada);
    expect((await drawn()).toSorted()).toEqual([ada, pat]);
    await approve(berth.app, await berth.call(pat), { id, version: 1 });
    expect((await drawn()).toSorted()).toEqual([ada, pat]);
    expect(last(pat).approvals).toEqual([]);
    await place(berth.app);
    expect(await drawn()).toEqual([ada]);
    await host.report([sees.running(id, 1)]);
    expect(await drawn()).toEqual([ada]);
    expect(last(ada).mine).toMatchObject([{ id, state: 'active' }]);
  });

  it('follows the line, an admin’s limits, a hand-over, the policy and the week', async () => {
    await importPolicy(
      berth.app,
      testPolicy({ quota: { gpus: 4, gpusPerRequest: 4, cpuContainers: 2, gpuHours: 100 }, pools: withoutApproval }),
    );
    const [first] = [await asked(bob, { devices: 2 }), await asked(ada, { devices: 2 })];
    await open(ada);
    await drawn();
    expect(last(ada).mine).toMatchObject([{ ahead: 1 }]);
    await cancel(berth.app, await berth.call(bob), { id: first, version: null });
    expect(await drawn()).toEqual([ada]);
    expect(last(ada).mine).toMatchObject([{ ahead: 0 }]);
    const limit = { kind: 'set_override', user: ada, limit: 'gpus', value: 3000, expiresAt: null, reason: 'x' } as const;
    await adjust(berth.app, await berth.call(root), limit);
    expect(await drawn()).toEqual([ada]);
    await handOver(berth.app, await berth.call(pat), { to: ada, until: '2026-03-05T00:00:00Z' });
    expect(await drawn()).toEqual([ada]);
    expect(last(ada).approvals).toEqual([]);
    await drawn();
    await importPolicy(berth.app, testPolicy());
    expect(await drawn()).toEqual([ada]);
    expect(await drawn(3 * DAY)).toEqual([ada]);
    expect(last(ada).approvals).toBeNull();
    expect(await drawn(5 * DAY)).toEqual([ada]);
    expect(await drawn()).toEqual([]);
  });

  it('is drawn once in ten seconds at most, also for whoever keeps opening it', async () => {
    await open(ada);
    await asked(ada);
    expect(await drawn(9)).toEqual([]);
    await openHome(berth.app, (await berth.call(ada)).actor);
    expect(await drawn(0)).toEqual([]);
    expect(await drawn(1)).toEqual([ada]);
    await openHome(berth.app, (await berth.call(ada)).actor);
    expect(await drawn()).toEqual([ada]);
  });

  it('is drawn by one of two bots', async () => {
    const another = await berth.another();
    for (const user of [ada, bob, pat]) await openHome(berth.app, (await berth.call(user)).actor);
    const both = await Promise.all([publishHomes(berth.app), publishHomes(another)]);
    expect(both[0] + both[1]).toBe(3);
    expect(berth.homes.map(({ user }) => user).toSorted()).toEqual([ada, bob, pat]);
  });

  it('is drawn by another bot when the one that was at it has died', async () => {
    const dying = { ...berth.app, homeTabs: { show: async () => Promise.reject(new Error('killed')) } };
    await openHome(berth.app, (await berth.call(ada)).actor);
    await expect(publishHomes(dying)).rejects.toThrow('killed');
    expect(await drawn(29)).toEqual([]);
    expect(await drawn(1)).toEqual([ada]);
  });

  it('waits when Slack does not take it, longer each time, and everybody’s as long as Slack asks', async () => {
    berth.slackSaysToHomes.push(
      { kind: 'failed', error: 'timeout', hopeless: false },
      { kind: 'failed', error: 'timeout', hopeless: false },
    );
    await open(ada);
    expect(await drawn(0)).toEqual([]);
    expect(await drawn(1)).toEqual([ada]);
    expect(await drawn(1)).toEqual([]);
    berth.slackSaysToHomes.push({ kind: 'rate_limited', retryAfterSeconds: 45 });
    await open(bob);
    berth.app.clock.move(40);
    await open(pat);
    expect(berth.homes.filter(({ user }) => user === pat)).toHaveLength(1);
    expect((await drawn(5)).toSorted()).toEqual([ada, bob]);
  });

  it('is forgotten when it has not been opened for thirty days', async () => {
    await open(ada);
    await drawn(29 * DAY);
    await asked(ada);
    expect(await drawn()).toEqual([ada]);
    await asked(ada);
    expect(await drawn(DAY)).toEqual([]);
    expect(await berth.app.ledger.reads.$count(homes)).toBe(0);
  });

  it('of somebody who is no member any more says so once, and is forgotten', async () => {
    await open(ada);
    await asked(ada);
    berth.departed.add(ada);
    expect(await drawn()).toEqual([ada]);
    expect(berth.homes.at(-1)?.view).toEqual({ refused: { code: 'not_a_member', why: 'deactivated' } });
    await asked(ada);
    expect(await drawn()).toEqual([]);
  });

  it('says what Slack does not tell about a group, and the rest all the same', async () => {
    await importPolicy(berth.app, testPolicy({ approvers: ['S0APPROVE'], quota: { gpus: 4, gpusPerRequest: 4, cpuContainers: 2 } }));
    await open(ada);
    expect(last(ada)).toMatchObject({ approvals: { refused: { code: 'approvers_unreadable' } }, quota: { member: { user: ada } } });
  });
});
