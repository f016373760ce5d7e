// Desired container × this host → the engine's options, or a refusal. Pure; the list never reaches the engine any other way.
import type { DesiredContainer, FailureCode } from '../domain/host-protocol.ts';
import { type ContainerSpec, type ImageFacts, LABELS } from './engine.ts';

export type HostFacts = {
  readonly ledger: string;
  readonly host: string;
  readonly gpus: 'nvidia' | 'simulated' | 'none';
  /** UUIDs present on the host now. */
  readonly inventory: ReadonlySet<string>;
  readonly uids: { readonly first: number; readonly last: number };
  /** The host has an account or group of that number. */
  readonly uidKnown: boolean;
  readonly gidKnown: boolean;
  readonly cpus: number;
  readonly network: string;
  /** Checked paths on the host. */
  readonly workspace: string;
  readonly passwdFile: string;
  readonly groupFile: string;
};

export type Compiled =
  | { readonly kind: 'spec'; readonly spec: ContainerSpec }
  | { readonly kind: 'refused'; readonly code: FailureCode; readonly detail: string };

export const HOME = '/workspace';
const MIB = 1024 * 1024;
const CAPABILITIES = [['gpu', 'compute', 'utility']];

export function compile(want: DesiredContainer, image: ImageFacts, facts: HostFacts): Compiled {
  const refusal = refuseIdentity(want, facts) ?? refuseDevices(want, facts) ?? refuseImage(want, image);
  if (refusal !== null) return refusal;
  const { uid, gid } = want.member;
  const devices = want.devices.toSorted();
  const memory = want.limits.memoryMib * MIB;
  return {
    kind: 'spec',
    spec: {
      // By id: what was inspected is what runs, wherever the tag moves meanwhile.
      Image: image.id,
      Hostname: want.allocation,
      User: `${uid}:${gid}`,
      WorkingDir: HOME,
      Entrypoint: ['sleep'],
      Cmd: ['infinity'],
      Env: environment(image.env, want.environment, [`HOME=${HOME}`, 'USER=berth', ...deviceEnvironment(devices, facts.gpus)]),
      Labels: {
        [LABELS.ledger]: facts.ledger,
        [LABELS.host]: facts.host,
        [LABELS.allocation]: want.allocation,
        [LABELS.fence]: String(want.fence),
        [LABELS.image]: want.image,
      },
      StopSignal: 'SIGTERM',
      StopTimeout: want.stopGraceSeconds,
      Healthcheck: { Test: ['NONE'] },
      HostConfig: {
        Init: true,
        Memory: memory,
        MemorySwap: memory,
        // More than the host has is refused by the engine and means the same as all of it.
        NanoCpus: Math.min(want.limits.cpuMilli, facts.cpus * 1000) * 1_000_000,
        PidsLimit: want.limits.pids,
        ShmSize: want.limits.shmMib * MIB,
        OomScoreAdj: 500,
        CapDrop: ['ALL'],
        SecurityOpt: ['no-new-privileges:true'],
        LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
        RestartPolicy: { Name: 'no' },
        NetworkMode: facts.network,
        Mounts: [
          ...want.mounts.map((mount) => ({ Type: 'bind' as const, ...mountOf(mount, facts), ReadOnly: false })),
          { Type: 'bind', Source: facts.passwdFile, Target: '/etc/passwd', ReadOnly: true },
          { Type: 'bind', Source: facts.groupFile, Target: '/etc/group', ReadOnly: true },
        ],
        DeviceRequests:
          devices.length > 0 && facts.gpus === 'nvidia' ? [{ Driver: 'nvidia', DeviceIDs: devices, Capabilities: CAPABILITIES }] : [],
      },
    },
  };
}

/** UUIDs a container was given, sorted, read back from what the engine recorded. */
export function boundDevices(
  recorded: { readonly deviceIds: readonly string[]; readonly env: readonly string[] },
  gpus: HostFacts['gpus'],
): string[] {
  if (gpus !== 'simulated' || recorded.deviceIds.length > 0) return recorded.deviceIds.toSorted();
  const named = recorded.env.find((pair) => pair.startsWith('BERTH_DEVICES='))?.slice('BERTH_DEVICES='.length) ?? '';
  return named
    .split(',')
    .filter((uuid) => uuid !== '')
    .toSorted();
}

function refuse(code: FailureCode, detail: string): Compiled {
  return { kind: 'refused', code, detail: detail.slice(0, 500) };
}

function refuseIdentity({ member }: DesiredContainer, { uids, uidKnown, gidKnown }: HostFacts): Compiled | null {
  for (const [what, number] of [['uid', member.uid] as const, ['gid', member.gid] as const]) {
    if (number < uids.first || number > uids.last) {
      return refuse('refused_by_host', `${what} ${number} is outside this host's range ${uids.first}-${uids.last}`);
    }
  }
  if (uidKnown) return refuse('refused_by_host', `uid ${member.uid} is an account of this host`);
  if (gidKnown) return refuse('refused_by_host', `gid ${member.gid} is a group of this host`);
  return null;
}

function refuseDevices({ devices }: DesiredContainer, { inventory, gpus }: HostFacts): Compiled | null {
  if (new Set(devices).size !== devices.length) return refuse('refused_by_host', 'a GPU is named twice');
  const missing = devices.filter((uuid) => gpus === 'none' || !inventory.has(uuid));
  return missing.length > 0 ? refuse('device_missing', `not on this host now: ${missing.join(', ')}`) : null;
}

function refuseImage(want: DesiredContainer, image: ImageFacts): Compiled | null {
  const [volume] = image.volumes;
  if (volume === undefined) return null;
  return refuse('refused_by_host', `image ${want.image} declares a VOLUME (${volume}), which would leave files on the host`);
}

function mountOf(mount: DesiredContainer['mounts'][number], facts: HostFacts): { Source: string; Target: string } {
  switch (mount) {
    case 'workspace':
      return { Source: facts.workspace, Target: HOME };
  }
}

/**
 * An entry without `=` takes the image's variable away. NVIDIA_REQUIRE_* stays: it is the image's own check of the driver.
 * What the policy gives never stands in for one of ours, even if a list should say so.
 */
function environment(imageEnv: readonly string[], given: DesiredContainer['environment'], ours: readonly string[]): string[] {
  const set = new Set(ours.map(nameOf));
  const dangerous = imageEnv.map(nameOf).filter((name) => name === 'LD_PRELOAD' || /^NVIDIA_(?!REQUIRE_)/.test(name));
  const others = Object.entries(given).flatMap(([name, value]) => (set.has(name) ? [] : [`${name}=${value}`]));
  return [...new Set(dangerous.filter((name) => !set.has(name))), ...others, ...ours];
}

function nameOf(pair: string): string {
  return pair.split('=', 1)[0] ?? '';
}

/**
 * `void`, never empty: the NVIDIA hook gives every GPU to an old CUDA image whose variable is unset. Real GPUs are named here as
 * well as in the device request, because `docker exec` shows only this environment.
 */
function deviceEnvironment(devices: readonly string[], gpus: HostFacts['gpus']): string[] {
  if (devices.length === 0) return ['NVIDIA_VISIBLE_DEVICES=void'];
  switch (gpus) {
    case 'nvidia':
      return [`NVIDIA_VISIBLE_DEVICES=${devices.join(',')}`];
    case 'simulated':
      return ['NVIDIA_VISIBLE_DEVICES=void', `BERTH_DEVICES=${devices.join(',')}`];
    case 'none':
      return ['NVIDIA_VISIBLE_DEVICES=void'];
  }
}
