// Row B1: approvers and teams by groups of Slack. Whoever has just joined one counts only after a while, and the admins hear of them.
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { approve, deny } from '../../src/app/answer-request.ts';
import type { App, Call } from '../../src/app/app.ts';
import type { LetterView } from '../../src/domain/letter-view.ts';
import { deliver } from '../../src/app/deliver.ts';
import { watchGroups } from '../../src/app/groups.ts';
import { importPolicy } from '../../src/app/import-policy.ts';
import { request } from '../../src/app/request.ts';
import { viewAllocation } from '../../src/app/view-allocation.ts';
import { viewQuota } from '../../src/app/view-quota.ts';
import { viewWhy } from '../../src/app/view-why.ts';
import { allocationOf } from '../../src/domain/outcome.ts';
import { askFor, refusalOf, testApp, testHost, type TestApp } from '../support/app.ts';
import { until, waiters } from '../support/locks.ts';
import { people, testPolicy, type PolicyChange } from '../support/policy.ts';

const GROUP = 'S0APPROVE';
const TEAM_GROUP = 'S0VISION1';
const DAY = 24 * 3600;
const { ada, bob, pat, pia, root } = people;

let berth: TestApp;
const policy = (change: PolicyChange = {}) =>
  testPolicy({
    approvers: [GROUP],
    teams: [{ name: 'vision', members: { group: TEAM_GROUP }, each: { gpus: 4 } }],
    admins: [root, pia],
    ...change,
  });
beforeEach(async () => {
  berth = await testApp({ policy: policy() });
  await testHost(berth.app, 'gpu-01', 8);
  setGroup(GROUP, pat);
  setGroup(TEAM_GROUP, ada);
});
afterEach(async () => berth.end());

function setGroup(group: string, ...members: readonly string[]): void {
  berth.groups.set(group, new Set(members));
}

async function asked(user: string = ada): Promise<string> {
  return allocationOf(await request(berth.app, await berth.call(user), askFor())) ?? '';
}

async function answerBy(user: string, id: string, by: 'approve' | 'deny' = 'approve'): Promise<string> {
  const answer = by === 'approve' ? approve : deny;
  return (await refusalOf(answer(berth.app, await berth.call(user), { id, version: 1 })))?.code ?? 'done';
}

async function stateOf(id: string): Promise<string | undefined> {
  return (await viewAllocation(berth.app, id))?.state;
}

