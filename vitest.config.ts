// Projects by what they need: nothing, PostgreSQL (the embedded one), a Docker Engine of their own; `long` (npm run test:long) needs time as well.
import { defineConfig } from 'vitest/config';

const shared = { environment: 'node', restoreMocks: true, testTimeout: 30_000, hookTimeout: 60_000 } as const;

export default defineConfig({
  test: {
    // Most tests wait for processes and sockets, so more of them at once than there are cores. Files share a process (isolate: false):
    // nothing of ours lives in a module, and loading everything again for each file took as long as the tests.
    maxWorkers: 5,
    projects: [
      {
        test: {
          ...shared,
          name: 'unit',
          isolate: false,
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.{pg,docker,long}.test.ts'],
          globalSetup: ['test/support/build.ts'],
        },
      },
      {
        test: {
          ...shared,
          name: 'pg',
          isolate: false,
          include: ['test/**/*.pg.test.ts'],
          globalSetup: ['test/support/build.ts', 'test/support/postgres.ts'],
        },
      },
      {
        test: {
          ...shared,
          name: 'docker',
          include: ['test/**/*.docker.test.ts'],
          globalSetup: ['test/support/build.ts', 'test/support/postgres.ts', 'test/support/docker.ts'],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          ...shared,
          name: 'long',
          include: ['test/**/*.long.test.ts'],
          globalSetup: ['test/support/build.ts', 'test/support/postgres.ts', 'test/support/docker.ts'],
        },
      },
    ],
  },
});
