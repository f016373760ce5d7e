// The whole agent as a process of its own, without Docker or GPUs: what the demo runs where there is neither.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestBot, startBot } from '../support/agent-bot.ts';
import { desired } from '../support/agent-desired.ts';
import { removeAgent, type RunningAgent, startAgent } from '../support/docker-agent.ts';

const member = { id: 'm-1', uid: 200_001, gid: 200_001 };
let bot: TestBot;
let agent: RunningAgent;
beforeAll(async () => {
  bot = await startBot('gpu-1');
  const env = { BERTH_AGENT_GPUS: 'simulated:2xA100:40960', BERTH_AGENT_SIMULATED_IMAGES: 'berth-demo:1' };
  agent = startAgent({ engine: null, botSocket: bot.socket, env });
});
afterAll(async () => {
  await agent.stop();
  await bot.close();
  removeAgent(agent);
});

it('says that engine and GPUs are simulated, brings up what is wanted, keeps it over its own death, and stops it', async () => {
  const { devices } = await bot.report((report) => report.devices?.length === 2);
  expect(bot.hellos[0]).toMatchObject({ engine: { kind: 'simulated', version: expect.stringContaining('simulated') }, gpus: 'simulated' });
  const [uuid] = devices!.map((device) => device.uuid);
  const want = desired({ image: 'berth-demo:1', devices: [uuid!], member });
  bot.want(want, desired({ allocation: 'al-bbbbbb', image: 'berth-none:1', member }));
  const { containerId } = await bot.state(want.allocation, 'running');
  expect(await bot.state('al-bbbbbb', 'failed')).toMatchObject({ code: 'image_missing' });

  await agent.kill();
  const before = bot.hellos.length;
  agent = agent.again();
  await expect.poll(() => bot.hellos.length, { timeout: 10_000 }).toBe(before + 1);
  bot.want({ ...want, leaseEndsAt: '2026-11-21T18:00:00.000Z' });
  expect(await bot.state(want.allocation, 'running')).toMatchObject({ containerId, devices: [uuid] });
  bot.want({ ...want, wanted: 'stopped' });
  await bot.state(want.allocation, 'stopped');
});