describe('a group of approvers', () => {
  it('answers from the start with those who were in it when it was first read', async () => {
    const id = await asked();
    expect((await viewAllocation(berth.app, id))?.approval?.asked).toEqual([pat]);
    expect(await answerBy(bob, id)).toBe('not_approver');
    expect(await answerBy(pat, id)).toBe('done');
    expect(await stateOf(id)).toBe('queued');
  });

  it('gives a joiner of a minute ago no say before a day is over', async () => {
    const id = await asked();
    setGroup(GROUP, pat, bob);
    await watchGroups(berth.app);
    berth.app.clock.move(60);
    expect([await answerBy(bob, id), await answerBy(bob, id, 'deny')]).toEqual(['not_approver', 'not_approver']);
    expect((await viewAllocation(berth.app, id))?.approval?.asked).toEqual([pat]);
    berth.app.clock.move(DAY - 61);
    const second = await asked();
    expect(await answerBy(bob, second)).toBe('not_approver');
    berth.app.clock.move(1);
    expect(await answerBy(bob, second)).toBe('done');
  });

  it('counts a joiner from when a decision saw them, if nobody looked before', async () => {
    const id = await asked();
    setGroup(GROUP, pat, bob);
    expect(await answerBy(bob, id)).toBe('not_approver');
    expect(await stateOf(id)).toBe('requested');
    berth.app.clock.move(DAY);
    expect(await answerBy(bob, await asked())).toBe('done');
  });

  it('lets whoever left and came back wait anew, and not whom an older list lacks for a moment', async () => {
    setGroup(GROUP, pat, bob);
    const id = await asked();
    setGroup(GROUP, bob);
    await watchGroups(berth.app);
    berth.app.clock.move(60);
    setGroup(GROUP, pat, bob);
    await watchGroups(berth.app);
    expect(await answerBy(pat, id)).toBe('done');

    setGroup(GROUP, bob);
    const second = await asked();
    expect(await answerBy(pat, second)).toBe('not_approver');
    berth.app.clock.move(121);
    setGroup(GROUP, pat, bob);
    expect(await answerBy(pat, second)).toBe('not_approver');
    berth.app.clock.move(DAY);
    expect(await answerBy(pat, await asked())).toBe('done');
  });

  it('that cannot be read decides nothing, while the request waits', async () => {
    await watchGroups(berth.app);
    berth.groups.delete(GROUP);
    const id = await asked();
    expect(await stateOf(id)).toBe('requested');
    expect((await viewAllocation(berth.app, id))?.approval?.asked).toEqual([GROUP]);
    const refused = await refusalOf(approve(berth.app, await berth.call(pat), { id, version: 1 }));
    expect(refused).toEqual({ code: 'approvers_unreadable', groups: [GROUP] });
    expect(await answerBy(pat, id, 'deny')).toBe('approvers_unreadable');
    expect(await stateOf(id)).toBe('requested');
    setGroup(GROUP, pat);
    expect(await answerBy(pat, id)).toBe('done');
  });

  it('that cannot be read stops nobody whom the policy names by their own id', async () => {
    await importPolicy(berth.app, policy({ approvers: [GROUP, pia] }));
    berth.groups.delete(GROUP);
    const id = await asked();
    expect((await viewAllocation(berth.app, id))?.approval?.asked).toEqual([pia, GROUP]);
    expect(await answerBy(pia, id)).toBe('done');
  });

  it('with nobody in it but the requester can approve nothing', async () => {
    setGroup(GROUP, ada);
    expect(await request(berth.app, await berth.call(ada), askFor())).toMatchObject({ refusal: { code: 'no_approver' } });
    setGroup(GROUP);
    expect(await request(berth.app, await berth.call(bob), askFor())).toMatchObject({ refusal: { code: 'no_approver' } });
  });

  it('lets its members see why, and nobody by it while it cannot be read', async () => {
    const id = await asked();
    expect((await viewWhy(berth.app, (await berth.call(pat)).actor, id)).id).toBe(id);
    berth.groups.delete(GROUP);
    expect(await refusalOf(viewWhy(berth.app, (await berth.call(pat)).actor, id))).toMatchObject({ code: 'not_visible' });
    expect((await viewWhy(berth.app, (await berth.call(root)).actor, id)).id).toBe(id);
  });

  it.each([
    ['another group', { approvers: ['S0OTHERS1'] }],
    ['another wait', { groupWait: '48h' }],
  ])('is decided by again when the policy names %s meanwhile', async (_, change) => {
    const id = await asked();
    const { app } = berth;
    const groupMembers = async (group: string) => {
      await importPolicy(app, policy(change));
      return app.directory.groupMembers(group);
    };
    const slow: App = { ...app, directory: { ...app.directory, groupMembers } };
    expect(await refusalOf(approve(slow, await berth.call(pat), { id, version: 1 }))).toEqual({ code: 'busy' });
    expect(await stateOf(id)).toBe('requested');
  });
});

describe('the group of a team', () => {
  it('pays for a joiner only after a day', async () => {
    await watchGroups(berth.app);
    setGroup(TEAM_GROUP, ada, bob);
    const teamOf = async (call: Call) => (await viewQuota(berth.app, call.actor, null)).team?.name ?? null;
    const [first, joiner] = [await berth.call(ada), await berth.call(bob)];
    expect([await teamOf(first), await teamOf(joiner)]).toEqual(['vision', null]);
    expect(await request(berth.app, joiner, askFor({ devices: 2 }))).toMatchObject({ kind: 'requested' });
    expect(await request(berth.app, joiner, askFor())).toMatchObject({ refusal: { code: 'over_member_limit', limitMilli: 2000 } });
    berth.app.clock.move(DAY);
    expect(await teamOf(joiner)).toBe('vision');
    expect(await request(berth.app, joiner, askFor())).toMatchObject({ kind: 'requested' });
  });
});

describe('groupWait: none', () => {
  it('lets joiners count at once, who are announced all the same', async () => {
    await importPolicy(berth.app, policy({ groupWait: 'none' }));
    const id = await asked();
    setGroup(GROUP, pat, bob);
    expect(await answerBy(bob, id)).toBe('done');
    expect((await announced()).map(({ recipient }) => recipient).toSorted()).toEqual([pia, root].toSorted());
  });
});

