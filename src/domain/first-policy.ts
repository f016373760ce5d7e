// A first policy, as text with comments, for the GPUs that were found. Pure.

export interface FoundGpu {
  readonly model: string;
  readonly memoryMib: number;
}

interface FoundPool {
  readonly name: string;
  readonly model: string;
  readonly memoryGib: number;
  count: number;
}

/** `admin`: Slack user id, who approves as well until others are named; `channel`: id of the approvers' channel. */
export function firstPolicy({ admin, channel, gpus }: { admin: string; channel: string; gpus: readonly FoundGpu[] }): string {
  const pools = poolsOf(gpus);
  const most = Math.max(1, ...pools.map(({ count }) => count));
  return `# Berth's policy. Every key is explained in docs/configuration.md; check changes with: berth policy check FILE
channel: ${channel}
members: everyone
approvers: [${admin}]
admins: [${admin}]
# With one person in both roles, nobody else could answer that person's own requests.
selfApproval: true

# Each member, at the same time. gpuHours is a budget per week; without it there is none.
quota: { gpus: ${most}, gpusPerRequest: ${most}, cpuContainers: 2 }
defaultDuration: 8h

${pools.length === 0 ? 'pools: []' : `pools:\n${pools.map(poolText).join('\n')}`}

cpu: { maxDuration: 1 day, share: { cpus: 4, memoryGib: 16 } }

# They have to be on the hosts already.
images:
  - { name: pytorch, reference: 'pytorch/pytorch:2.5.1-cuda12.4-cudnn9-runtime' }
`;
}

function poolText({ name, model, memoryGib, count }: FoundPool): string {
  return `  # ${count} found
  - name: ${JSON.stringify(name)}
    match: { model: ${JSON.stringify(model)}, memoryGib: ${memoryGib} }
    memoryGib: ${memoryGib}
    # One GPU for a working day needs nobody, while nobody waits.
    approval: { unless: { gpus: 1, duration: 8h } }
    maxDuration: 2 days
    perGpu: { cpus: 4, memoryGib: 16 }`;
}

/** One pool per model and size, the biggest memory first. */
function poolsOf(gpus: readonly FoundGpu[]): FoundPool[] {
  const pools: FoundPool[] = [];
  for (const gpu of gpus) {
    const memoryGib = Math.max(1, Math.round(gpu.memoryMib / 1024));
    const model = gpu.model.replace(/^NVIDIA /i, '');
    const known = pools.find((pool) => pool.model === model && pool.memoryGib === memoryGib);
    if (known !== undefined) known.count++;
    else pools.push({ name: freeName(model, memoryGib, pools), model, memoryGib, count: 1 });
  }
  return pools.toSorted((a, b) => b.memoryGib - a.memoryGib);
}

/** "A100-SXM4-80GB" → "a100", or "a100-40" when that is taken. */
function freeName(model: string, memoryGib: number, taken: readonly FoundPool[]): string {
  const words = model.toLowerCase().split(/[^a-z0-9]+/);
  const telling = words.find((word) => /[a-z]/.test(word) && /[0-9]/.test(word) && !word.endsWith('gb'));
  const short = telling ?? words.find((word) => /^[0-9]{3,}$/.test(word)) ?? words.find((word) => word !== '') ?? 'gpu';
  const candidates = [short, `${short}-${memoryGib}`];
  const free = candidates.find((name) => name !== 'cpu' && taken.every((pool) => pool.name !== name));
  return (free ?? `${short}-${taken.length + 1}`).slice(0, 40);
}
