// Whether the members' files lie on a mount where a setuid program or a device file that was left there counts for nothing (A4).
import { open, readFile } from 'node:fs/promises';

const WANTED = ['nosuid', 'nodev'];

/** What of `nosuid` and `nodev` the mount with this id lacks; `mountinfo` as in proc(5). Null when it is not listed. */
export function lackingOptions(mountinfo: string, mountId: number): string[] | null {
  // "36 35 98:0 /root /mount/point rw,nosuid,relatime optional… - type source superoptions", a space in a path as \040.
  const fields = mountinfo.split('\n').map((line) => line.split(' '));
  const options = fields.find(([id]) => id === String(mountId))?.[5]?.split(',');
  return options === undefined ? null : WANTED.filter((option) => !options.includes(option));
}

/** Null when the mount below `root` is as it should be; else what is wrong and what to do. */
export async function adviseOnMount(root: string): Promise<string | null> {
  const lacking = await lackingBelow(root).catch(() => null);
  if (lacking === null) return `${root}: how it is mounted cannot be read; it should be nosuid,nodev`;
  if (lacking.length === 0) return null;
  return `${root} is mounted without ${lacking.join(' and ')}, so a setuid program or device file left there would work on this host; run: mount --bind ${root} ${root} && mount -o remount,bind,nosuid,nodev ${root}, and add that to /etc/fstab`;
}

/** By the mount id of the open directory, which no later mount over a part of its path can hide. */
async function lackingBelow(root: string): Promise<string[] | null> {
  const folder = await open(root, 'r');
  try {
    const [, id] = /^mnt_id:\s*(\d+)$/m.exec(await readFile(`/proc/self/fdinfo/${folder.fd}`, 'utf8')) ?? [];
    return lackingOptions(await readFile('/proc/self/mountinfo', 'utf8'), Number(id));
  } finally {
    await folder.close();
  }
}
