// Ticks the jobs: never two runs of one job at a time in this process, and a wake-up during a run means one more run after it.
import { schedule } from 'node-cron';
import type { App } from '../app/app.ts';
import type { Job } from './table.ts';

/** A tick that comes late, because the process was busy, still counts. */
const LATE_MS = 60_000;

export interface RunningJobs {
  /** Ends the ticking and waits for what is under way. */
  stop(): Promise<void>;
}

export function runJobs(app: App, table: readonly Job[]): RunningJobs {
  const runners = table.map((job) => createRunner(app, job));
  const tasks = table.map((job, index) =>
    schedule(job.cron, () => runners[index]?.kick(), { timezone: 'UTC', name: job.name, missedExecutionTolerance: LATE_MS }),
  );
  const wakes = table.map((job, index) => (job.wake === null ? () => undefined : app.wakes.on(job.wake, () => runners[index]?.kick())));
  return {
    stop: async () => {
      for (const off of wakes) off();
      await Promise.all(tasks.map(async (task) => task.destroy()));
      await Promise.all(runners.map((runner) => runner.idle()));
    },
  };
}

function createRunner(app: App, job: Job) {
  let running: Promise<void> | null = null;
  let again = false;

  async function run(): Promise<void> {
    do {
      again = false;
      try {
        const count = await job.run(app);
        if (count > 0) app.log.info({ job: job.name, count }, 'job done');
      } catch (error) {
        app.log.error({ err: error, job: job.name }, 'job failed; it runs again at its next tick');
        return;
      }
    } while (again);
  }

  return {
    kick: () => {
      again = true;
      running ??= run().finally(() => (running = null));
    },
    idle: async () => {
      await running;
    },
  };
}
