// The GPU probe of hosts with NVIDIA's driver: two short nvidia-smi calls a sample.
import type { Accounts } from '../accounts.ts';
import type { CommandResult, RunCommand } from '../command.ts';
import { DRIVER_FIELD, GPU_FIELDS, MIG_FIELD, parseDriver, parseGpus, parseProcesses, PROCESS_FIELDS } from './parse.ts';
import type { GpuProbe } from './probe.ts';
import { ownerOf } from './processes.ts';

const LIMIT = 10_000;
const FORMAT = '--format=csv,noheader,nounits';

export function nvidiaProbe(run: RunCommand, accounts: Accounts): GpuProbe {
  let knowsMig: boolean | null = null;
  const smi = (arg: string): Promise<CommandResult> => run('nvidia-smi', arg.startsWith('--help') ? [arg] : [arg, FORMAT], LIMIT);
  return {
    kind: 'nvidia',
    async driver() {
      const answer = await smi(`--query-gpu=${DRIVER_FIELD}`);
      return answer.kind === 'ended' ? parseDriver(answer.stdout) : null;
    },
    async sample() {
      if (knowsMig === null) {
        const help = await smi('--help-query-gpu');
        if (help.kind === 'ended' && help.code === 0) knowsMig = help.stdout.includes(`"${MIG_FIELD}"`);
      }
      const withMig = knowsMig === true;
      const cards = await smi(`--query-gpu=${[...GPU_FIELDS, ...(withMig ? [MIG_FIELD] : [])].join(',')}`);
      if (cards.kind !== 'ended') return { kind: 'failed', detail: failure(cards) };
      const gpus = parseGpus(cards.stdout, withMig);
      const nothing = cards.stdout.trim() === '' || gpus.faults.length > 0;
      // No card at all is a fault of the driver, not a host that has lost them; all in MIG mode is neither.
      if (gpus.rows.length === 0 && (cards.code !== 0 || nothing)) return { kind: 'failed', detail: failure(cards) };
      const apps = await smi(`--query-compute-apps=${PROCESS_FIELDS.join(',')}`);
      const parsed = apps.kind === 'ended' && apps.code === 0 ? parseProcesses(apps.stdout) : null;
      const processes =
        parsed === null ? null : await Promise.all(parsed.rows.map(async (row) => ({ ...row, ...(await ownerOf(row.pid, accounts)) })));
      const faults = [...gpus.faults, ...(parsed === null ? [`processes: ${failure(apps)}`] : parsed.faults)];
      // A process that may not be read is somebody: then nobody's list is complete.
      return { kind: 'sample', gpus: gpus.rows, processes: parsed !== null && parsed.faults.length === 0 ? processes : null, faults };
    },
  };
}

function failure(result: CommandResult): string {
  switch (result.kind) {
    case 'missing':
      return 'nvidia-smi is not installed';
    case 'timed_out':
      return `nvidia-smi did not answer within ${LIMIT / 1000} s`;
    case 'ended': {
      const words = (result.stdout.trim() || result.stderr.trim()).replaceAll(/\s+/g, ' ').slice(0, 300);
      return `nvidia-smi ended with ${result.code ?? 'a signal'}: ${words || 'no words'}`;
    }
  }
}
