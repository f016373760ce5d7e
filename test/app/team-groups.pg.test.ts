// Teams by groups of Slack: who is in one decides whose limits count, and while that cannot be told nothing is granted past them.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { approve } from '../../src/app/answer-request.ts';
import type { Call } from '../../src/app/app.ts';
import { place } from '../../src/app/place.ts';
import { request } from '../../src/app/request.ts';
import { viewQuota } from '../../src/app/view-quota.ts';
import { allocationOf } from '../../src/domain/outcome.ts';
import { askFor, refusalOf, testApp, testHost, type TestApp } from '../support/app.ts';
import { people, testPolicy } from '../support/policy.ts';

let berth: TestApp;
let ada: Call;
let bob: Call;
beforeEach(async () => {
  const teams = [
    { name: 'listed', members: { list: [people.bob] } },
    { name: 'vision', members: { group: 'S0VISION1' }, total: { gpus: 1 } },
  ];
  berth = await testApp({ policy: testPolicy({ teams }) });
  await testHost(berth.app, 'gpu-01', 4);
  [ada, bob] = await Promise.all([berth.call(people.ada), berth.call(people.bob)]);
});
afterEach(async () => berth.end());

it('the team of a group is limited as a whole', async () => {
  berth.groups.set('S0VISION1', new Set([people.ada]));
  expect(await request(berth.app, ada, askFor())).toMatchObject({ kind: 'requested' });
  expect(await request(berth.app, ada, askFor())).toMatchObject({ refusal: { code: 'over_team_limit', team: 'vision' } });
});

it('what a team has on a host that last spoke in what is the future now is told apart, as on any silent host', async () => {
  berth.groups.set('S0VISION1', new Set([people.ada]));
  const pat = await berth.call(people.pat);
  const id = allocationOf(await request(berth.app, ada, askFor())) ?? '';
  await approve(berth.app, pat, { id, version: 1 });
  await place(berth.app);
  berth.app.clock.move(-15);
  const use = async () => (await viewQuota(berth.app, ada.actor, null)).team?.use;
  expect(await use()).toMatchObject({ heldMilli: 1000, silentMilli: 0 });
  berth.app.clock.move(-1);
  expect(await use()).toMatchObject({ heldMilli: 0, silentMilli: 1000 });
});

it('a member of a group that cannot be read is granted nothing, and one whose team is known all the same', async () => {
  const unknown = { code: 'payer_unknown', team: 'vision' };
  expect(await refusalOf(request(berth.app, ada, askFor()))).toEqual(unknown);
  expect(await refusalOf(viewQuota(berth.app, ada.actor, null))).toEqual(unknown);
  expect(await request(berth.app, bob, askFor())).toMatchObject({ kind: 'requested' });
  berth.groups.set('S0VISION1', new Set());
  expect(await request(berth.app, ada, askFor())).toMatchObject({ kind: 'requested' });
  expect((await viewQuota(berth.app, ada.actor, null)).team).toBeNull();
});
