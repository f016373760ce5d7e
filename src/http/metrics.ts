// Health and metrics: a listener of its own, without names of people, and without anything that changes something.
import { createServer, type Server, type ServerOptions } from 'node:http';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { App } from '../app/app.ts';
import { databaseAnswers } from '../app/health.ts';
import { LIMITS, sendJson } from './body.ts';

export function createMetricsServer(app: App, limits: ServerOptions = LIMITS): Server {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'berth_' });
  new Gauge({
    name: 'berth_policy_version',
    help: 'Version of the policy that this bot answers by.',
    registers: [registry],
    async collect() {
      // While the ledger cannot be read, the last one known stands.
      const known = await app.remembered.policy().catch(() => null);
      if (known !== null) this.set(known.version);
    },
  });
  return createServer(limits, (request, response) => {
    const path = request.method === 'GET' ? request.url?.split('?')[0] : undefined;
    void (async () => {
      if (path === '/healthz') return sendJson(response, 200, { ok: true });
      if (path === '/readyz') {
        const ready = await databaseAnswers(app);
        return sendJson(response, ready ? 200 : 503, { ok: ready });
      }
      if (path === '/metrics') {
        const text = await registry.metrics();
        response.writeHead(200, { 'content-type': registry.contentType }).end(text);
        return;
      }
      return sendJson(response, 404, { message: 'not found' });
    })().catch((error: unknown) => {
      app.log.error({ err: error }, 'metrics could not be served');
      response.destroy();
    });
  });
}
