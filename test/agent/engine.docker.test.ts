// The contract of an engine, on a real one.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { dockerEngine } from '../../src/agent/docker-engine.ts';
import { engineContract } from '../support/agent-engine-contract.ts';
import { IMAGES } from '../support/docker-images.ts';

engineContract('Docker', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'berth-contract-'));
  return {
    engine: dockerEngine(inject('docker').socket),
    silent: dockerEngine(join(directory, 'nobody.sock')),
    images: IMAGES,
    directory,
    end: async () => rmSync(directory, { recursive: true }),
  };
});
