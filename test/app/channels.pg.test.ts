// A request that needs a person is shown where its pool says; the policy's channel has the others.
import { expect, it, onTestFinished } from 'vitest';
import { deliver } from '../../src/app/deliver.ts';
import { request } from '../../src/app/request.ts';
import { askFor, testApp, testHost } from '../support/app.ts';
import { CHANNEL, people, POOLS, testPolicy } from '../support/policy.ts';

it('goes to the channel of its pool, or of the pool cpu, or else to that of the policy', async () => {
  const [a100, l4] = POOLS;
  const policy = testPolicy({
    pools: [
      { ...a100, channel: 'C0A100TEAM' },
      { ...l4, approval: 'required' },
    ],
    cpu: { approval: 'required', channel: 'C0CPUTEAM', maxDuration: '24h', share: { cpus: 1, memoryGib: 1 } },
  });
  const { app, call, shown, end } = await testApp({ policy });
  onTestFinished(end);
  await testHost(app, 'gpu-01', 1);
  await testHost(app, 'gpu-02', 1, 'NVIDIA L4');
  for (const pool of ['a100', 'l4', 'cpu']) await request(app, await call(people.ada), askFor({ pool, devices: pool === 'cpu' ? 0 : 1 }));
  await deliver(app);
  const where = shown.flatMap(({ letter, recipient }) => (letter.kind === 'approval_card' ? [[letter.allocation.pool, recipient]] : []));
  expect(where).toEqual([
    ['a100', 'C0A100TEAM'],
    ['l4', CHANNEL],
    ['cpu', 'C0CPUTEAM'],
  ]);
});
