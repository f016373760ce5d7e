// What the agent asks of a container engine. Expected answers are values; no method throws for anything the engine says.

/** Labels that make a container ours. */
export const LABELS = {
  ledger: 'berth.ledger',
  allocation: 'berth.allocation',
  fence: 'berth.fence',
  host: 'berth.host',
  image: 'berth.image',
} as const;

/** No answer in time, or none at all: what was asked may have happened or may happen yet. */
export type Unreachable = { readonly kind: 'unreachable'; readonly detail: string };
/** The engine answered no; `detail` is its reason. */
export type Refused = { readonly kind: 'refused'; readonly detail: string };

export type EngineState = 'created' | 'running' | 'exited' | 'removing';

export type ListedContainer = {
  readonly id: string;
  readonly name: string;
  readonly state: EngineState;
  readonly labels: Readonly<Record<string, string>>;
};

export type InspectedContainer = ListedContainer & {
  readonly user: string;
  /** `KEY=value` pairs as configured. */
  readonly env: readonly string[];
  /** Ids of its NVIDIA device request as recorded; `['all']` when it asks for a count. */
  readonly deviceIds: readonly string[];
  /** ISO 8601, null when it never ran. */
  readonly startedAt: string | null;
  readonly exitCode: number | null;
  readonly outOfMemory: boolean;
  /** The engine's own words about a failed start or an end; may be empty. */
  readonly detail: string;
};

export type ImageFacts = { readonly id: string; readonly env: readonly string[]; readonly volumes: readonly string[] };

/** The options of the Engine API that Berth uses; `compile` is the only writer. */
export type ContainerSpec = {
  readonly Image: string;
  readonly Hostname: string;
  readonly User: string;
  readonly WorkingDir: string;
  readonly Entrypoint: string[];
  readonly Cmd: string[];
  readonly Env: string[];
  readonly Labels: Record<string, string>;
  readonly StopSignal: string;
  readonly StopTimeout: number;
  readonly Healthcheck: { readonly Test: string[] };
  readonly HostConfig: {
    readonly Init: boolean;
    readonly Memory: number;
    readonly MemorySwap: number;
    readonly NanoCpus: number;
    readonly PidsLimit: number;
    readonly ShmSize: number;
    readonly OomScoreAdj: number;
    readonly CapDrop: string[];
    readonly SecurityOpt: string[];
    readonly LogConfig: { readonly Type: string; readonly Config: Record<string, string> };
    readonly RestartPolicy: { readonly Name: 'no' };
    readonly NetworkMode: string;
    readonly Mounts: { readonly Type: 'bind'; readonly Source: string; readonly Target: string; readonly ReadOnly: boolean }[];
    readonly DeviceRequests: { readonly Driver: string; readonly DeviceIDs: string[]; readonly Capabilities: string[][] }[];
  };
};

/** A bridge network: its name is also the Linux interface's. */
export type NetworkSpec = { readonly name: string; readonly subnet: string; readonly labels: Readonly<Record<string, string>> };

export interface Engine {
  readonly kind: 'docker' | 'simulated';
  version(): Promise<{ kind: 'version'; version: string } | Unreachable>;
  /** Containers, running or not, that carry every one of these labels. */
  list(labels: Readonly<Record<string, string>>): Promise<{ kind: 'listed'; containers: readonly ListedContainer[] } | Unreachable>;
  inspect(container: string): Promise<{ kind: 'found'; container: InspectedContainer } | { kind: 'gone' } | Unreachable>;
  inspectImage(reference: string): Promise<{ kind: 'found'; image: ImageFacts } | { kind: 'missing' } | Unreachable>;
  create(
    name: string,
    spec: ContainerSpec,
  ): Promise<{ kind: 'created'; id: string } | { kind: 'name_taken' } | { kind: 'image_missing' } | Refused | Unreachable>;
  /** A container that runs already counts as started. */
  start(container: string): Promise<{ kind: 'started' } | { kind: 'gone' } | Refused | Unreachable>;
  /** TERM, then KILL after the grace; a container that does not run counts as stopped. */
  stop(container: string, graceSeconds: number): Promise<{ kind: 'stopped' } | { kind: 'gone' } | Refused | Unreachable>;
  /** Waits until the container is gone; one that was gone already counts as removed. Never ends a running one. */
  remove(container: string): Promise<{ kind: 'removed' } | { kind: 'running' } | Refused | Unreachable>;
  /** Creates the network when it is missing; `differs` when one of that name is not as specified. */
  ensureNetwork(spec: NetworkSpec): Promise<{ kind: 'ready' } | { kind: 'differs'; detail: string } | Refused | Unreachable>;
  removeNetwork(name: string): Promise<{ kind: 'removed' } | Refused | Unreachable>;
  /** Calls `onEvent` for each change of a container with these labels, until the stream breaks or `signal` aborts; then resolves. */
  follow(labels: Readonly<Record<string, string>>, onEvent: () => void, signal: AbortSignal): Promise<void>;
}
