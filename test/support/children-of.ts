// Which processes belong to a process or a directory, from the kernel.
import { readdirSync, readFileSync } from 'node:fs';

export function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

/** Processes that have this text among their arguments or in their environment. */
export function processesNaming(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return ['cmdline', 'environ'].some((file) => readFileSync(`/proc/${pid}/${file}`, 'latin1').includes(text));
      } catch {
        return false;
      }
    });
}

/** The embedded PostgreSQL that a process has started. Throws rather than name a process that is not one. */
export function postmasterOf(pid: number): number {
  const found = childrenOf(pid).find((child) => readFileSync(`/proc/${child}/comm`, 'utf8').trim() === 'postgres');
  if (found === undefined) throw new Error(`process ${pid} has started no PostgreSQL`);
  return found;
}
