// A socket in front of the tests' engine, for a client that is to see the engine hang, or refuse once, without anybody else seeing it.
import { createServer, request, type ServerResponse } from 'node:http';
import { once } from 'node:events';

export interface EngineFront {
  readonly socket: string;
  /** From now on nothing is answered, and nothing reaches the engine. */
  hang(): void;
  /** What was not answered meanwhile is cut off. */
  recover(): void;
  /** The next removal of a container is answered with 409, as while another client's removal is under way. */
  refuseNextRemoval(): void;
  /** Removals that were refused. */
  refused(): number;
  close(): Promise<void>;
}

export async function startEngineFront(engineSocket: string, socket: string): Promise<EngineFront> {
  let hangs = false;
  let refusals = 0;
  let refused = 0;
  const waiting = new Set<ServerResponse>();
  const server = createServer((asked, answer) => {
    if (hangs) {
      waiting.add(answer);
      return;
    }
    if (refusals > 0 && asked.method === 'DELETE' && asked.url?.includes('/containers/') === true) {
      refusals -= 1;
      refused += 1;
      answer.writeHead(409, { 'content-type': 'application/json' });
      answer.end(JSON.stringify({ message: 'removal of container is already in progress' }));
      return;
    }
    const { method, url, headers } = asked;
    const onward = request({ socketPath: engineSocket, method, path: url, headers }, (found) => {
      answer.writeHead(found.statusCode ?? 502, found.headers);
      found.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    answer.on('close', () => onward.destroy());
    asked.pipe(onward);
  });
  server.listen(socket);
  await once(server, 'listening');
  return {
    socket,
    hang: () => {
      hangs = true;
    },
    recover: () => {
      hangs = false;
      for (const answer of waiting) answer.destroy();
      waiting.clear();
    },
    refuseNextRemoval: () => {
      refusals += 1;
    },
    refused: () => refused,
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
