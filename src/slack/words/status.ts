// Pools and hosts in lines that fit a phone.
import type { Simulated } from '../../domain/allocation-view.ts';
import type { PoolStatus } from '../../domain/pool-status.ts';
import { CPU_POOL } from '../../domain/policy.ts';
import { deviceConditions } from '../../domain/standing-views.ts';
import { code } from './common.ts';
import { troubleLine } from './hosts.ts';

export function statusHead(pools: readonly PoolStatus[]): string {
  const gpuPools = pools.filter(({ name }) => name !== CPU_POOL);
  const free = gpuPools.reduce((sum, pool) => sum + pool.free, 0);
  const total = gpuPools.reduce((sum, pool) => sum + sizeOf(pool), 0);
  return total === 0 ? 'No GPU is known yet: no host has reported.' : `${free} of ${total} GPUs are free`;
}

export function poolLine(pool: PoolStatus): string {
  if (pool.name === CPU_POOL) return `${code(pool.name)}: containers without a GPU${waiting(pool)}`;
  const total = sizeOf(pool);
  if (!pool.offered) return `${code(pool.name)}: the policy has it no longer; ${total} in use until they end`;
  if (total === 0) return `${code(pool.name)}: no host offers it`;
  const rest = [
    pool.leased > 0 ? `${pool.leased} in use` : '',
    pool.occupied > 0 ? `${pool.occupied} occupied outside Berth` : '',
    pool.suspect > 0 ? `${pool.suspect} not known to be free` : '',
    pool.draining > 0 ? `${pool.draining} draining` : '',
    pool.observed > 0 ? `${pool.observed} only observed` : '',
    pool.unreachable > 0 ? `${pool.unreachable} out of reach` : '',
  ].filter((part) => part !== '');
  return `${code(pool.name)}: ${pool.free} of ${total} free${rest.length === 0 ? '' : ` (${rest.join(', ')})`}${waiting(pool)}`;
}

function sizeOf(pool: PoolStatus): number {
  return deviceConditions.reduce((sum, condition) => sum + pool[condition], 0);
}

/** Hosts that take nothing new and why, each once, and who uses GPUs that nobody leased. */
export function hostLines(pools: readonly PoolStatus[]): string[] {
  const troubles = pools.flatMap((pool) => pool.troubles.map(({ host, code: problem }) => troubleLine(host, problem)));
  const foreign = pools.flatMap(({ strangers }) =>
    strangers
      .slice(0, 8)
      .map(
        ({ host, index, owner, command }) =>
          `${code(host)} GPU ${index} is used by ${owner === null ? 'somebody' : code(owner, 40)}: ${code(command, 60)}`,
      ),
  );
  return [...new Set(troubles), ...foreign];
}

/** Which hosts are not real, or null. */
export function simulatedLine(hosts: readonly ({ readonly host: string } & Simulated)[]): string | null {
  const named = new Map(hosts.map(({ host, engine, gpus }) => [host, [...(engine ? ['containers'] : []), ...(gpus ? ['GPUs'] : [])]]));
  const lines = [...named].map(([host, parts]) => `the ${parts.join(' and ')} of ${code(host)}`);
  return lines.length === 0 ? null : `Simulated, not real: ${lines.slice(0, 8).join(', ')}${lines.length > 8 ? ' and more' : ''}.`;
}

function waiting(pool: PoolStatus): string {
  return pool.waiting === 0 ? '' : `, ${pool.waiting} waiting`;
}
