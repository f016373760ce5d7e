// The verbs on a database of their own, with Slack's side of the ports played by the test: who people are, and what was shown.
import { randomBytes, randomUUID } from 'node:crypto';
import type { App, Call, HomeTabs, Sent } from '../../src/app/app.ts';
import type { LetterView } from '../../src/domain/letter-view.ts';
import { hello } from '../../src/app/hello.ts';
import { importPolicy } from '../../src/app/import-policy.ts';
import { report } from '../../src/app/report.ts';
import { createRemembered } from '../../src/app/remembered.ts';
import { createIntake } from '../../src/app/take-delivery.ts';
import { createWakes } from '../../src/app/wakes.ts';
import type { RequestAsk } from '../../src/domain/ask.ts';
import type { HomeTabView } from '../../src/domain/home-tab-view.ts';
import { type Hello, PROTOCOL, type ObservedAllocation, type Report } from '../../src/domain/host-protocol.ts';
import { allocationId } from '../../src/domain/ids.ts';
import type { Policy } from '../../src/domain/policy.ts';
import { RefusalError, type Refusal } from '../../src/domain/refusal.ts';
import { systemTicks } from '../../src/domain/time.ts';
import { openLedger } from '../../src/ledger/connect.ts';
import { saveMember } from '../../src/ledger/members.ts';
import { createLog } from '../../src/log.ts';
import { movableClock, type MovableClock } from './clock.ts';
import { freshDatabase } from './database.ts';
import { testPolicy } from './policy.ts';

export const TEAM = 'T0BERTH01';

export interface TestApp {
  readonly app: App & { readonly clock: MovableClock };
  readonly databaseUrl: string;
  readonly shown: { letter: LetterView; recipient: string }[];
  /** What Slack answers to the next letters; `sent` when empty. */
  readonly slackSays: Sent[];
  /** Homes as they were shown, and what Slack answers to the next ones; `shown` when empty. */
  readonly homes: { user: string; view: HomeTabView }[];
  readonly slackSaysToHomes: Awaited<ReturnType<HomeTabs['show']>>[];
  /** Slack users whose account is deactivated. */
  readonly departed: Set<string>;
  /** Who is in the groups of Slack, by their ids; one that is not there cannot be read. */
  readonly groups: Map<string, ReadonlySet<string>>;
  /** Another bot process's view of the same database: its own connections, locks and clock-sharing. */
  another(): Promise<App>;
  call(user: string, inboxKey?: string): Promise<Call>;
  end(): Promise<void>;
}

export async function testApp(options: { policy?: Policy; clock?: MovableClock } = {}): Promise<TestApp> {
  const database = await freshDatabase();
  const clock = options.clock ?? movableClock();
  const shown: { letter: LetterView; recipient: string }[] = [];
  const slackSays: Sent[] = [];
  const homes: TestApp['homes'] = [];
  const slackSaysToHomes: TestApp['slackSaysToHomes'] = [];
  const departed = new Set<string>();
  const groups = new Map<string, ReadonlySet<string>>();
  const undo: (() => Promise<void>)[] = [() => database.drop()];
  const make = async (): Promise<App & { clock: MovableClock }> => {
    const ledger = await openLedger(database.url);
    undo.push(() => ledger.close());
    const remembered = createRemembered(ledger, systemTicks);
    return {
      ledger,
      clock,
      ticks: systemTicks,
      ids: { allocation: () => allocationId(randomBytes(8)), uuid: () => randomUUID() },
      log: createLog('test', process.env['STORY_LOG'] ?? 'silent'),
      directory: {
        home: { team: TEAM, enterprise: null },
        person: async (user) => ({
          team: TEAM,
          enterprise: null,
          user,
          name: user,
          zone: 'UTC',
          deleted: departed.has(user),
          bot: false,
          stranger: false,
          guest: false,
        }),
        groupMembers: async (group) => groups.get(group) ?? null,
      },
      messenger: {
        show: async (letter, recipient, place) => {
          shown.push({ letter, recipient });
          return slackSays.shift() ?? { kind: 'sent', ...(place ?? { channel: `D-${recipient}`, ts: `${shown.length}.0` }) };
        },
      },
      homeTabs: {
        show: async (user, view) => {
          homes.push({ user, view });
          return slackSaysToHomes.shift() ?? { kind: 'shown' };
        },
      },
      wakes: createWakes(),
      remembered,
      intake: createIntake(ledger, clock, remembered),
    };
  };
  const app = await make();
  await importPolicy(app, options.policy ?? testPolicy());
  return {
    app,
    databaseUrl: database.url,
    shown,
    slackSays,
    homes,
    slackSaysToHomes,
    departed,
    groups,
    another: make,
    call: async (user, inboxKey) => ({
      actor: await saveMember(app.ledger.reads, { team: TEAM, user, name: user, zone: 'UTC' }, clock.now()),
      inboxKey: inboxKey ?? null,
    }),
    end: async () => {
      for (const step of undo.toReversed()) await step();
    },
  };
}

