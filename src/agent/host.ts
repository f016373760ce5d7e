// The host loop: observe, reconcile, hand plans to the workers, keep the content of the next report.
import type { DesiredList } from '../domain/host-protocol.ts';
import { type HostContainer, reconcile, type Reconciliation } from '../domain/reconcile.ts';
import { takeUpAcceptance } from './accept.ts';
import type { Ground } from './ground.ts';
import { checkNetwork } from './network-check.ts';
import { judge, type Offered } from './obey.ts';
import { observer } from './observe.ts';
import { type Bell, bell } from './pause.ts';
import { type Content, gist, reportContent } from './report-content.ts';
import type { Workers } from './workers.ts';
import { prepareWorkspaceRoot } from './workspace.ts';
import { adviseOnMount } from './workspace-mount.ts';

export type List = Pick<DesiredList, 'ledger' | 'revision' | 'containers'>;

export interface Host {
  /** Takes a list over, or refuses it and leaves every container as it is. Rejects when the decision cannot be written down. */
  offer(list: List): Promise<void>;
  /**
   * Begins a run. A bot that keeps another ledger than ours is refused before its first list; and until a list of this run was
   * obeyed, reports say nothing of allocations: to a ledger that went back, what we applied before would look like the future.
   */
  meet(ledger: string): Promise<void>;
  content(): Content;
  /** Rings when the content says something new. */
  readonly changed: Bell;
  /** Rings when there is reason to look at the host again. */
  readonly look: Bell;
  run(signal: AbortSignal): Promise<void>;
}

const LOOK_EVERY = 5000;
const CHECK_EVERY = 30_000;

export function createHost(ground: Ground, crew: Workers, look: Bell): Host {
  const { config, engine, memory, probes, log } = ground;
  const changed = bell();
  const observing = observer(engine, config.host, probes.kind);
  let offered: List | null = null;
  let obeyed: List | null = null;
  /** The list reconciled last, with the result: what reports speak of. */
  let applied: (List & Reconciliation) | null = null;
  let containers: readonly HostContainer[] = [];
  let engineTrouble: string | null = null;
  let workspaceTrouble: string | null = null;
  let mountAdvice: string | null = null;
  let confirmed = false;
  let told = '';

  function content(): Content {
    return reportContent({
      state: memory.current(),
      applied,
      engineTrouble,
      ours: new Set(containers.map((container) => container.id)),
      running: containers.filter((container) => container.phase === 'running').length,
      sample: probes.latest(),
      network: ground.health.network,
      workspaceTrouble,
      mountAdvice,
    });
  }

  function tell(): void {
    const now = gist(content());
    if (now === told) return;
    told = now;
    changed.ring();
  }

  /** Memory changes only through here, so that what is obeyed and what is on disk agree. */
  async function decide(candidate: Offered): Promise<boolean> {
    let obey = false;
    await memory.change((state) => {
      const judgement = judge(state, candidate);
      obey = judgement.kind === 'obey';
      return judgement.state;
    });
    return obey;
  }

  async function offer(list: List): Promise<void> {
    offered = list;
    if (await decide(list)) {
      obeyed = list;
      confirmed = true;
      log.info({ revision: list.revision, containers: list.containers.length }, 'list taken over');
    } else {
      log.warn({ ...memory.current()?.offer }, 'list refused: every container stays as it is');
      obeyed = null;
      confirmed = false;
      applied = null;
      crew.take([], []);
    }
    look.ring();
  }

  /** What ran is on disk before it is reported: later its absence means "removed", never "not started yet". */
  async function rememberStarted(list: List, now: Reconciliation): Promise<void> {
    const named = new Map(list.containers.map((want) => [want.allocation, want.fence]));
    const running = now.allocations.filter(({ status }) => status === 'running' || status === 'ended');
    await memory.change((state) => {
      if (state === null) throw new Error('containers were reconciled before a ledger was known');
      const kept = Object.entries(state.started).filter(([allocation]) => named.has(allocation));
      return {
        ...state,
        started: { ...Object.fromEntries(kept), ...Object.fromEntries(running.map(({ allocation, fence }) => [allocation, fence])) },
      };
    });
    for (const [allocation, failure] of ground.failures) if (named.get(allocation) !== failure.fence) ground.failures.delete(allocation);
  }

  async function lookOnce(): Promise<void> {
    if (memory.current()?.offer !== null && (await takeUpAcceptance(config.dir, memory))) {
      log.warn({ ledger: memory.current()?.ledger, revision: memory.current()?.revision }, 'accepted on this host');
      if (offered !== null) await offer(offered);
    }
    const state = memory.current();
    if (state === null) return;
    const before = crew.busy();
    const list = obeyed;
    const observation = await observing.observe(state.ledger, ground.released);
    if (observation.kind === 'unreachable') {
      engineTrouble = observation.detail;
      return;
    }
    engineTrouble = null;
    containers = observation.containers;
    if (list === null || list !== obeyed || memory.current()?.ledger !== state.ledger) return;
    const now = reconcile({
      desired: list.containers,
      observed: containers,
      memory: { started: new Map(Object.entries(state.started)), fences: new Map(Object.entries(state.fences)), failures: ground.failures },
      busy: new Map([...before, ...crew.busy()]),
    });
    await rememberStarted(list, now);
    if (list !== obeyed) return;
    applied = confirmed ? { ...list, ...now } : null;
    crew.take(now.plans, list.containers);
  }

  async function checkHost(): Promise<void> {
    await checkNetwork(ground, 0);
    const root = await prepareWorkspaceRoot(config.workspaces);
    workspaceTrouble = root.kind === 'ready' ? null : root.detail;
    // Members of the simulated engine write nothing.
    const advice = root.kind === 'ready' && engine.kind === 'docker' ? await adviseOnMount(root.path) : null;
    if (advice !== null && advice !== mountAdvice) log.warn(advice);
    mountAdvice = advice;
  }

  return {
    offer,
    async meet(ledger) {
      confirmed = false;
      applied = null;
      const state = memory.current();
      if (state === null) await decide({ ledger, revision: 0 });
      else if (state.ledger !== ledger) await offer({ ledger, revision: 0, containers: [] });
      look.ring();
    },
    content,
    changed,
    look,
    async run(signal) {
      let checked = -CHECK_EVERY;
      while (!signal.aborted) {
        try {
          if (ground.ticks.milliseconds() - checked >= CHECK_EVERY) {
            await checkHost();
            checked = ground.ticks.milliseconds();
          }
          await lookOnce();
        } catch (error) {
          log.error({ err: error }, 'looking at the host broke');
        }
        tell();
        await look.wait(LOOK_EVERY, signal);
      }
    },
  };
}