type Announced = Extract<LetterView, { kind: 'group_joined' }> & { recipient: string };

async function announced(): Promise<Announced[]> {
  await deliver(berth.app);
  return berth.shown.flatMap(({ letter, recipient }) => (letter.kind === 'group_joined' ? [{ ...letter, recipient }] : []));
}

describe('joiners', () => {
  it('are announced once to each admin, though two bots look at the same moment', async () => {
    await watchGroups(berth.app);
    expect(await announced()).toEqual([]);
    const other = await berth.another();
    setGroup(GROUP, pat, bob, ada);
    const joined = await Promise.all([watchGroups(berth.app), watchGroups(other), watchGroups(berth.app), watchGroups(other)]);
    expect(joined.reduce((sum, count) => sum + count, 0)).toBe(2);
    berth.app.clock.move(60);
    await Promise.all([watchGroups(berth.app), watchGroups(other)]);
    const letters = await announced();
    expect(letters.map(({ recipient }) => recipient).toSorted()).toEqual([pia, root].toSorted());
    expect(letters[0]).toMatchObject({
      group: GROUP,
      roles: { approvers: true, teams: [] },
      countFrom: '2026-03-03T09:00:00.000Z',
    });
    expect(letters[0]?.users.toSorted()).toEqual([ada, bob].toSorted());
  });

  it('are announced when a request or an answer saw them first, and of a team by its name', async () => {
    await asked();
    setGroup(TEAM_GROUP, ada, bob);
    await asked(bob);
    await watchGroups(berth.app);
    const letters = await announced();
    expect(letters).toHaveLength(2);
    expect(letters[0]).toMatchObject({ group: TEAM_GROUP, users: [bob], roles: { approvers: false, teams: ['vision'] } });
  });

  it('are known but not announced where the group only admits', async () => {
    const members = { group: 'S0MEMBERS' };
    await importPolicy(berth.app, policy({ members }));
    setGroup(members.group, ada, pat);
    await watchGroups(berth.app);
    setGroup(members.group, ada, pat, bob);
    expect(await watchGroups(berth.app)).toBe(1);
    expect(await announced()).toEqual([]);
    await importPolicy(berth.app, policy({ members, approvers: [members.group] }));
    expect(await answerBy(bob, await asked())).toBe('not_approver');
  });

  it('are announced again when they come back after they left', async () => {
    await watchGroups(berth.app);
    for (const round of [1, 2]) {
      setGroup(GROUP, pat, bob);
      await watchGroups(berth.app);
      expect(await announced()).toHaveLength(2 * round);
      setGroup(GROUP, pat);
      await watchGroups(berth.app);
      berth.app.clock.move(121);
      await watchGroups(berth.app);
    }
    const left = await berth.app.ledger.reads.execute(sql`select slack_user from group_members where slack_group = ${GROUP}`);
    expect([...left]).toEqual([{ slack_user: pat }]);
  });
});

it('two bots that read a group for the first time at once announce nobody', async () => {
  const other = await berth.another();
  await Promise.all([watchGroups(berth.app), watchGroups(other), watchGroups(berth.app), watchGroups(other)]);
  expect(await announced()).toEqual([]);
});

it('bots take turns at a group, whatever is new in it', async () => {
  await watchGroups(berth.app);
  setGroup(GROUP, pat, bob);
  const other = await berth.another();
  const watching = await other.ledger.reads.transaction(async (tx) => {
    await tx.execute(sql`select from slack_groups where slack_group = ${GROUP} for no key update`);
    const [first, second] = [watchGroups(berth.app), watchGroups(berth.app)];
    await until(async () => (await waiters(other)) === 2);
    return { both: Promise.all([first, second]) };
  });
  expect((await watching.both).toSorted()).toEqual([0, 1]);
});

it('a policy that names no group asks the ledger for none', async () => {
  await importPolicy(berth.app, policy({ approvers: [pat], teams: [] }));
  await asked();
  await watchGroups(berth.app);
  expect([...(await berth.app.ledger.reads.execute(sql`select slack_group from slack_groups`))]).toEqual([]);
});
