// A process that starts the embedded PostgreSQL as a given uid and holds it until told on standard input:
// node --import tsx starter.ts START_TS DATA_DIR UID. It gives up root only after loading, so the clone may lie where UID cannot look.
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import type { startEmbeddedPostgres as Start } from '../../../src/local/postgres/start.ts';
import { createLog } from '../../../src/log.ts';

const [startFile, dataDir, uid] = process.argv.slice(2);
if (startFile === undefined || dataDir === undefined || uid === undefined) throw new Error('starter.ts START_TS DATA_DIR UID');
const { startEmbeddedPostgres } = (await import(pathToFileURL(startFile).href)) as { startEmbeddedPostgres: typeof Start };
const say = (message: object): void => void process.stdout.write(`${JSON.stringify(message)}\n`);

if (process.geteuid?.() === 0 && uid !== '0') {
  process.setgroups?.([]);
  process.setgid?.(Number(uid));
  process.setuid?.(Number(uid));
}
process.on('SIGINT', () => say({ interrupted: true }));
say({ starting: process.pid });
try {
  const { url, stop } = await startEmbeddedPostgres({ dataDir, log: createLog('starter', 'silent') });
  say({ url });
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === 'stop') break;
  }
  await stop();
  say({ stopped: true });
} catch (error) {
  say({ error: (error as Error).message });
}
process.exit(0);
