// The other side of the agent's protocol for tests: hands out one list, keeps the reports, and refuses stale runs.
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DesiredContainer, Hello, type ObservedAllocation, PROTOCOL, Report } from '../../src/domain/host-protocol.ts';

export type TestBot = {
  readonly socket: string;
  readonly reports: Report[];
  readonly hellos: Hello[];
  ledger: string;
  revision: number;
  /** Sets the list with the next revision. */
  want(...containers: DesiredContainer[]): void;
  /** Another ledger or an older revision, as after a restore. */
  become(ledger: string, revision: number, containers: DesiredContainer[]): void;
  /** The first report, already here or still to come, that satisfies; rejects after the time. */
  report(satisfies: (report: Report) => boolean, seconds?: number): Promise<Report>;
  /** What the first report with the current revision that says `status` of it says. */
  state<Status extends ObservedAllocation['status']>(
    allocation: string,
    status: Status,
    seconds?: number,
  ): Promise<Extract<ObservedAllocation, { status: Status }>>;
  close(): Promise<void>;
};

export async function startBot(host: string, hold = 25_000): Promise<TestBot> {
  const dir = mkdtempSync(join(tmpdir(), 'berth-bot-'));
  chmodSync(dir, 0o700);
  let run = '';
  let sequence = 0;
  let containers: readonly DesiredContainer[] = [];
  const pollers = new Set<() => void>();
  const listeners = new Set<(report: Report) => void>();
  const wake = (): void => [...pollers].forEach((poller) => poller());

  const server = createServer((request, response) => void serve(request, response));
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', 'http://bot');
    const reject = (code: string): void => send(response, 409, { code, message: code });
    switch (`${request.method} ${url.pathname}`) {
      case 'POST /v1/hello':
        bot.hellos.push(Hello.parse(await body(request)));
        run = randomUUID();
        sequence = 0;
        wake();
        return send(response, 200, { protocol: PROTOCOL, ledger: bot.ledger, run });
      case 'POST /v1/report': {
        const report = Report.parse(await body(request));
        if (report.run !== run) return reject('stale_run');
        if (report.sequence <= sequence) return reject('stale_sequence');
        sequence = report.sequence;
        bot.reports.push(report);
        for (const listener of listeners) listener(report);
        return send(response, 200, { protocol: PROTOCOL, applied: true });
      }
      case 'GET /v1/desired': {
        if (url.searchParams.get('run') !== run) return reject('stale_run');
        const after = Number(url.searchParams.get('after'));
        if (bot.revision <= after) await held(response);
        if (url.searchParams.get('run') !== run) return reject('stale_run');
        if (bot.revision <= after) return void response.writeHead(204).end();
        return send(response, 200, { protocol: PROTOCOL, ledger: bot.ledger, host, revision: bot.revision, containers });
      }
      default:
        return send(response, 404, {});
    }
  }
  function held(response: ServerResponse): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        pollers.delete(end);
        resolve();
      };
      const timer = setTimeout(end, hold);
      pollers.add(end);
      response.on('close', end);
    });
  }

  const bot: TestBot = {
    socket: join(dir, 'agents.sock'),
    reports: [],
    hellos: [],
    ledger: randomUUID(),
    revision: 0,
    want(...list) {
      containers = list;
      bot.revision += 1;
      wake();
    },
    become(ledger, revision, list) {
      Object.assign(bot, { ledger, revision });
      containers = list;
      run = '';
      wake();
    },
    report(satisfies, seconds = 20) {
      const found = bot.reports.find(satisfies);
      if (found !== undefined) return Promise.resolve(found);
      return new Promise((resolve, reject) => {
        const listener = (report: Report): void => {
          if (!satisfies(report)) return;
          clearTimeout(timer);
          listeners.delete(listener);
          resolve(report);
        };
        const timer = setTimeout(() => {
          listeners.delete(listener);
          reject(new Error(`no such report within ${seconds} s; the last one: ${JSON.stringify(bot.reports.at(-1))}`));
        }, seconds * 1000);
        listeners.add(listener);
      });
    },
    async state(allocation, status, seconds) {
      const since = bot.revision;
      const is = (one: ObservedAllocation): one is Extract<ObservedAllocation, { status: typeof status }> =>
        one.allocation === allocation && one.status === status;
      const report = await bot.report((one) => one.appliedRevision >= since && one.allocations.some(is), seconds);
      return report.allocations.find(is)!;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(dir, { recursive: true, force: true });
    },
  };
  await new Promise<void>((resolve) => server.listen(bot.socket, resolve));
  return bot;
}

async function body(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

function send(response: ServerResponse, status: number, message: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(message));
}
