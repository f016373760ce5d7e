// The contract of an engine, on the simulated one, and what is its own: it outlives its process and never pretends to have GPUs.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Engine, ImageFacts } from '../../src/agent/engine.ts';
import { moment, systemClock } from '../../src/domain/time.ts';
import { simulatedEngine } from '../../src/local/simulated/engine.ts';
import { simulatedGpus } from '../../src/local/simulated/gpus.ts';
import { engineContract } from '../support/agent-engine-contract.ts';

const images = new Map<string, ImageFacts>([
  ['plain', { id: 'sha256:1', env: [], volumes: [] }],
  ['volume', { id: 'sha256:2', env: [], volumes: ['/data'] }],
]);

engineContract('simulated', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'berth-contract-'));
  mkdirSync(join(directory, 'broken'));
  writeFileSync(join(directory, 'broken/engine.json'), '{');
  return {
    engine: simulatedEngine(join(directory, 'engine'), images, systemClock),
    silent: simulatedEngine(join(directory, 'broken'), new Map([['plain', { id: 'sha256:1', env: [], volumes: [] }]]), systemClock),
    images: { plain: 'plain', volume: 'volume' },
    directory,
    hearsSignals: async () => undefined,
    end: async () => rmSync(directory, { recursive: true }),
  };
});

it('keeps its containers over a restart, and says that it is simulated', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'berth-simulated-'));
  try {
    const engine = (): Engine => simulatedEngine(dir, images, { now: () => moment(0) });
    expect(await engine().version()).toMatchObject({ version: expect.stringContaining('simulated') });
    await engine().ensureNetwork({ name: 'berth0', subnet: '10.213.0.0/20', labels: {} });
    expect(await engine().ensureNetwork({ name: 'berth0', subnet: '10.214.0.0/20', labels: {} })).toMatchObject({ kind: 'differs' });
  } finally {
    rmSync(dir, { recursive: true });
  }
});

it("simulated GPUs keep their UUIDs, differ between hosts, and are nobody's", async () => {
  const cards = [
    { model: 'A100', memoryMib: 40_960 },
    { model: 'A100', memoryMib: 40_960 },
  ];
  const uuids = async (host: string): Promise<string[]> => {
    const sample = await simulatedGpus(host, cards).sample();
    return sample.kind === 'sample' ? sample.gpus.map(({ uuid }) => uuid) : [];
  };
  expect(await uuids('a')).toEqual(await uuids('a'));
  expect(new Set([...(await uuids('a')), ...(await uuids('b'))]).size).toBe(4);
});
