// Docker's view of a container → the Engine's.
import type Docker from 'dockerode';
import type { EngineState, InspectedContainer, ListedContainer } from './engine.ts';

const NEVER = '0001-01-01T00:00:00Z';
const KILLED = 137;

export function asListed(info: Docker.ContainerInfo): ListedContainer {
  return { id: info.Id, name: (info.Names[0] ?? '').replace(/^\//, ''), state: stateOf(info.State), labels: info.Labels };
}

export async function asInspected(docker: Docker, info: Docker.ContainerInspectInfo): Promise<InspectedContainer> {
  const ran = info.State.StartedAt !== NEVER;
  const state = stateOf(info.State.Status);
  return {
    id: info.Id,
    name: info.Name.replace(/^\//, ''),
    // A start that failed leaves "exited" with newer engines, although nothing ever ran.
    state: state === 'exited' && !ran ? 'created' : state,
    labels: info.Config.Labels,
    user: info.Config.User,
    env: info.Config.Env ?? [],
    deviceIds: deviceIds(info.HostConfig.DeviceRequests ?? []),
    startedAt: ran ? isoMilliseconds(info.State.StartedAt) : null,
    exitCode: state === 'exited' && ran ? info.State.ExitCode : null,
    outOfMemory: state === 'exited' && ran && (await endedForMemory(docker, info)),
    detail: info.State.Error.slice(0, 400),
  };
}

/** Paused and restarting containers hold their devices: they count as running. */
function stateOf(status: string): EngineState {
  switch (status) {
    case 'created':
      return 'created';
    case 'exited':
    case 'dead':
      return 'exited';
    case 'removing':
      return 'removing';
    default:
      return 'running';
  }
}

function deviceIds(requests: readonly Docker.DeviceRequest[]): string[] {
  return requests.flatMap((request) => ((request.Count ?? 0) === 0 ? (request.DeviceIDs ?? []) : ['all'])).toSorted();
}

/** `OOMKilled` stays false when the kernel killed a child of PID 1: then only the engine's event tells. */
async function endedForMemory(docker: Docker, { Id, State }: Docker.ContainerInspectInfo): Promise<boolean> {
  if (State.OOMKilled) return true;
  if (State.ExitCode !== KILLED) return false;
  try {
    const until = seconds(State.FinishedAt) + 1;
    const filters = { container: [Id], event: ['oom'] };
    const stream = await docker.getEvents({ since: seconds(State.StartedAt), until, filters, abortSignal: AbortSignal.timeout(5000) });
    for await (const _event of stream) return true;
  } catch {
    // Unknown: the engine forgot, or did not say; the exit code is reported as it is.
  }
  return false;
}

function seconds(iso: string): number {
  return Math.floor(Date.parse(iso) / 1000);
}

/** Docker writes nanoseconds; the protocol's moments have milliseconds. */
function isoMilliseconds(iso: string): string {
  return new Date(iso).toISOString();
}
