// A desired container for tests, complete but for what a test names.
import type { DesiredContainer } from '../../src/domain/host-protocol.ts';

export const GPU_A = 'GPU-1f2e3d4c-0a1b-4c2d-8e3f-00000000000a';
export const GPU_B = 'GPU-1f2e3d4c-0a1b-4c2d-8e3f-00000000000b';

export function desired(over: Partial<DesiredContainer> = {}): DesiredContainer {
  return {
    allocation: 'al-aaaaaa',
    fence: 5,
    wanted: 'running',
    member: { id: 'm-1', uid: 200_001, gid: 200_001 },
    image: 'berth-test:1',
    devices: [],
    limits: { cpuMilli: 1000, memoryMib: 128, shmMib: 32, pids: 64 },
    environment: {},
    mounts: ['workspace'],
    leaseEndsAt: null,
    stopGraceSeconds: 5,
    ...over,
  };
}
