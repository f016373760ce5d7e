// One living process per cluster, proven by a listening socket: it dies with its process, whatever became of the pid.
import { randomBytes } from 'node:crypto';
import { chmod, open, readdir, rename, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { once } from 'node:events';

export interface Hold {
  release(): Promise<void>;
}

/**
 * Holds a cluster's home until `release` or the end of this process; refuses while another process holds it.
 *
 * A mark gets its name `holder-<pid>-<random>` only once it listens, and everybody lists the marks after making his own: of two starts at
 * least one sees the other, and a mark that refuses a connection is dead for good. Two starts in the same instant may both be refused.
 */
export async function holdHome(home: string): Promise<Hold> {
  const name = `${process.pid}-${randomBytes(6).toString('hex')}`;
  const claim = join(home, `claim-${name}`);
  const mark = join(home, `holder-${name}`);
  const server = createServer((socket) => socket.destroy());
  const release = async (): Promise<void> => {
    await Promise.all([rm(claim, { force: true }), rm(mark, { force: true })]);
    if (server.listening) await new Promise((done) => server.close(done));
  };
  try {
    await inDirectory(home, (directory) => listen(server, join(directory, `claim-${name}`)));
    await chmod(claim, 0o600);
    await rename(claim, mark);
    for (const entry of await readdir(home)) {
      if (!entry.startsWith('holder-') || entry === `holder-${name}`) continue;
      if (await inDirectory(home, (directory) => answers(join(directory, entry)))) {
        throw new Error(`The database in ${home} is in use by the Berth with process id ${entry.split('-')[1]}: stop that one first.`);
      }
      await rm(join(home, entry), { force: true });
    }
    return { release };
  } catch (error) {
    await release();
    throw error;
  }
}

/** Socket paths end at 107 bytes; on Linux a deep directory is reached through a descriptor of it. */
async function inDirectory<T>(path: string, use: (short: string) => Promise<T>): Promise<T> {
  if (process.platform !== 'linux') return use(path);
  const handle = await open(path, 'r');
  try {
    return await use(`/proc/self/fd/${handle.fd}`);
  } finally {
    await handle.close();
  }
}

async function listen(server: Server, path: string): Promise<void> {
  server.listen(path);
  await once(server, 'listening');
  server.unref();
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    // Anything but a clear no counts as alive: a full backlog is EAGAIN.
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT'));
  });
}
