// Who and what the demo starts with: a handful of people in different zones, a policy, and the GPUs of one host.
import type { startLocalSlack } from '../slack/local-slack.ts';

type Seed = NonNullable<Parameters<typeof startLocalSlack>[0]['seed']>;

const people = {
  ada: { id: 'U0ADA0001', name: 'ada', realName: 'Ada (PhD student)', tz: 'Europe/Berlin' },
  ben: { id: 'U0BEN0001', name: 'ben', realName: 'Ben (postdoc)', tz: 'America/New_York' },
  chen: { id: 'U0CHEN001', name: 'chen', realName: 'Chen (master student)', tz: 'Asia/Tokyo' },
  pat: { id: 'U0PAT0001', name: 'pat', realName: 'Pat (approver)', tz: 'Europe/Berlin' },
  alex: { id: 'U0ALEX001', name: 'alex', realName: 'Alex (admin)', tz: 'Europe/Berlin' },
} as const;

const CHANNEL = 'C0APPROVALS';

export const demoSeed: Seed = {
  members: Object.values(people),
  channels: [{ id: CHANNEL, name: 'gpu-approvals', members: Object.values(people).map(({ id }) => id) }],
};

/** As BERTH_AGENT_GPUS. */
export const DEMO_GPUS = 'simulated:4xNVIDIA A100-SXM4-80GB:81920,2xNVIDIA L4:23034';

/** As the policy file would say it. */
export const demoPolicy = (image: string) => ({
  channel: CHANNEL,
  members: 'everyone',
  approvers: [people.pat.id],
  admins: [people.alex.id],
  quota: { gpus: 2, gpusPerRequest: 2, cpuContainers: 1 },
  defaultDuration: '4h',
  approvalLapse: '24h',
  stopGraceSeconds: 5,
  pools: [
    {
      name: 'a100',
      match: { model: 'A100' },
      memoryGib: 80,
      approval: 'required',
      maxDuration: '24h',
      perGpu: { cpus: 1, memoryGib: 1, pids: 128 },
    },
    {
      name: 'l4',
      match: { model: 'L4' },
      memoryGib: 24,
      approval: 'none',
      maxDuration: '12h',
      perGpu: { cpus: 1, memoryGib: 1, pids: 128 },
    },
  ],
  cpu: { maxDuration: '24h', share: { cpus: 1, memoryGib: 1, pids: 128 } },
  images: [{ name: 'demo', reference: image }],
});
