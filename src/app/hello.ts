// A host's agent starts (again): it gets a new run id, and its earlier process is not listened to any more.
import type { Hello, Welcome } from '../domain/host-protocol.ts';
import { PROTOCOL } from '../domain/host-protocol.ts';
import { startRun } from '../ledger/hosts.ts';
import type { App } from './app.ts';

/** A host on the bot's own machine (its Unix socket) registers itself enabled. */
export async function hello(app: App, message: Hello): Promise<Welcome> {
  const run = app.ids.uuid();
  await startRun(app.ledger.reads, message, run, 'enabled');
  app.log.info(
    { host: message.host, run, engine: message.engine, gpus: message.gpus, driver: message.driver, labels: message.labels },
    'agent said hello',
  );
  return { protocol: PROTOCOL, ledger: app.ledger.id, run };
}
