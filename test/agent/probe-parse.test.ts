// nvidia-smi's CSV, good, odd and broken; its real captures too where they are at hand.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GPU_FIELDS, parseGpus, parseProcesses, PROCESS_FIELDS } from '../../src/agent/probe/parse.ts';
import { containerIn } from '../../src/agent/probe/processes.ts';

const fixture = (name: string): string => readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8');

it('keeps good rows between errors, leaves cards in MIG mode out, and says null for what it cannot read', () => {
  const { rows, faults } = parseGpus(fixture('gpus.csv'), true);
  expect(rows.map(({ index, memoryUsedMib, utilizationPercent }) => [index, memoryUsedMib, utilizationPercent])).toEqual([
    [0, 1205, 37],
    [1, null, null],
    [3, 0, null],
  ]);
  expect(rows[0]).toMatchObject({ uuid: 'GPU-7c1f6a52-19d4-4be0-9a35-5d3e8b0c4f11', model: 'NVIDIA A100-SXM4-80GB', memoryMib: 81920 });
  expect(faults).toEqual([expect.stringMatching(/^Unable to determine/), expect.stringMatching(/^\[Unknown Error\]/)]);
});

it('reads processes whose names contain commas', () => {
  expect(parseProcesses(fixture('apps.csv'))).toEqual({
    rows: [
      { uuid: 'GPU-7c1f6a52-19d4-4be0-9a35-5d3e8b0c4f11', pid: 11327, command: '/opt/my, odd, name/python3', memoryUsedMib: 1024 },
      { uuid: 'GPU-7c1f6a52-19d4-4be0-9a35-5d3e8b0c4f11', pid: 11328, command: 'python', memoryUsedMib: null },
    ],
    faults: [],
  });
});

it.each(['', '\n', 'garbage', '0, GPU-x', '-1, GPU-7c1f6a52-19d4-4be0-9a35-5d3e8b0c4f11, m, 1, 1, 1', ', , , , , '])(
  '%j gives no device',
  (text) => {
    expect(parseGpus(text, false).rows).toEqual([]);
  },
);

it.each([
  ['v1, cgroupfs', `12:memory:/docker/${'a1'.repeat(32)}\n1:name=systemd:/docker/${'a1'.repeat(32)}`, 'a1'.repeat(32)],
  ['v2, systemd', `0::/system.slice/docker-${'b2'.repeat(32)}.scope`, 'b2'.repeat(32)],
  ['a host process', '0::/user.slice/user-1000.slice/session-2.scope', null],
  ['a longer id', `0::/x/${'c3'.repeat(40)}`, null],
])('finds the container in a cgroup path: %s', (_what, text, id) => {
  expect(containerIn(text)).toBe(id);
});

const CAPTURES = '/work/shared/nvidia-smi';

describe.runIf(existsSync(CAPTURES))('real captures', () => {
  /** The columns we ask for, out of a capture of all columns. */
  function columns(text: string, names: readonly string[]): string {
    const [header = '', ...rows] = text.trim().split('\n');
    const titles = header.split(', ').map((title) => title.replace(/ \[.*\]$/, ''));
    return rows.map((row) => names.map((name) => row.split(', ')[titles.indexOf(name)]).join(', ')).join('\n');
  }
  const capture = (path: string): string => readFileSync(join(CAPTURES, path), 'utf8');

  it.each(['h100-590', 'l40s-595', 'rtx4080s-595'])('%s, idle and busy', (card) => {
    for (const state of ['idle', 'load']) {
      const { rows, faults } = parseGpus(columns(capture(`captures/${card}.${state}.query-gpu.csv`), GPU_FIELDS), false);
      expect(faults).toEqual([]);
      expect(rows).toEqual([
        expect.objectContaining({
          index: 0,
          memoryMib: expect.any(Number),
          memoryUsedMib: expect.any(Number),
          utilizationPercent: expect.any(Number),
        }),
      ]);
    }
  });

  it('a card in MIG mode is left out', () => {
    const rows = columns(capture('captures/h100-mig-590.load.query-gpu.csv'), [...GPU_FIELDS, 'mig.mode.current']);
    expect(rows).toContain('Enabled');
    expect(parseGpus(rows, true)).toEqual({ rows: [], faults: [] });
  });

  it('processes of a busy card', () => {
    const names = PROCESS_FIELDS.map((name) => (name === 'used_memory' ? 'used_gpu_memory' : name));
    const { rows, faults } = parseProcesses(columns(capture('captures/h100-590.load.compute-apps.csv'), names));
    expect(faults).toEqual([]);
    expect(rows.map(({ pid, command, memoryUsedMib }) => [pid, command, memoryUsedMib])).toEqual([
      [11327, '/root/tools/memhog', 2566],
      [11328, '/root/tools/memhog', 1542],
      [11345, './gpu_burn', 15690],
    ]);
  });

  it('errors give no device and a fault each', () => {
    for (const file of ['driver-library-mismatch.stdout.txt', 'gpu-is-lost.txt']) {
      const { rows, faults } = parseGpus(capture(`errors/${file}`), false);
      expect(rows).toEqual([]);
      expect(faults.length).toBeGreaterThan(0);
    }
    expect(parseProcesses(capture('errors/compute-apps.insufficient-permissions.csv'))).toMatchObject({
      rows: [],
      faults: [expect.any(String)],
    });
  });
});
