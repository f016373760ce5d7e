// Creating a container: everything it needs is checked on the host first, and nothing is created when one thing is amiss.
import { availableParallelism } from 'node:os';
import type { DesiredContainer } from '../domain/host-protocol.ts';
import { containerName } from '../domain/reconcile.ts';
import { compile } from './compile.ts';
import { LABELS } from './engine.ts';
import type { Ground } from './ground.ts';
import { identityPaths, writeIdentity } from './identity-files.ts';
import { checkNetwork } from './network-check.ts';
import { done, failed, type Outcome, retry } from './outcome.ts';
import { prepareWorkspace, workspacePath } from './workspace.ts';

/** Age in milliseconds up to which the last GPU sample still counts as what the host has. */
const INVENTORY_MAX_AGE = 15_000;

export async function createContainer(want: DesiredContainer, ground: Ground): Promise<Outcome> {
  const { config, engine, accounts, memory } = ground;
  const { id, uid, gid } = want.member;
  const [image, uidKnown, gidKnown, inventory, network] = await Promise.all([
    engine.inspectImage(want.image),
    accounts.known('passwd', uid),
    accounts.known('group', gid),
    inventoryFor(want, ground),
    checkNetwork(ground, 0),
    rememberFence(want, ground),
  ]);
  if (image.kind === 'missing') return failed('image_missing', `image ${want.image} is not on this host`);
  if (image.kind === 'unreachable') return retry(image.detail);
  if (uidKnown === 'unknown' || gidKnown === 'unknown') return retry("the host's accounts cannot be looked up");
  if (inventory.kind === 'failed') return retry(`the GPUs cannot be read: ${inventory.detail}`);
  if (network.kind === 'unsafe') return failed('network_unsafe', network.detail);
  const files = identityPaths(config.dir, uid, gid);
  const compiled = compile(want, image.image, {
    ledger: memory.current()?.ledger ?? '',
    host: config.host,
    gpus: config.gpus.kind,
    inventory: inventory.uuids,
    uids: config.uids,
    uidKnown: uidKnown === 'known',
    gidKnown: gidKnown === 'known',
    cpus: availableParallelism(),
    network: config.network.name,
    workspace: workspacePath(config.workspaces, id),
    passwdFile: files.passwd,
    groupFile: files.group,
  });
  if (compiled.kind === 'refused') return failed(compiled.code, compiled.detail);
  // Only now, when the uid is known to be nobody else's, is anything given to it.
  const [workspace] = await Promise.all([prepareWorkspace(config.workspaces, want.member), writeIdentity(config.dir, uid, gid)]);
  if (workspace.kind === 'unusable') return failed('refused_by_host', `workspace: ${workspace.detail}`);
  const created = await engine.create(containerName(want.allocation), compiled.spec);
  switch (created.kind) {
    case 'created':
      return done;
    case 'name_taken':
      return adopt(want, ground);
    case 'image_missing':
      return failed('image_missing', `image ${want.image} is not on this host`);
    case 'refused':
      return failed('engine_failed', created.detail);
    case 'unreachable':
      return retry(created.detail);
  }
}

/** A container of our name that an interrupted create left is taken over; anybody else's is not touched. */
async function adopt(want: DesiredContainer, { engine, memory }: Ground): Promise<Outcome> {
  const name = containerName(want.allocation);
  const found = await engine.inspect(name);
  switch (found.kind) {
    case 'found': {
      const { labels } = found.container;
      if (labels[LABELS.ledger] !== memory.current()?.ledger || labels[LABELS.allocation] !== want.allocation) {
        return failed('name_taken', `a container named ${name} that is not ours is in the way`);
      }
      return labels[LABELS.fence] === String(want.fence) ? done : retry('its older container is still there');
    }
    case 'gone':
      return retry('the container in its way has just gone');
    case 'unreachable':
      return retry(found.detail);
  }
}

async function inventoryFor(
  { devices }: DesiredContainer,
  { probes }: Ground,
): Promise<{ kind: 'known'; uuids: ReadonlySet<string> } | { kind: 'failed'; detail: string }> {
  if (devices.length === 0) return { kind: 'known', uuids: new Set() };
  const sample = await probes.sample(INVENTORY_MAX_AGE);
  return sample.kind === 'failed' ? sample : { kind: 'known', uuids: new Set(sample.gpus.map((gpu) => gpu.uuid)) };
}

/** On disk before the container exists: after this a list with a lower fence for one of these GPUs starts nothing. */
async function rememberFence(want: DesiredContainer, { memory }: Ground): Promise<void> {
  if (want.devices.length === 0) return;
  await memory.change((state) => {
    if (state === null) throw new Error('a container is to be created before a ledger is known');
    const fences = { ...state.fences };
    for (const uuid of want.devices) fences[uuid] = Math.max(fences[uuid] ?? 0, want.fence);
    return { ...state, fences };
  });
}