export function askFor(change: Partial<RequestAsk> = {}): RequestAsk {
  return {
    pool: 'a100',
    devices: 1,
    memoryMibMin: null,
    durationSeconds: 3600,
    until: null,
    image: null,
    host: null,
    command: null,
    purpose: 'testing',
    ...change,
  };
}

/** Why it was refused, or null when it was not; anything else that is thrown is. */
export async function refusalOf(work: Promise<unknown>): Promise<Refusal | null> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error !== null && !(error instanceof RefusalError)) throw error;
  return error?.refusal ?? null;
}

export const uuidOf = (host: string, index: number) => `GPU-${host}-0000-0000-${String(index).padStart(12, '0')}`;

export interface TestHost {
  readonly name: string;
  readonly run: string;
  /** Reports these allocations; devices are all clear unless `change` says otherwise. Null when it was applied. */
  report(allocations: readonly ObservedAllocation[], change?: Partial<Report>): Promise<string | null>;
}

/** A host that says what the test makes it say, by the protocol's own messages. */
export async function testHost(
  app: App,
  name: string,
  gpus: number,
  model = 'NVIDIA A100 80GB',
  about: Partial<Hello> = {},
): Promise<TestHost> {
  const { run } = await hello(app, {
    protocol: PROTOCOL,
    host: name,
    agentVersion: 'test',
    engine: { kind: 'docker', version: '28' },
    gpus: 'nvidia',
    driver: null,
    labels: [],
    ...about,
  });
  let sequence = 0;
  const devices = Array.from({ length: gpus }, (_, index) => ({
    uuid: uuidOf(name, index),
    index,
    model,
    memoryMib: 81_920,
    memoryUsedMib: 0,
    utilizationPercent: 0,
    foreignMemoryMib: 0,
    foreign: [],
  }));
  const host: TestHost = {
    name,
    run,
    report: async (allocations, change = {}) =>
      report(app, {
        protocol: PROTOCOL,
        host: name,
        run,
        sequence: ++sequence,
        appliedRevision: 1_000_000,
        allocations: [...allocations],
        orphans: [],
        devices,
        problems: [],
        ...change,
      }),
  };
  await host.report([]);
  return host;
}

export const sees = {
  running: (allocation: string, fence: number): ObservedAllocation => ({
    allocation,
    fence,
    status: 'running',
    containerId: 'c0ffee',
    containerName: `berth-${allocation}`,
    startedAt: '2026-03-02T09:00:00Z',
    devices: [],
  }),
  stopped: (allocation: string, fence: number): ObservedAllocation => ({ allocation, fence, status: 'stopped' }),
  ended: (allocation: string, fence: number, cause: 'exited' | 'out_of_memory' | 'removed'): ObservedAllocation => ({
    allocation,
    fence,
    status: 'ended',
    cause,
    exitCode: 137,
    detail: '',
  }),
  failed: (allocation: string, fence: number, code: 'image_missing' | 'name_taken' = 'image_missing'): ObservedAllocation => ({
    allocation,
    fence,
    status: 'failed',
    code,
    detail: 'the engine said no',
  }),
};
