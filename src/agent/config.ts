// The agent's environment, checked; the only file of the agent that reads process.env.
import { hostname } from 'node:os';
import { z } from 'zod';
import { HostLabel, HostName } from '../domain/host-protocol.ts';

export type GpuSource =
  | { readonly kind: 'nvidia' }
  | { readonly kind: 'none' }
  | { readonly kind: 'simulated'; readonly cards: readonly { readonly model: string; readonly memoryMib: number }[] };

type EngineSource =
  | { readonly kind: 'docker'; readonly socket: string }
  /** `images`: the references that exist. */
  | { readonly kind: 'simulated'; readonly images: readonly string[] };

export type AgentConfig = {
  readonly host: string;
  /** What pools of the policy may ask for. */
  readonly labels: readonly string[];
  /** The bot's Unix socket. */
  readonly botSocket: string;
  /** The agent's own state, 0700. */
  readonly dir: string;
  /** Root of the members' workspaces, 0711. */
  readonly workspaces: string;
  readonly engine: EngineSource;
  readonly gpus: GpuSource;
  /** Berth's own bridge: Linux interface and Docker network of one name, and its IPv4 subnet. */
  readonly network: {
    readonly name: string;
    readonly subnet: string;
    /** IPv4 networks that containers may not reach, besides what none of them ever may; as iptables prints them. */
    readonly blocked: readonly string[];
  };
  /** Uids and gids containers may run as, both ends included. */
  readonly uids: { readonly first: number; readonly last: number };
  readonly probeEverySeconds: number;
  readonly logLevel: string;
};

const UnixPath = z.string().regex(/^\/[^\0]*$/, 'must be an absolute path');
const Uids = z.string().regex(/^\d{1,9}-\d{1,9}$/, 'must be FIRST-LAST, for example 200000-299999');
const Subnet = z
  .string()
  .regex(/^(\d{1,3}\.){3}\d{1,3}\/(1[6-9]|2\d)$/, 'must be an IPv4 network from /16 to /29, for example 10.213.0.0/20');

const Environment = z.object({
  BERTH_AGENT_HOST: HostName.optional(),
  BERTH_AGENT_LABELS: z.string().default('').transform(list).pipe(z.array(HostLabel).max(32)),
  BERTH_AGENT_SOCKET: UnixPath.refine((path) => path.length <= 107, 'is longer than 107 bytes'),
  BERTH_AGENT_DIR: UnixPath.default('/var/lib/berth-agent'),
  BERTH_AGENT_WORKSPACES: UnixPath.default('/var/lib/berth-workspaces'),
  BERTH_AGENT_ENGINE: z.enum(['docker', 'simulated']).default('docker'),
  BERTH_AGENT_DOCKER_SOCKET: UnixPath.optional(),
  DOCKER_HOST: z.string().optional(),
  BERTH_AGENT_SIMULATED_IMAGES: z.string().default(''),
  BERTH_AGENT_GPUS: z.string().default('nvidia'),
  BERTH_AGENT_BRIDGE: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,14}$/, 'must be an interface name of at most 15 characters')
    .default('berth0'),
  BERTH_AGENT_SUBNET: Subnet.default('10.213.0.0/20'),
  BERTH_AGENT_BLOCKED: z.string().default(''),
  BERTH_AGENT_UIDS: Uids.default('200000-299999'),
  BERTH_AGENT_PROBE_SECONDS: z.coerce.number().positive().max(60).default(10),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

