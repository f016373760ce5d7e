// The contract of an engine, on a real one.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { inject } from 'vitest';
import { dockerEngine } from '../../src/agent/docker-engine.ts';
import { engineContract } from '../support/agent-engine-contract.ts';
import { childrenOf } from '../support/children-of.ts';
import { IMAGES } from '../support/docker-images.ts';

engineContract('Docker', async () => {
  const docker = new Docker({ socketPath: inject('docker').socket });
  const directory = mkdtempSync(join(tmpdir(), 'berth-contract-'));
  return {
    engine: dockerEngine(inject('docker').socket),
    silent: dockerEngine(join(directory, 'nobody.sock')),
    images: IMAGES,
    directory,
    hearsSignals: async (container) => {
      const { State } = await docker.getContainer(container).inspect();
      // Its init has started the program, which it does last.
      while (childrenOf(State.Pid).length === 0) await new Promise((resolve) => setImmediate(resolve));
    },
    end: async () => rmSync(directory, { recursive: true }),
  };
});
