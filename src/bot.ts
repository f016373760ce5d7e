// One bot process: ledger, Slack, the agents' endpoint and the jobs, started together and stopped in order.
import { randomBytes, randomUUID } from 'node:crypto';
import { allocationId } from './domain/ids.ts';
import type { Clock, Ticks } from './domain/time.ts';
import type { App } from './app/app.ts';
import { hasPolicy, importPolicy } from './app/import-policy.ts';
import { createRemembered } from './app/remembered.ts';
import { createIntake } from './app/take-delivery.ts';
import { createWakes } from './app/wakes.ts';
import type { BotConfig } from './config.ts';
import { createAgentsServer } from './http/agents.ts';
import { createMetricsServer } from './http/metrics.ts';
import { runJobs } from './jobs/run.ts';
import { jobs } from './jobs/table.ts';
import { openLedger } from './ledger/connect.ts';
import { migrate } from './ledger/migrate.ts';
import { CHANNEL } from './ledger/notify.ts';
import { closeServer, listenOn } from './listen.ts';
import type { Log } from './log.ts';
import { readPolicyFile } from './policy-file.ts';
import { policyWatch } from './policy-watch.ts';
import { createBoltApp } from './slack/bolt-app.ts';
import { createClients } from './slack/client.ts';
import { createDirectory } from './slack/directory.ts';
import { createHomeTabs } from './slack/home-tab.ts';
import { createMessenger } from './slack/messenger.ts';
import { createSlackReceiver } from './slack/receiver.ts';

export interface BotParts {
  readonly databaseUrl: string;
  readonly clock: Clock;
  readonly ticks: Ticks;
  readonly log: Log;
}

export interface RunningBot {
  readonly app: App;
  /** Stops taking deliveries, lets what is under way finish, then closes the ledger. */
  stop(): Promise<void>;
}

const DRAIN_MS = 10_000;

/** Starts everything, or nothing: what was started is stopped again when a later part fails. */
export async function startBot(config: BotConfig, { databaseUrl, clock, ticks, log }: BotParts): Promise<RunningBot> {
  const policy = config.policyFile === null ? null : readPolicyFile(config.policyFile);
  await migrate(databaseUrl, clock);
  const ledger = await openLedger(databaseUrl);
  const undo: (() => Promise<unknown>)[] = [() => ledger.close()];
  const stop = async () => {
    for (const step of undo.splice(0).toReversed()) await step();
  };
  try {
    if (policy !== null) await importPolicy({ ledger, clock }, policy);
    else if (!(await hasPolicy(ledger)))
      throw new Error('no policy yet: set BERTH_POLICY to a policy file (deploy/policy.example.yaml is one)');
    const clients = createClients(config.slack, log);
    const remembered = createRemembered(ledger, ticks);
    const app: App = {
      ledger,
      clock,
      ticks,
      ids: { allocation: () => allocationId(randomBytes(8)), uuid: () => randomUUID() },
      log,
      directory: await createDirectory(clients.lookup, ticks, log),
      messenger: createMessenger(clients.outbox, clock, config.slack.command),
      homeTabs: createHomeTabs(clients.outbox, config.slack.command),
      wakes: createWakes(),
      remembered,
      intake: createIntake(ledger, clock, remembered),
    };
    app.wakes.on('policy', () => app.remembered.forget());
    undo.push(
      await ledger.listen(
        CHANNEL,
        (wake) => app.wakes.emit(wake),
        () => wakeAll(app),
      ),
    );

    const ending = new AbortController();
    const agents = createAgentsServer(app, ending.signal);
    await listenOn(agents, config.listen.agents);
    undo.push(async () => {
      ending.abort();
      await closeServer(agents);
    });
    const metrics = createMetricsServer(app);
    await listenOn(metrics, config.listen.metrics);
    undo.push(() => closeServer(metrics));

    const running = runJobs(app, config.policyFile === null ? jobs : [...jobs, policyWatch(config.policyFile)]);
    undo.push(() => running.stop());

    // Bolt compares the stamps of signed requests with the machine's own clock, so the same clock here.
    const slack = createSlackReceiver(config.slack, log, () => Date.now() / 1000);
    const guard = await createBoltApp(app, clients, config.slack, slack.receiver);
    undo.push(() => guard.drained(DRAIN_MS));
    await slack.start();
    undo.push(() => slack.stop());
    if (slack.server !== null) {
      const { server } = slack;
      await listenOn(server, config.listen.slack);
      undo.push(() => closeServer(server));
    }
    log.info({ ledger: ledger.id, transport: config.slack.transport.kind }, 'Berth is ready');
    return { app, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** After a (re)connection anything may have been missed. */
function wakeAll(app: App): void {
  app.wakes.emit('policy');
  app.wakes.emit('queue');
  app.wakes.emit('outbox');
  app.wakes.emit('homes');
}
