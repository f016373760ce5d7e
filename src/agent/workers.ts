// One worker per allocation carries out its plan; slow work on one container delays no other and no loop.
import { goalOf, type Plan, type Step } from '../domain/reconcile.ts';
import type { DesiredContainer } from '../domain/host-protocol.ts';
import type { Log } from '../log.ts';
import { type Backoff, backoff } from './backoff.ts';
import type { Outcome } from './outcome.ts';
import type { Pause } from './pause.ts';

export interface Workers {
  /** Allocations being worked on, and with what. */
  busy(): Map<string, string>;
  /** Starts what is planned and not under way, and gives up work towards a goal that is no longer wanted. */
  take(plans: readonly Plan[], desired: readonly DesiredContainer[]): void;
  /** Gives up everything between two steps; resolves when the calls under way have ended. */
  stop(): Promise<void>;
}

type Worker = { readonly goal: string; readonly giveUp: AbortController; words: string; readonly ended: Promise<void> };

export type WorkersParts = {
  readonly execute: (step: Step, signal: AbortSignal) => Promise<Outcome>;
  readonly onEnd: () => void;
  readonly pause: Pause;
  readonly random: () => number;
  readonly log: Log;
};

const WAIT = 500;
const WAIT_MAX = 30_000;

export function workers({ execute, onEnd, pause, random, log }: WorkersParts): Workers {
  const working = new Map<string, Worker>();
  const waits = new Map<string, Backoff>();

  async function attempt(step: Step, worker: Pick<Worker, 'giveUp'>): Promise<Outcome> {
    try {
      return await execute(step, worker.giveUp.signal);
    } catch (error) {
      log.error({ err: error, step: step.kind }, 'a step broke');
      return { kind: 'retry', detail: 'the agent met an error; its log says more' };
    }
  }

  async function carryOut({ allocation, steps }: Plan, worker: Omit<Worker, 'ended'>): Promise<void> {
    const queue = [...steps];
    for (let step = queue.shift(); step !== undefined && !worker.giveUp.signal.aborted; step = queue.shift()) {
      worker.words = WORDS[step.kind];
      const outcome = await attempt(step, worker);
      log.info(
        { allocation, goal: worker.goal, step: step.kind, outcome: outcome.kind, detail: 'detail' in outcome ? outcome.detail : undefined },
        'step',
      );
      switch (outcome.kind) {
        case 'done':
          break;
        case 'failed':
          queue.length = 0;
          if ('want' in step) queue.push({ kind: 'discard', want: step.want, code: outcome.code, detail: outcome.detail });
          break;
        case 'retry': {
          worker.words = `${WORDS[step.kind]}; will try again: ${outcome.detail}`.slice(0, 500);
          const wait = waits.get(allocation) ?? backoff(WAIT, WAIT_MAX, random);
          waits.set(allocation, wait);
          await pause(wait.next(), worker.giveUp.signal);
          return;
        }
      }
    }
    waits.delete(allocation);
  }

  function begin(plan: Plan): void {
    const worker = { goal: plan.goal, giveUp: new AbortController(), words: 'beginning' };
    const ended = carryOut(plan, worker).finally(() => {
      working.delete(plan.allocation);
      onEnd();
    });
    working.set(plan.allocation, Object.assign(worker, { ended }));
  }

  return {
    busy: () => new Map([...working].map(([allocation, worker]) => [allocation, worker.words])),
    take(plans, desired) {
      const goals = new Map(desired.map((want) => [want.allocation, goalOf(want)]));
      for (const [allocation, worker] of working) if (goals.get(allocation) !== worker.goal) worker.giveUp.abort();
      for (const allocation of waits.keys()) if (!goals.has(allocation)) waits.delete(allocation);
      for (const plan of plans) if (!working.has(plan.allocation)) begin(plan);
    },
    async stop() {
      const all = [...working.values()];
      for (const worker of all) worker.giveUp.abort();
      await Promise.all(all.map((worker) => worker.ended));
    },
  };
}

const WORDS: Record<Step['kind'], string> = {
  create: 'creating the container',
  start: 'starting the container',
  stop: 'stopping the container',
  await_gpus: 'waiting until its GPUs are free',
  remove: 'removing the container',
  discard: 'clearing away a failed container',
};
