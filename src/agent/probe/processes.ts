// Whose a process is: its container by cgroup, its owner by uid.
import { readFile, stat } from 'node:fs/promises';
import type { Accounts } from '../accounts.ts';

export type ProcessOwner = { readonly containerId: string | null; readonly owner: string | null };

/** First 64-digit id in a /proc/PID/cgroup text: v1 and v2, cgroupfs and systemd driver alike. */
export function containerIn(cgroup: string): string | null {
  return /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/.exec(cgroup)?.[0] ?? null;
}

/** Both null when the process is gone or not visible from here. */
export async function ownerOf(pid: number, accounts: Accounts): Promise<ProcessOwner> {
  const [cgroup, uid] = await Promise.all([
    readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => ''),
    stat(`/proc/${pid}`).then(
      (found) => found.uid,
      () => null,
    ),
  ]);
  return { containerId: containerIn(cgroup), owner: uid === null ? null : await accounts.nameOf(uid) };
}
