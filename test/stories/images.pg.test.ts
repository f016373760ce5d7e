// What hosts say of themselves decides where an image runs and which pool their GPUs are in.
import { sql } from 'drizzle-orm';
import { afterEach, expect, it } from 'vitest';
import { POOLS, testPolicy } from '../support/policy.ts';
import { people, startStory, type Story } from '../support/story.ts';

const { ada } = people;
let story: Story;
afterEach(async () => story.end());

it('an image is refused where no driver suffices, started where one does, and listed with what it needs; a label makes a pool', async () => {
  const [a100] = POOLS;
  const policy = testPolicy({
    quota: { gpus: 8, gpusPerRequest: 4, cpuContainers: 1 },
    pools: [
      { ...a100, name: 'linked', match: { model: 'A100', label: ['nvlink'] }, approval: 'none' },
      { ...a100, approval: 'none' },
    ],
    images: [
      { name: 'test', reference: 'berth-test:1' },
      { name: 'new', reference: 'berth-test:2', minDriver: '550.54', ports: [{ port: 8888, name: 'lab' }] },
      { name: 'trainer', reference: 'berth-train:1', class: 'batch' },
    ],
  });
  story = await startStory({ policy });
  const driver = (version: string) => ({
    images: ['berth-test:1', 'berth-test:2'],
    wrapProbe: (probe: Parameters<NonNullable<Parameters<Story['startHost']>[0]['wrapProbe']>>[0]) => ({
      ...probe,
      driver: async () => version,
    }),
  });
  await story.startHost({ name: 'gpu-01', gpus: 4, ...driver('535.183.01') });
  await story.startHost({ name: 'gpu-02', gpus: 1, labels: ['nvlink'], ...driver('550.54.15') });
  await story.until(async () => (await story.gpu(ada, 'status')).includes('5 of 5'), 'the hosts');
  expect(await story.gpu(ada, 'status')).toMatch(/`linked`: 1 of 1 free[\s\S]*`a100`: 4 of 4 free/);

  const images = await story.gpu(ada, 'images');
  expect(images.split('\n')).toEqual([
    '*Images*: a request names one with `image NAME`; without it you get `test`',
    '• `test`: `berth-test:1`, interactive',
    '• `new`: `berth-test:2`, interactive; port 8888 (lab); with GPUs it needs the NVIDIA driver 550.54 or newer',
    '• `trainer`: `berth-train:1`, for batch jobs',
  ]);
  expect(await story.gpu(ada, 'request 1 a100 image new')).toBe(
    'The image `new` needs the NVIDIA driver `550.54` or newer, and the hosts with `a100` have `535.183.01`, so waiting would not help. Choose another image (`/gpu images`) or pool.',
  );
  expect(await story.gpu(ada, 'request 1 a100 image trainer')).toContain('is an image for batch jobs, and I cannot run those yet');
  await story.gpu(ada, 'request 1 linked image new for 1h');
  await story.until(async () => {
    const [row] = await story.ledger.reads.execute<{ host: string; state: string }>(sql`select host, state from allocations`);
    return row?.host === 'gpu-02' && row.state === 'active';
  }, 'it to run on gpu-02');
});
