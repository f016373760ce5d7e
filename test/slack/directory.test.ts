// What Slack said is remembered only for a while: of a group's members for less than a minute, since decisions go by them.
import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/domain/time.ts';
import { startLocalSlack } from '../../src/local/slack/local-slack.ts';
import { createLog } from '../../src/log.ts';
import { createClients } from '../../src/slack/client.ts';
import { createDirectory } from '../../src/slack/directory.ts';

const [ADA, BEN] = ['U0ADA0001', 'U0BEN0001'];

it('a group is asked for anew before its list is a minute old, and at once after it could not be read', async () => {
  const slack = await startLocalSlack({
    clock: systemClock,
    seed: {
      members: [
        { id: ADA, name: 'ada' },
        { id: BEN, name: 'ben' },
      ],
    },
  });
  onTestFinished(() => slack.close());
  let now = 1_000_000;
  const ticks = { milliseconds: () => now };
  const log = createLog('test', 'silent');
  const { groupMembers } = await createDirectory(createClients(slack, log).lookup, ticks, log);
  const { id } = slack.addUsergroup({ handle: 'gpu', members: [ADA] });
  expect(await groupMembers(id)).toEqual(new Set([ADA]));
  slack.addUsergroup({ handle: 'gpu', members: [ADA, BEN] });
  now += 49_000;
  expect(await groupMembers(id)).toEqual(new Set([ADA]));
  now += 11_000;
  expect(await groupMembers(id)).toEqual(new Set([ADA, BEN]));
  expect(await groupMembers('S0NOTHERE')).toBeNull();
});
