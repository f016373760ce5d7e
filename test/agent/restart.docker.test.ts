// The agent killed, the bot restored from another day: one container per allocation, and none stopped on a guess (scenarios 17, 18b).
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { desired, GPU_A } from '../support/agent-desired.ts';
import { stateOf } from '../support/docker-agent.ts';
import { newAllocation, scene } from '../support/docker-scene.ts';

const here = scene();

type Found = { id: string; state: string };
async function containers(allocation: string): Promise<Found[]> {
  const found = await here.docker.listContainers({ all: true, filters: { label: [`berth.allocation=${allocation}`] } });
  return found.map(({ Id, State }) => ({ id: Id, state: State }));
}

const lastReport = (): number => here.bot.reports.length;

/** Resolves at the engine's first event of this kind about this container. */
async function event(name: string, kind: string): Promise<void> {
  const stream = await here.docker.getEvents({ filters: { container: [name], event: [kind] } });
  await new Promise<void>((resolve) => stream.once('data', () => resolve()));
  if ('destroy' in stream && typeof stream.destroy === 'function') stream.destroy();
}

/** When the agent is killed, counted from when it was told. */
const MOMENTS: [string, (allocation: string) => Promise<void>][] = [
  ['as it is told', async () => undefined],
  ['30 ms later', () => new Promise((resolve) => setTimeout(resolve, 30))],
  ['60 ms later', () => new Promise((resolve) => setTimeout(resolve, 60))],
  ['when the container was created', (name) => event(`berth-${name}`, 'create')],
  ['when the container was started', (name) => event(`berth-${name}`, 'start')],
];

it.each(MOMENTS)(
  'killed %s: after the restart there is exactly one container, and it runs; killed while it stops: none',
  async (_what, comes) => {
    const allocation = newAllocation();
    const want = desired({ allocation, devices: [GPU_A], fence: 100 + MOMENTS.findIndex(([, one]) => one === comes) });
    const come = comes(allocation);
    here.bot.want(want);
    await come;
    await here.agent.kill();
    here.agent = here.agent.again();
    const { containerId } = await here.bot.state(allocation, 'running');
    expect(await containers(allocation)).toEqual([{ id: containerId, state: 'running' }]);
    const dies = event(`berth-${allocation}`, 'die');
    here.bot.want({ ...want, wanted: 'stopped' });
    await dies;
    await here.agent.kill();
    here.agent = here.agent.again();
    await here.bot.state(allocation, 'stopped');
    expect(await containers(allocation)).toEqual([]);
  },
);

it('told to stop, it leaves at once and leaves its containers running, which the next one finds', async () => {
  const allocation = newAllocation();
  here.bot.want(desired({ allocation, fence: 500 }));
  const before = await here.bot.state(allocation, 'running');
  expect(await here.agent.stop()).toBe(0);
  expect(await containers(allocation)).toEqual([{ id: before.containerId, state: 'running' }]);
  const reports = lastReport();
  here.agent = here.agent.again();
  await expect
    .poll(
      () =>
        here.bot.reports
          .slice(reports)
          .some((report) => report.allocations.some((one) => one.status === 'running' && one.containerId === before.containerId)),
      { timeout: 10_000 },
    )
    .toBe(true);
});

it('removed by hand while the agent was away: ended, not made anew', async () => {
  const allocation = newAllocation();
  here.bot.want(desired({ allocation, fence: 600 }));
  const { containerId } = await here.bot.state(allocation, 'running');
  await here.agent.kill();
  await here.docker.getContainer(containerId).remove({ force: true });
  here.agent = here.agent.again();
  expect(await here.bot.state(allocation, 'ended')).toMatchObject({ cause: 'removed' });
  expect(await containers(allocation)).toEqual([]);
});

it('a damaged state file keeps the agent from starting, and it says what to do', async () => {
  await here.agent.stop();
  const file = join(here.agent.dir, 'state.json');
  const state = JSON.stringify(stateOf(here.agent));
  writeFileSync(file, state.slice(0, 20));
  const broken = here.agent.again();
  await new Promise((resolve) => broken.child.on('exit', resolve));
  expect([broken.child.exitCode, broken.log()]).toEqual([1, expect.stringContaining('is damaged. Restore it from a backup')]);
  writeFileSync(file, state);
  here.agent = here.agent.again();
});

it('a second agent on the same state does not start', async () => {
  await expect.poll(() => here.agent.log()).toContain('agent runs');
  const second = here.agent.again();
  await new Promise((resolve) => second.child.on('exit', resolve));
  expect([second.child.exitCode, second.log()]).toEqual([1, expect.stringContaining('another agent runs')]);
});

// --- 18b ---

