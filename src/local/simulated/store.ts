// The simulated engine's containers and networks in one JSON file, so that they outlive the agent and other processes can reach in.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const SimulatedContainer = z.strictObject({
  id: z.string(),
  name: z.string(),
  state: z.enum(['created', 'running', 'exited', 'removing']),
  labels: z.record(z.string(), z.string()),
  user: z.string(),
  env: z.array(z.string()),
  deviceIds: z.array(z.string()),
  startedAt: z.string().nullable(),
  exitCode: z.int().nullable(),
  outOfMemory: z.boolean(),
  detail: z.string(),
});
export type SimulatedContainer = z.infer<typeof SimulatedContainer>;

const Contents = z.strictObject({
  containers: z.array(SimulatedContainer),
  networks: z.array(z.strictObject({ name: z.string(), subnet: z.string() })),
});
type Contents = z.infer<typeof Contents>;

export interface Store {
  read(): Contents;
  /** Synchronous, so that within a process no change is lost. */
  write(contents: Contents): void;
}

export function openStore(dir: string): Store {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const path = join(dir, 'engine.json');
  return {
    read() {
      try {
        return Contents.parse(JSON.parse(readFileSync(path, 'utf8')));
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { containers: [], networks: [] };
        throw error;
      }
    },
    write(contents) {
      const draft = `${path}.${process.pid}.new`;
      writeFileSync(draft, `${JSON.stringify(contents, null, 1)}\n`, { mode: 0o600 });
      renameSync(draft, path);
    },
  };
}
