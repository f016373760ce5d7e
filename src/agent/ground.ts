// Everything the agent's work stands on, handed to executors and the host loop.
import type { Failure } from '../domain/reconcile.ts';
import type { Ticks } from '../domain/time.ts';
import type { Log } from '../log.ts';
import type { Accounts } from './accounts.ts';
import type { AgentConfig } from './config.ts';
import type { Engine } from './engine.ts';
import type { Memory } from './memory.ts';
import type { NetworkGuard, NetworkVerdict } from './network.ts';
import type { Pause } from './pause.ts';
import type { ProbeFeed } from './probe/feed.ts';

export type Ground = {
  readonly config: AgentConfig;
  readonly engine: Engine;
  readonly network: NetworkGuard;
  readonly accounts: Accounts;
  readonly probes: ProbeFeed;
  readonly memory: Memory;
  readonly ticks: Ticks;
  readonly pause: Pause;
  readonly log: Log;
  /** Of this process only: after a restart what failed is tried once more. */
  readonly failures: Map<string, Failure>;
  /** Ended containers that left no GPU process and could not be removed: their GPUs are not held back for that. */
  readonly released: Set<string>;
  readonly health: { network: NetworkVerdict; /** Ticks. */ networkCheckedAt: number };
};
