// nvidia-smi's CSV (noheader, nounits) → readings. Errors stand on stdout between good rows; the good rows are kept. Pure.
import { DriverVersion } from '../../domain/driver.ts';
import { DeviceUuid } from '../../domain/host-protocol.ts';
import type { GpuReading } from './probe.ts';

/** Columns asked for. `mig.mode.current` is last, because old drivers do not know it and one unknown field fails the query. */
export const GPU_FIELDS = ['index', 'uuid', 'name', 'memory.total', 'memory.used', 'utilization.gpu'] as const;
export const MIG_FIELD = 'mig.mode.current';
export const DRIVER_FIELD = 'driver_version';
export const PROCESS_FIELDS = ['gpu_uuid', 'pid', 'process_name', 'used_memory'] as const;

export type ProcessRow = { readonly uuid: string; readonly pid: number; readonly command: string; readonly memoryUsedMib: number | null };
export type Parsed<T> = { readonly rows: readonly T[]; readonly faults: readonly string[] };

/** Cards in MIG mode are left out: as a whole they cannot be used. */
export function parseGpus(stdout: string, withMig: boolean): Parsed<GpuReading> {
  return parse(stdout, (cells) => {
    const tail = withMig ? cells.slice(0, -1) : cells;
    const [index, uuid] = tail;
    const [total, used, utilization] = tail.slice(-3);
    const model = tail.slice(2, -3).join(', ');
    const memoryMib = number(total);
    if (
      tail.length < GPU_FIELDS.length ||
      !/^\d+$/.test(index ?? '') ||
      !DeviceUuid.safeParse(uuid).success ||
      memoryMib === null ||
      memoryMib === 0
    )
      return 'fault';
    if (withMig && cells.at(-1) === 'Enabled') return 'skip';
    const percent = number(utilization);
    return {
      index: Number(index),
      uuid: uuid ?? '',
      model: model.slice(0, 120),
      memoryMib,
      memoryUsedMib: number(used),
      utilizationPercent: percent !== null && percent <= 100 ? percent : null,
    };
  });
}

/** One line for each card, all alike; null when none of them is a version. */
export function parseDriver(stdout: string): string | null {
  const lines = stdout.split('\n').map((line) => line.trim());
  return lines.find((line) => DriverVersion.safeParse(line).success) ?? null;
}

/** Names of processes may contain commas. A row whose pid may not be read is a fault: somebody is there. */
export function parseProcesses(stdout: string): Parsed<ProcessRow> {
  return parse(stdout, (cells) => {
    const [uuid, pid] = cells;
    const command = cells.slice(2, -1).join(', ');
    if (cells.length < PROCESS_FIELDS.length || !/^[1-9]\d*$/.test(pid ?? '') || !DeviceUuid.safeParse(uuid).success) return 'fault';
    return { uuid: uuid ?? '', pid: Number(pid), command: command.slice(0, 200), memoryUsedMib: number(cells.at(-1)) };
  });
}

function parse<T extends object>(stdout: string, read: (cells: string[]) => T | 'fault' | 'skip'): Parsed<T> {
  const rows: T[] = [];
  const faults: string[] = [];
  for (const line of stdout.split('\n')) {
    if (line.trim() === '') continue;
    const row = read(line.split(',').map((cell) => cell.trim()));
    if (row === 'fault') faults.push(line.trim().slice(0, 200));
    else if (row !== 'skip') rows.push(row);
  }
  return { rows, faults };
}

/** Whole number, with or without a unit; null for `[N/A]`, `[Unknown Error]`, `ERR!`, nothing and the like. */
function number(cell: string | undefined): number | null {
  const digits = /^(\d{1,9})(\.\d+)?( (MiB|%))?$/.exec(cell ?? '');
  return digits === null ? null : Number(digits[1]);
}
