// The state file: on disk before it counts, never silently reset; and the word that accepts a ledger.
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { leaveAcceptance, takeUpAcceptance } from '../../src/agent/accept.ts';
import { newState, openMemory, prepareDirectory, readState, stateFile } from '../../src/agent/memory.ts';

const LEDGER = '6e0f1d6e-8f57-4a33-9b52-0c8a54f6f9a1';
const OTHER = '0b7a5c3e-2d41-4f86-8a90-6c1d2e3f4a5b';
let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'berth-memory-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('the state file', () => {
  it('is 0600, whole, and read back as it was written, changes applied in order', async () => {
    const memory = openMemory(dir, null);
    await Promise.all(
      [1, 2, 3].map((revision) =>
        memory.change((state) => ({
          ...(state ?? newState(LEDGER)),
          revision,
          fences: { ...state?.fences, [`GPU-${revision}`]: revision },
        })),
      ),
    );
    expect(await readState(dir)).toEqual({
      kind: 'state',
      state: { ...newState(LEDGER, 3), fences: { 'GPU-1': 1, 'GPU-2': 2, 'GPU-3': 3 } },
    });
    expect(statSync(stateFile(dir)).mode & 0o777).toBe(0o600);
    expect(readdirSync(dir)).toEqual(['state.json']);
  });

  it('is none before the first contact', async () => {
    expect(await readState(dir)).toEqual({ kind: 'none' });
  });

  it.each<[string, () => void]>([
    ['damaged', () => writeFileSync(stateFile(dir), '{"format":1,"ledger"', { mode: 0o600 })],
    ['of another shape', () => writeFileSync(stateFile(dir), JSON.stringify({ ...newState(LEDGER), revision: -1 }), { mode: 0o600 })],
    [
      'writable by others',
      () => {
        writeFileSync(stateFile(dir), JSON.stringify(newState(LEDGER)));
        chmodSync(stateFile(dir), 0o666);
      },
    ],
    ['a link', () => symlinkSync('/etc/hostname', stateFile(dir))],
  ])('that is %s is an error that says what to do, and is left as it is', async (_what, make) => {
    make();
    expect(await readState(dir)).toMatchObject({ kind: 'broken', detail: expect.stringMatching(/state\.json .*Restore it from a backup/) });
    expect(existsSync(stateFile(dir))).toBe(true);
  });

  it('that cannot be written changes nothing in memory either', async () => {
    const memory = openMemory(join(dir, 'gone'), newState(LEDGER));
    await expect(memory.change(() => newState(OTHER))).rejects.toThrow('ENOENT');
    expect(memory.current()?.ledger).toBe(LEDGER);
  });
});

it("the directory must be the agent's own", async () => {
  expect(await prepareDirectory(join(dir, 'a/b'))).toBeNull();
  expect(statSync(join(dir, 'a/b')).mode & 0o777).toBe(0o700);
  chmodSync(dir, 0o755);
  expect(await prepareDirectory(dir)).toMatch(/chmod 700/);
});

describe('accepting', () => {
  const refused = { ...newState(LEDGER, 50), offer: { ledger: OTHER, revision: 2, reason: 'ledger_changed' as const } };

  it('leaves word for the running agent, which takes it up once', async () => {
    const memory = openMemory(dir, null);
    await memory.change(() => refused);
    expect(await leaveAcceptance(dir)).toEqual({
      kind: 'accepted',
      offer: { ledger: OTHER, revision: 2 },
      before: { ledger: LEDGER, revision: 50 },
    });
    expect(await takeUpAcceptance(dir, memory)).toBe(true);
    expect(await readState(dir)).toEqual({ kind: 'state', state: newState(OTHER, 2) });
    expect(await takeUpAcceptance(dir, memory)).toBe(false);
  });

  it('has nothing to say when nothing was refused', async () => {
    expect(await leaveAcceptance(dir)).toEqual({ kind: 'nothing' });
    await openMemory(dir, null).change(() => newState(LEDGER));
    expect(await leaveAcceptance(dir)).toEqual({ kind: 'nothing' });
  });

  it('of something that is no longer offered is thrown away', async () => {
    const memory = openMemory(dir, null);
    await memory.change(() => refused);
    await leaveAcceptance(dir);
    await memory.change(() => ({ ...refused, offer: { ...refused.offer, ledger: 'f3b1c2d4-5e6f-4a7b-8c9d-0e1f2a3b4c5d' } }));
    expect(await takeUpAcceptance(dir, memory)).toBe(false);
    expect(memory.current()?.ledger).toBe(LEDGER);
    expect(existsSync(join(dir, 'accept.json'))).toBe(false);
  });
});
