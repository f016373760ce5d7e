// The passwd and group files mounted read-only into a member's container, so that the uid has a name and a home there.
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HOME } from './compile.ts';
import { writeWhole } from './whole-file.ts';

export function identityPaths(dir: string, uid: number, gid: number): { readonly passwd: string; readonly group: string } {
  const base = join(dir, 'identity', `${uid}-${gid}`);
  return { passwd: `${base}.passwd`, group: `${base}.group` };
}

/** Writes both files when they are missing or different. */
export async function writeIdentity(dir: string, uid: number, gid: number): Promise<void> {
  const { passwd, group } = identityPaths(dir, uid, gid);
  await mkdir(dirname(passwd), { recursive: true, mode: 0o700 });
  const member = `berth:x:${uid}:${gid}:Berth member:${HOME}:/bin/sh`;
  await Promise.all([
    keep(passwd, `root:x:0:0:root:/root:/bin/sh\n${member}\nnobody:x:65534:65534:nobody:/:/bin/false\n`),
    keep(group, `root:x:0:\nberth:x:${gid}:\nnogroup:x:65534:\n`),
  ]);
}

async function keep(path: string, content: string): Promise<void> {
  const found = await readFile(path, 'utf8').catch(() => null);
  if (found !== content) await writeWhole(path, content, 0o644);
}
