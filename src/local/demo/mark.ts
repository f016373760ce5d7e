// What a demo calls itself outside its own directory, written down before it makes anything there: the next start finds it by that.
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeWhole } from '../../agent/whole-file.ts';

const Mark = z.strictObject({
  /** Six hexadecimal digits, in all the names of one demo. */
  tag: z.string().regex(/^[0-9a-f]{6}$/),
  /** Of the Docker Engine; null where everything is simulated. */
  socket: z.string().nullable(),
});
export type Mark = z.infer<typeof Mark>;

const FILE = 'demo.json';

export function newMark(socket: string | null): Mark {
  return { tag: randomBytes(3).toString('hex'), socket };
}

/** The bridge has to fit 15 characters. */
export function namesOf({ tag }: Mark): { readonly host: string; readonly bridge: string; readonly image: string } {
  return { host: `demo-${tag}`, bridge: `berthdemo${tag}`, image: `berth-demo:${tag}` };
}

export async function writeMark(directory: string, mark: Mark): Promise<void> {
  await writeWhole(join(directory, FILE), JSON.stringify(mark), 0o600);
}

/** Null when no demo has begun in this directory. */
export function readMark(directory: string): Mark | null {
  const path = join(directory, FILE);
  return existsSync(path) ? Mark.parse(JSON.parse(readFileSync(path, 'utf8'))) : null;
}
