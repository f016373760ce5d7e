// What is done to the ledger alone, and once more to the model by whoever calls: reports of hosts, and the clock's jobs.
import { expect } from 'vitest';
import { expire } from '../../src/app/expire.ts';
import { lapse } from '../../src/app/lapse.ts';
import { rollOverBudgets } from '../../src/app/roll-over-budgets.ts';
import { sees } from '../support/app.ts';
import { expire as expireModel, lapse as lapseModel, rollOver, type Model, type Probe, type Saying } from './model.ts';
import type { Operation } from './model-operations.ts';
import type { HostName } from './model-rules.ts';
import { observedDevices, type Scene } from './model-scene.ts';

export interface Said {
  readonly sayings: readonly Saying[];
  readonly probe: Probe;
  readonly flaw: Extract<Operation, { kind: 'report' }>['flaw'];
}

const stranger = { pid: 4711, owner: 'mallory', command: 'python train.py' };

export async function send({ hosts, fences }: Scene, host: HostName, { sayings, probe, flaw }: Said): Promise<void> {
  const observed = sayings.map(({ id, says }) => {
    const fence = (fences.get(id) ?? 0) + (flaw === 'fence' ? 1 : 0);
    return says === 'ended' ? sees.ended(id, fence, 'exited') : sees[says](id, fence);
  });
  const seen = observedDevices(host).map((device, index) => (index === probe ? { ...device, foreign: [stranger] } : device));
  const change = flaw === 'not told' ? { appliedRevision: 0 } : {};
  expect(await hosts[host].report(observed, { ...change, devices: probe === 'failed' ? null : seen })).toBeNull();
}

export const jobs = {
  expire: { real: expire, model: expireModel },
  lapse: { real: lapse, model: lapseModel },
  rollOver: { real: rollOverBudgets, model: (model: Model) => rollOver(model) },
} as const;
