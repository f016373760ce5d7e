// The directory behind a member's /workspace: made once, owned by the member, never a link, never deleted.
import { chmod, lchown, lstat, mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';

export type WorkspaceResult = { readonly kind: 'ready'; readonly path: string } | { readonly kind: 'unusable'; readonly detail: string };

const ROOT_MODE = 0o711;
const MEMBER_MODE = 0o700;
const WRITABLE_BY_OTHERS = 0o022;

export function workspacePath(root: string, memberId: string): string {
  return join(root, memberId);
}

/** Makes or checks the root: a real directory, ours, that no container can write. */
export async function prepareWorkspaceRoot(root: string): Promise<WorkspaceResult> {
  return checked(root, async () => {
    const made = await makeDirectory(root);
    const found = await lstat(root);
    if (!found.isDirectory()) return `${root} is not a directory`;
    if (found.uid !== 0 && found.uid !== process.geteuid?.()) return `${root} belongs to uid ${found.uid}, not to root`;
    if (made) await chmod(root, ROOT_MODE);
    else if ((found.mode & WRITABLE_BY_OTHERS) !== 0) return `${root} is writable by others; make it 0711`;
    return null;
  });
}

/**
 * `<root>/<member>` for this uid and gid. Refused without changing anything when the root, the directory or a part of the path is
 * a link, or when the directory belongs to another member.
 */
export async function prepareWorkspace(root: string, member: { id: string; uid: number; gid: number }): Promise<WorkspaceResult> {
  const base = await prepareWorkspaceRoot(root);
  if (base.kind === 'unusable') return base;
  const path = workspacePath(root, member.id);
  return checked(path, async () => {
    await makeDirectory(path);
    const found = await lstat(path);
    if (!found.isDirectory()) return `${path} is not a directory`;
    if ((await realpath(path)) !== path) return `${path} leads elsewhere through a link`;
    if (found.uid === member.uid && found.gid === member.gid) return null;
    // Without root there is only the simulated engine, whose members do not exist.
    if (process.geteuid?.() !== 0) return null;
    // Only what this function made and did not finish is given away.
    if (found.uid !== 0) return `${path} belongs to uid ${found.uid}, not to ${member.uid}`;
    await chmod(path, MEMBER_MODE);
    await lchown(path, member.uid, member.gid);
    return null;
  });
}

async function checked(path: string, check: () => Promise<string | null>): Promise<WorkspaceResult> {
  try {
    const detail = (await check()) ?? ((await realpath(path)) === path ? null : `${path} leads elsewhere through a link`);
    return detail === null ? { kind: 'ready', path } : { kind: 'unusable', detail };
  } catch (error) {
    return { kind: 'unusable', detail: error instanceof Error ? error.message : String(error) };
  }
}

/** False when something of that name was there. */
async function makeDirectory(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: MEMBER_MODE });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}
