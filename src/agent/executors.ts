// Which function does which step. Every step may be done twice, and no executor throws for what an engine, disk or driver may do.
import type { Step } from '../domain/reconcile.ts';
import { awaitGpus, removeContainer, stopContainer } from './clear-container.ts';
import { createContainer } from './create-container.ts';
import { discardContainer } from './discard-container.ts';
import type { Ground } from './ground.ts';
import type { Outcome } from './outcome.ts';
import { startContainer } from './start-container.ts';

type Executor<Kind extends Step['kind']> = (step: Extract<Step, { kind: Kind }>, ground: Ground, signal: AbortSignal) => Promise<Outcome>;

const executors: { readonly [Kind in Step['kind']]: Executor<Kind> } = {
  create: ({ want }, ground) => createContainer(want, ground),
  start: ({ container }, ground) => startContainer(container, ground),
  stop: ({ container, graceSeconds }, ground) => stopContainer(container, graceSeconds, ground),
  await_gpus: ({ container, devices }, ground, signal) => awaitGpus(container, devices, ground, signal),
  remove: ({ container }, ground) => removeContainer(container, ground),
  discard: ({ want, code, detail }, ground, signal) => discardContainer(want, { code, detail }, ground, signal),
};

export function execute<Kind extends Step['kind']>(step: { kind: Kind } & Step, ground: Ground, signal: AbortSignal): Promise<Outcome> {
  const executor: Executor<Kind> = executors[step.kind];
  return executor(step as Extract<Step, { kind: Kind }>, ground, signal);
}
