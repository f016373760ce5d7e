// Global set-up of the docker project: one engine of the tests' own for all files.
import type { TestProject } from 'vitest/node';
import { startEngine, type TestEngine } from './docker-engine.ts';

declare module 'vitest' {
  interface ProvidedContext {
    docker: TestEngine;
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { stop, socket, holder, dir } = await startEngine();
  project.provide('docker', { socket, holder, dir });
  return stop;
}
