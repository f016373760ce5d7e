// Variables that the policy gives: merged when a container is placed, and the same for as long as it lives.
import { expect, it, onTestFinished } from 'vitest';
import { desired } from '../../src/app/desired.ts';
import { importPolicy } from '../../src/app/import-policy.ts';
import { place } from '../../src/app/place.ts';
import { request } from '../../src/app/request.ts';
import { askFor, testApp, testHost } from '../support/app.ts';
import { IMAGES, people, POOLS, testPolicy } from '../support/policy.ts';

const withVariables = (who: string) => {
  const own = (from: string, ...names: string[]) => Object.fromEntries(names.map((name) => [name, `${from} ${who}`]));
  return testPolicy({
    environment: own('general', 'A', 'B', 'C', 'D'),
    hosts: [
      { name: 'gpu-01', environment: own('host', 'B', 'C', 'D') },
      { name: 'gpu-02', environment: own('other host', 'B') },
    ],
    pools: POOLS.map((pool) => ({ ...pool, approval: 'none', environment: own('pool', 'C', 'D') })),
    images: IMAGES.map((image) => ({ ...image, environment: own('image', 'D') })),
  });
};

it('are those of everything, then of the host, the pool, the image; a later policy changes nothing of what is placed', async () => {
  const { app, call, end } = await testApp({ policy: withVariables('v1') });
  onTestFinished(end);
  const host = await testHost(app, 'gpu-01', 2);
  await host.report([]);
  const given = async () => {
    const list = await desired(app, { host: host.name, run: host.run, after: 0 });
    if (list === null || list === 'stale_run') throw new Error('no list');
    return list.containers.map(({ environment }) => environment);
  };
  await request(app, await call(people.ada), askFor());
  await place(app);
  const first = { A: 'general v1', B: 'host v1', C: 'pool v1', D: 'image v1' };
  expect(await given()).toEqual([first]);

  await importPolicy(app, withVariables('v2'));
  expect(await given()).toEqual([first]);
  await request(app, await call(people.bob), askFor());
  await place(app);
  expect(await given()).toEqual(expect.arrayContaining([first, { A: 'general v2', B: 'host v2', C: 'pool v2', D: 'image v2' }]));
});