const told = { code: 'ledger_changed', blocking: true };
let allocation = '';
let container = '';
beforeEach(async () => {
  allocation = newAllocation();
  here.bot.want(desired({ allocation, fence: 900 }));
  container = (await here.bot.state(allocation, 'running')).containerId;
});
afterEach(async () => {
  // Whatever was accepted or not, the next test begins with a ledger this agent obeys.
  await here.agent.stop();
  const { ledger, revision } = stateOf(here.agent);
  here.bot.become(ledger, revision + 1, []);
  const state = { ...stateOf(here.agent), offer: null };
  writeFileSync(join(here.agent.dir, 'state.json'), JSON.stringify(state));
  here.agent = here.agent.again();
});

it('the bot is pointed at an empty database: nothing stops, nothing starts, the admin is told; also after a restart', async () => {
  here.bot.become(randomUUID(), 0, []);
  const alarm = await here.bot.report((report) => report.problems.some(({ code }) => code === 'ledger_changed'));
  expect(alarm).toMatchObject({ appliedRevision: 0, allocations: [], orphans: [], problems: [told] });
  expect(alarm.problems[0]!.detail).toMatch(/\d+ containers? left as they are; run "berth agent accept"/);
  const stranger = newAllocation();
  here.bot.want(desired({ allocation: stranger }), desired({ allocation, fence: 901, wanted: 'stopped' }));
  for (const restart of [false, true]) {
    if (restart) {
      await here.agent.kill();
      here.agent = here.agent.again();
    }
    await expect.poll(() => here.agent.log(), { timeout: 10_000 }).toMatch(/"revision":1,"reason":"ledger_changed".*list refused/);
    // Two reports later it has looked at the host again, refused list in hand.
    const reports = lastReport();
    await expect.poll(lastReport, { timeout: 15_000 }).toBeGreaterThan(reports + 1);
    expect(here.bot.reports.at(-1)).toMatchObject({ appliedRevision: 0, problems: [told] });
    expect(await containers(allocation)).toEqual([{ id: container, state: 'running' }]);
  }
  expect(await containers(allocation)).toEqual([{ id: container, state: 'running' }]);
  expect(await containers(stranger)).toEqual([]);
});

it("the bot has yesterday's database: nothing stops, even when its revisions have overtaken ours, until it is accepted here", async () => {
  const { ledger } = here.bot;
  const { revision } = stateOf(here.agent);
  here.bot.become(ledger, 1, [desired({ allocation, fence: 900, wanted: 'stopped' })]);
  const { problems } = await here.bot.report((report) => report.problems.some(({ code }) => code === 'revision_went_back'));
  expect(problems).toMatchObject([{ detail: expect.stringContaining(`from revision ${revision} to 1`), blocking: true }]);
  here.bot.become(ledger, revision + 50, [desired({ allocation, fence: 900, wanted: 'stopped' })]);
  await here.bot.report((report) => report.problems.some(({ detail }) => detail.includes(`to ${revision + 50}`)));
  expect(await containers(allocation)).toEqual([{ id: container, state: 'running' }]);

  const { code, words } = await here.agent.accept();
  expect([code, words]).toEqual([0, expect.stringContaining(`from revision ${revision + 50}`)]);
  await here.bot.state(allocation, 'stopped');
  expect(await containers(allocation)).toEqual([]);
  expect(here.bot.reports.at(-1)).toMatchObject({ appliedRevision: revision + 50, problems: [] });
  expect(await here.agent.accept()).toMatchObject({ code: 1, words: expect.stringContaining('nothing to accept') });
});

it('after accepting another ledger it serves that one, and the containers of the one before run on untouched', async () => {
  here.bot.become(randomUUID(), 4, []);
  await here.bot.report((report) => report.problems.some(({ detail }) => detail.includes(here.bot.ledger)));
  expect(await here.agent.accept()).toMatchObject({ code: 0 });
  const next = newAllocation();
  here.bot.want(desired({ allocation: next }), desired({ allocation, wanted: 'stopped', fence: 901 }));
  await here.bot.state(next, 'running');
  expect(await containers(allocation)).toEqual([{ id: container, state: 'running' }]);
});

it('the right ledger coming back is obeyed again without anybody accepting', async () => {
  const { ledger, revision } = stateOf(here.agent);
  here.bot.become(randomUUID(), 7, []);
  await here.bot.report((report) => report.problems.some(({ detail }) => detail.includes(here.bot.ledger)));
  here.bot.become(ledger, revision + 1, [desired({ allocation, fence: 900 })]);
  const { problems } = await here.bot.report((report) => report.appliedRevision === revision + 1);
  expect(problems).toEqual([]);
  expect(await containers(allocation)).toEqual([{ id: container, state: 'running' }]);
});
