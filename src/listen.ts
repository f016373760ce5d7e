// Binds servers: TCP, or a Unix socket in a directory of its own that only we can enter.
import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import type { Listen } from './config.ts';

export async function listenOn(server: Server, where: Listen): Promise<void> {
  if (where.kind === 'unix') await prepareSocket(where.path);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(where.kind === 'unix' ? { path: where.path } : { host: where.host, port: where.port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

const LOOK_FOR_IDLE_MS = 50;

/** Stops taking connections and ends each as soon as it is idle; resolves when all are gone, at the latest after `timeoutMs`. */
export async function closeServer(server: Server, timeoutMs = 5000): Promise<void> {
  await new Promise<void>((resolve) => {
    const late = setTimeout(() => server.closeAllConnections(), timeoutMs);
    // A connection whose answer is still being written becomes idle only afterwards, and would be kept alive.
    const idle = setInterval(() => server.closeIdleConnections(), LOOK_FOR_IDLE_MS);
    server.close(() => {
      clearTimeout(late);
      clearInterval(idle);
      resolve();
    });
    server.closeIdleConnections();
  });
}

/** Makes the socket's directory 0700 and ours, and clears a socket that nobody answers on. */
async function prepareSocket(path: string): Promise<void> {
  const directory = dirname(path);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const { uid, mode } = lstatSync(directory);
  if (uid !== process.getuid?.()) throw new Error(`${directory} belongs to uid ${uid}, not to this process`);
  if ((mode & 0o077) !== 0) chmodSync(directory, 0o700);
  if (await somebodyListens(path)) throw new Error(`another bot listens on ${path} already`);
  rmSync(path, { force: true });
}

async function somebodyListens(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
