// At most one agent per state directory: the running one listens on a socket there, which dies with it however it dies.
import { unlink } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';

/** Null when another agent holds the directory. Close the server to let go. */
export async function holdAlone(dir: string): Promise<Server | null> {
  const path = join(dir, 'agent.sock');
  if (await answers(path)) return null;
  await unlink(path).catch(() => undefined);
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(path, () => {
      server.unref();
      resolve(server);
    });
  });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.on('connect', () => end(true));
    socket.on('error', () => end(false));
  });
}
