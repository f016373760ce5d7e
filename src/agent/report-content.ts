// What the next report says, from everything the agent knows at this moment. Pure.
import type { DesiredList, HostProblem, ObservedAllocation, Report } from '../domain/host-protocol.ts';
import type { Reconciliation } from '../domain/reconcile.ts';
import type { State } from './memory.ts';
import type { NetworkVerdict } from './network.ts';
import { problemOf } from './obey.ts';
import { observedDevices } from './probe/devices.ts';
import type { ProbeResult } from './probe/probe.ts';

export type Content = Pick<Report, 'appliedRevision' | 'allocations' | 'orphans' | 'devices' | 'problems'>;

export type Known = {
  readonly state: State | null;
  /** The list that was last reconciled, and with what result; null while none is obeyed. */
  readonly applied: (Pick<DesiredList, 'revision' | 'containers'> & Pick<Reconciliation, 'allocations' | 'orphans'>) | null;
  /** Why the engine does not answer, null while it does. */
  readonly engineTrouble: string | null;
  readonly ours: ReadonlySet<string>;
  readonly running: number;
  readonly sample: ProbeResult | null;
  readonly network: NetworkVerdict;
  readonly workspaceTrouble: string | null;
  /** What should be better about the workspaces' mount, null when nothing. */
  readonly mountAdvice: string | null;
};

export function reportContent(known: Known): Content {
  const { applied, sample } = known;
  return {
    appliedRevision: applied?.revision ?? 0,
    allocations: allocations(known),
    orphans: [...(applied?.orphans ?? [])],
    devices: sample?.kind === 'sample' ? observedDevices(sample, known.ours) : null,
    problems: problems(known),
  };
}

/** Equal for two contents that differ only in readings: what a report need not be sent early for. */
export function gist({ devices, ...rest }: Content): string {
  return JSON.stringify([rest, devices?.map(({ uuid, foreign }) => [uuid, foreign.map(({ pid }) => pid)]) ?? null]);
}

/** While the engine is silent nothing is known of any container, which must not read as "it is not there". */
function allocations({ applied, engineTrouble }: Known): ObservedAllocation[] {
  if (applied === null) return [];
  if (engineTrouble === null) return [...applied.allocations];
  const detail = `unknown: ${engineTrouble}`.slice(0, 500);
  return applied.containers.map(({ allocation, fence }) => ({ allocation, fence, status: 'pending', detail }));
}

function problems({ state, running, engineTrouble, sample, network, workspaceTrouble, mountAdvice }: Known): HostProblem[] {
  const found: HostProblem[] = [];
  const add = (code: HostProblem['code'], detail: string, blocking: boolean): void =>
    void found.push({ code, detail: detail.slice(0, 500), blocking });
  if (state !== null && state.offer !== null) found.push(problemOf(state, state.offer, running));
  if (engineTrouble !== null) add('engine_unreachable', engineTrouble, true);
  if (network.kind === 'unsafe') add('network_unsafe', network.detail, true);
  if (workspaceTrouble !== null) add('workspace_unusable', workspaceTrouble, true);
  if (mountAdvice !== null) add('workspace_mount', mountAdvice, false);
  if (sample?.kind === 'failed') add('probe_failed', sample.detail, false);
  if (sample?.kind === 'sample' && sample.faults.length > 0) add('probe_failed', sample.faults.join('; '), false);
  return found;
}
