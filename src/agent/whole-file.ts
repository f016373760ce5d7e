// Writes a file so that a reader, also after a power cut, finds the old content or the new, never a part.
import { open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

/** `mode` is set whatever the umask. Rejects with the file system's error; the old file then stands. */
export async function writeWhole(path: string, content: string, mode: number): Promise<void> {
  const draft = `${path}.${process.pid}.new`;
  try {
    const file = await open(draft, 'w', mode);
    try {
      await file.chmod(mode);
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await unlink(draft).catch(() => undefined);
    throw error;
  }
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
