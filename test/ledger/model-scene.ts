// Two bots on one ledger with two hosts, and the model of it beside them, as each run begins.
import { sql } from 'drizzle-orm';
import type { App } from '../../src/app/app.ts';
import { importPolicy } from '../../src/app/import-policy.ts';
import { allocationId } from '../../src/domain/ids.ts';
import { parseMoment } from '../../src/domain/time.ts';
import type { MemberRow } from '../../src/ledger/members.ts';
import { testApp, testHost, uuidOf, type TestApp, type TestHost } from '../support/app.ts';
import { movableClock } from '../support/clock.ts';
import { CLEAR_REPORTS, type Model } from './model.ts';
import { devices, firstRules, MODELS, policyOf, users, type HostName } from './model-rules.ts';

/** 2026-03-26, a Thursday: the first week ends soon, and the month soon after it. */
const START = '2026-03-26T09:00:00Z';

const CARD_IN_SLICES = 99;

/** Two bots on one database. */
export interface Ground {
  readonly berth: TestApp;
  readonly bots: readonly [App, App];
}

export interface Scene extends Ground {
  readonly hosts: Readonly<Record<HostName, TestHost>>;
  readonly members: readonly MemberRow[];
  model: Model;
  /** Operations so far; the bots take turns. */
  steps: number;
  /** Whose requests for devices were granted in this step. */
  raised: string[];
  /** Of what was placed, by allocation. */
  readonly fences: Map<string, number>;
  /** Counts something that happened. */
  readonly note: (what: string) => void;
}

export async function makeGround(): Promise<Ground> {
  const berth = await testApp({ clock: movableClock(START) });
  const bots = [berth.app, await berth.another()] as const;
  for (const bot of bots) await connectAll(bot);
  return { berth, bots };
}

/** Asks so much at once that each connection is there afterwards; whatever becomes of the questions. */
export async function connectAll({ ledger: { reads, decisions } }: App): Promise<void> {
  await Promise.allSettled([reads, decisions].flatMap((pool) => Array.from({ length: 10 }, () => pool.execute(sql`select`))));
}

/** As it was when it was made. A new database and its connections would take as long as ten steps. */
async function clear({ berth, bots }: Ground): Promise<void> {
  await berth.app.ledger.reads.execute(
    sql.raw(`do $$ begin
      set local session_replication_role = replica; -- past the triggers that keep the journal
      execute (select 'truncate ' || string_agg(quote_ident(tablename), ', ') || ' restart identity'
        from pg_tables where schemaname = 'public' and tablename <> 'ledger');
      perform setval(quote_ident(sequencename)::regclass, start_value, false) from pg_sequences where schemaname = 'public';
    end $$`),
  );
  berth.app.clock.set(parseMoment(START));
  await importPolicy(berth.app, policyOf(firstRules));
  for (const { remembered } of bots) remembered.forget();
}

export async function startScene(ground: Ground, note: (what: string) => void): Promise<Scene> {
  await clear(ground);
  const { berth } = ground;
  // In the order of their making, so that the same seed gives the same ids.
  let made = 0;
  const allocation = () => allocationId(Uint8Array.from([0, 0, 0, 0, 0, 0, ++made / 30, made % 30]));
  const [one, two] = ground.bots;
  const bots = [
    { ...one, ids: { ...one.ids, allocation } },
    { ...two, ids: { ...two.ids, allocation } },
  ] as const;
  const hosts = { 'gpu-01': await startHost(bots[0], 'gpu-01'), 'gpu-02': await startHost(bots[0], 'gpu-02') };
  const members: MemberRow[] = [];
  for (const user of users) members.push((await berth.call(user)).actor);
  const now = parseMoment(START).getTime() / 1000;
  const model: Model = {
    now,
    rules: firstRules,
    overrides: [],
    corrections: [],
    heard: { 'gpu-01': now, 'gpu-02': now },
    clear: Object.fromEntries([...devices.keys()].map((uuid) => [uuid, CLEAR_REPORTS])),
    allocations: [],
    places: 0,
  };
  return { berth, bots, hosts, members, model, steps: 0, raised: [], fences: new Map(), note };
}

/** A host with devices of every pool. */
async function startHost(app: App, name: HostName): Promise<TestHost> {
  const seen = observedDevices(name);
  const host = await testHost(app, name, seen.length);
  await host.report([], { devices: seen });
  return host;
}

/** With nobody else on any of them. */
export function observedDevices(host: HostName) {
  const clear = { memoryMib: 24_576, memoryUsedMib: 0, utilizationPercent: 0, foreignMemoryMib: 0, foreign: [] };
  const own = [...devices].filter(([, device]) => device.host === host);
  return own.map(([uuid, { index, pool }]) => {
    const card = pool === 'slice' ? { parent: uuidOf(host, CARD_IN_SLICES) } : {};
    return { uuid, index, model: MODELS[pool], ...clear, ...card };
  });
}

/** The bots, the one whose turn it is first. */
export function turnOf({ bots, steps }: Scene): readonly [App, App] {
  return steps % 2 === 0 ? [bots[0], bots[1]] : [bots[1], bots[0]];
}

export function pass(scene: Scene, seconds: number): void {
  scene.model.now += seconds;
  scene.berth.app.clock.move(seconds);
}
