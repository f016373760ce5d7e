// Whether the bot's socket lies where no other local user could have put it: whoever answers there gives root's orders.
import { lstat, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';

/** `absent`: the bot has not made its directory yet. */
export type SocketTrust = { readonly kind: 'safe' } | { readonly kind: 'absent' } | { readonly kind: 'unsafe'; readonly detail: string };

/** Safe only in a directory 0700 of root or of the user the agent runs as. */
export async function trustSocket(path: string, euid: number): Promise<SocketTrust> {
  const folder = dirname(path);
  try {
    const found = await lstat(folder);
    if (!found.isDirectory() || (await realpath(folder)) !== folder)
      return { kind: 'unsafe', detail: `${folder} is a link or no directory` };
    if (found.uid !== 0 && found.uid !== euid)
      return { kind: 'unsafe', detail: `${folder} belongs to uid ${found.uid}, not to root or the agent's user` };
    if ((found.mode & 0o077) !== 0) return { kind: 'unsafe', detail: `${folder} is open to other users; it must be 0700` };
    return { kind: 'safe' };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { kind: 'absent' };
    return { kind: 'unsafe', detail: `${folder} cannot be read` };
  }
}
