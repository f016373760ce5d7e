// Workspaces on a mount that lets setuid programs and device files count: the host's admin is told, nobody is kept from work (A4).
import { expect, it } from 'vitest';
import { desired } from '../support/agent-desired.ts';
import { tighten } from '../support/docker-agent.ts';
import { inside, newAllocation, scene } from '../support/docker-scene.ts';

const here = scene({ looseWorkspaces: true });

it('is said with what to do about it, in the log and in every report, and no more once that is done', async () => {
  const { workspaces } = here.agent;
  const allocation = newAllocation();
  here.bot.want(desired({ allocation }));
  await here.bot.state(allocation, 'running');
  const [problem, ...rest] = here.bot.reports.at(-1)?.problems ?? [];
  expect(rest).toEqual([]);
  expect(problem).toMatchObject({ code: 'workspace_mount', blocking: false });
  expect(problem?.detail).toContain(`${workspaces} is mounted without nosuid and nodev`);
  expect(problem?.detail).toContain(`mount -o remount,bind,nosuid,nodev ${workspaces}`);
  expect(here.agent.log().split(`${workspaces} is mounted without`)).toHaveLength(2);

  await here.agent.stop();
  tighten(here.engine, workspaces);
  const reports = here.bot.reports.length;
  here.agent = here.agent.again();
  const running = await here.bot.report(
    (report) => here.bot.reports.indexOf(report) >= reports && report.allocations.some(({ status }) => status === 'running'),
  );
  expect(running.problems).toEqual([]);
  const next = newAllocation();
  here.bot.want(desired({ allocation: next, fence: 6 }));
  const { containerName: name } = await here.bot.state(next, 'running');
  expect(await inside(here.docker, name, 'grep', ' /workspace ', '/proc/mounts')).toMatch(/[ ,]nosuid,nodev,/);
});