/** `problems` are sentences that name the variable. */
export function readAgentConfig(
  env: Readonly<Record<string, string | undefined>> = process.env,
): { kind: 'config'; config: AgentConfig } | { kind: 'invalid'; problems: readonly string[] } {
  const parsed = Environment.safeParse(env);
  if (!parsed.success)
    return { kind: 'invalid', problems: parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`) };
  const values = parsed.data;
  const gpus = gpuSource(values.BERTH_AGENT_GPUS);
  const uids = uidRange(values.BERTH_AGENT_UIDS);
  const docker = dockerSocket(values.BERTH_AGENT_DOCKER_SOCKET, values.DOCKER_HOST);
  const blocked = blockedNetworks(values.BERTH_AGENT_BLOCKED);
  const problems = [gpus, uids, docker, blocked].filter((value) => typeof value === 'string');
  if (typeof gpus === 'string' || typeof uids === 'string' || typeof docker === 'string' || typeof blocked === 'string')
    return { kind: 'invalid', problems };
  return {
    kind: 'config',
    config: {
      host: values.BERTH_AGENT_HOST ?? ownHostName(hostname()),
      labels: values.BERTH_AGENT_LABELS,
      botSocket: values.BERTH_AGENT_SOCKET,
      dir: values.BERTH_AGENT_DIR,
      workspaces: values.BERTH_AGENT_WORKSPACES,
      engine:
        values.BERTH_AGENT_ENGINE === 'docker'
          ? { kind: 'docker', socket: docker.path }
          : { kind: 'simulated', images: list(values.BERTH_AGENT_SIMULATED_IMAGES) },
      gpus,
      network: { name: values.BERTH_AGENT_BRIDGE, subnet: values.BERTH_AGENT_SUBNET, blocked },
      uids,
      probeEverySeconds: values.BERTH_AGENT_PROBE_SECONDS,
      logLevel: values.LOG_LEVEL,
    },
  };
}

function ownHostName(name: string): string {
  const clean = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9.-]/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 63);
  return clean === '' ? 'host' : clean;
}

function list(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** `nvidia`, `none`, or `simulated:2xA100:40960,1xH200:143771` (count x model:MiB). */
function gpuSource(text: string): GpuSource | string {
  if (text === 'nvidia' || text === 'none') return { kind: text };
  const wrong = `BERTH_AGENT_GPUS: must be nvidia, none or simulated:COUNTxMODEL:MEMORYMIB,… and is ${text}`;
  if (!text.startsWith('simulated:')) return wrong;
  const groups = list(text.slice('simulated:'.length)).map((part) => /^(\d{1,2})\s*x\s*([^:,]{1,100}):([1-9]\d{0,7})$/.exec(part));
  if (groups.length === 0 || groups.includes(null)) return wrong;
  const cards = groups.flatMap((group) =>
    Array.from({ length: Number(group?.[1]) }, () => ({ model: group?.[2]?.trim() ?? '', memoryMib: Number(group?.[3]) })),
  );
  return { kind: 'simulated', cards };
}

function uidRange(text: string): { first: number; last: number } | string {
  const [first = 0, last = 0] = text.split('-').map(Number);
  return first >= 1000 && last >= first
    ? { first, last }
    : `BERTH_AGENT_UIDS: must start at 1000 or later and not end before its start; it is ${text}`;
}

/** Sorted, each once. A network with bits set behind its prefix is a slip of the pen, and would block more than was written. */
function blockedNetworks(text: string): string[] | string {
  const networks = list(text);
  const wrong = networks.find((network) => !isNetwork(network));
  if (wrong === undefined) return [...new Set(networks)].toSorted();
  return `BERTH_AGENT_BLOCKED: must be IPv4 networks from /1 to /32, for example 10.0.0.0/8,192.168.7.0/24; ${wrong} is none`;
}

function isNetwork(text: string): boolean {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text)?.slice(1);
  if (parts === undefined || parts.some((part) => part !== String(Number(part)))) return false;
  const [length = 0, ...octets] = parts.map(Number).toReversed();
  const address = octets.reduceRight((sum, octet) => sum * 256 + octet, 0);
  return length >= 1 && length <= 32 && octets.every((octet) => octet <= 255) && address % 2 ** (32 - length) === 0;
}

function dockerSocket(own: string | undefined, dockerHost: string | undefined): { path: string } | string {
  if (own !== undefined) return { path: own };
  if (dockerHost === undefined || dockerHost === '') return { path: '/var/run/docker.sock' };
  if (dockerHost.startsWith('unix:///')) return { path: dockerHost.slice('unix://'.length) };
  return `DOCKER_HOST: the agent talks to the engine of its own host over a Unix socket (unix:///…), not to ${dockerHost}`;
}
