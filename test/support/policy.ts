// The policy that stories run under, and how to change a part of it.
import { Policy } from '../../src/domain/policy.ts';

export const people = {
  ada: 'U0ADA0001',
  bob: 'U0BOB0001',
  pat: 'U0PAT0001',
  pia: 'U0PIA0001',
  root: 'U0ROOT001',
} as const;
export const CHANNEL = 'C0APPROVE';

const document = {
  channel: CHANNEL,
  members: 'everyone',
  approvers: [people.pat, people.pia],
  admins: [people.root],
  quota: { gpus: 2, gpusPerRequest: 2, cpuContainers: 2 },
  // Stories do in seconds what people do in hours.
  actionsPerMinute: 100_000,
  openRequests: 1000,
  defaultDuration: '4h',
  approvalLapse: '24h',
  stopGraceSeconds: 2,
  pools: [
    {
      name: 'a100',
      match: { model: 'A100' },
      memoryGib: 80,
      approval: 'required',
      maxDuration: '24h',
      perGpu: { cpus: 1, memoryGib: 1, pids: 64 },
    },
    {
      name: 'l4',
      match: { model: 'L4' },
      memoryGib: 24,
      approval: 'none',
      maxDuration: '12h',
      perGpu: { cpus: 1, memoryGib: 1, pids: 64 },
    },
  ],
  cpu: { maxDuration: '24h', share: { cpus: 1, memoryGib: 1, pids: 64 } },
  images: [{ name: 'test', reference: 'berth-test:1' }],
};

/** Its pools and images as the file writes them, to change a part of one. */
export const { pools: POOLS, images: IMAGES } = document;

export type PolicyChange = Partial<Record<keyof typeof document, unknown>> & Record<string, unknown>;

/** The stories' policy, with whole top-level keys replaced. */
export function testPolicy(change: PolicyChange = {}): Policy {
  return Policy.parse({ ...document, ...change });
}
