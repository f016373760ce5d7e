// Grants: how many fully checked requests and placements of one contended pool the ledger decides, beside bare transactions through the same driver.
import { randomBytes, randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import type { App, Call } from '../src/app/app.ts';
import { hello } from '../src/app/hello.ts';
import { importPolicy } from '../src/app/import-policy.ts';
import { place } from '../src/app/place.ts';
import { createRemembered } from '../src/app/remembered.ts';
import { report } from '../src/app/report.ts';
import { request } from '../src/app/request.ts';
import { createIntake } from '../src/app/take-delivery.ts';
import { viewQueue } from '../src/app/view-queue.ts';
import { createWakes } from '../src/app/wakes.ts';
import { allocationId } from '../src/domain/ids.ts';
import { PROTOCOL } from '../src/domain/host-protocol.ts';
import { Policy } from '../src/domain/policy.ts';
import { systemClock, systemTicks } from '../src/domain/time.ts';
import { openLedger } from '../src/ledger/connect.ts';
import { saveMember } from '../src/ledger/members.ts';
import { migrate } from '../src/ledger/migrate.ts';
import { createLog } from '../src/log.ts';
import { median, milliseconds, percentile, times, type Figure } from './figures.ts';
import type { Ground } from './ground.ts';

const TEAM = 'T0BENCH01';
const MEMBERS = 20;
const GRANTS = 300;
const ROUNDS = 5;
const FEW = 100;
const PAST_AT_ONCE = 10_000;
const PAST = 100_000;
const QUEUED = 10_000;
const HOSTS = 125;
const AIM_RATIO = 0.2;
const AIM_PER_SECOND = 200;
const AIM_P99_MS = 50;
const AIM_FLAT = 1.2;
const AIM_QUEUE_MS = 1000;

const policy = Policy.parse({
  channel: 'C0APPROVE',
  members: 'everyone',
  admins: ['U0ROOT001'],
  quota: { gpus: 100_000, gpusPerRequest: 8, cpuContainers: 10, gpuHours: 1_000_000_000 },
  teams: [{ name: 'lab', members: { list: Array.from({ length: MEMBERS }, (_, index) => userOf(index)) }, total: { gpus: 100_000 } }],
  openRequests: 10_000,
  defaultDuration: '4h',
  pools: [
    { name: 'a100', match: { model: 'A100' }, memoryGib: 80, approval: 'none', maxDuration: '7d', perGpu: { cpus: 1, memoryGib: 1 } },
  ],
  cpu: { maxDuration: '7d', share: { cpus: 1, memoryGib: 1 } },
  images: [{ name: 'test', reference: 'berth-test:1' }],
});

function userOf(index: number): string {
  return `U0MEMBER${String(index).padStart(2, '0')}`;
}

interface Desk {
  readonly app: App;
  readonly calls: readonly Call[];
}

export async function grantsFigures(ground: Ground): Promise<Figure[]> {
  const desk = await openDesk(ground, 'grants');
  const { app } = desk;
  await bareTable(app);
  await grant(desk, 60, 1);
  const rounds: { bare1: number; berth1: number; bare20: number; berth20: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push({
      bare1: await perSecond(GRANTS, 1, () => bare(app)),
      berth1: await grant(desk, GRANTS, 1),
      bare20: await perSecond(GRANTS, 20, () => bare(app)),
      berth20: await grant(desk, GRANTS, 20),
    });
    await endAll(desk);
  }
  const of = (name: keyof (typeof rounds)[number]) => median(rounds.map((round) => round[name]));
  const ratio = median(rounds.map(({ bare1, berth1 }) => berth1 / bare1));
  const ratio20 = median(rounds.map(({ bare20, berth20 }) => berth20 / bare20));
  const latencies = await arrivals(desk, of('berth20') / 2);
  await endAll(desk);
  return [
    {
      what: 'grants, one after another',
      aim: `≥ ${AIM_RATIO}× bare transactions, ≥ ${AIM_PER_SECOND}/s`,
      measured: `${times(ratio)}, ${of('berth1').toFixed(0)}/s`,
      met: ratio >= AIM_RATIO && of('berth1') >= AIM_PER_SECOND,
      notes: [
        `${ROUNDS} rounds of ${GRANTS} requests, each checked against the member's and the team's limits and budgets, of ${MEMBERS} members of one team on one pool; bare: insert and update of one row in a transaction.`,
        `bare: ${of('bare1').toFixed(0)}/s; with 20 at once Berth ${of('berth20').toFixed(0)}/s of bare ${of('bare20').toFixed(0)}/s, ${times(ratio20)} (one team: every one of them waits for the same lock)`,
      ],
    },
    {
      what: 'decision, p99 at half that rate',
      aim: `≤ ${AIM_P99_MS} ms`,
      measured: milliseconds(percentile(latencies, 0.99)),
      met: percentile(latencies, 0.99) <= AIM_P99_MS,
      notes: [
        `${latencies.length} requests at even distances, ${(of('berth20') / 2).toFixed(0)} a second; p50 ${milliseconds(percentile(latencies, 0.5))}`,
      ],
    },
    ...(await flatFigures(ground)),
    await queueFigure(ground),
  ];
}

interface Measured {
  readonly rate: number;
  readonly p50: number;
  readonly p99: number;
}

/** `half`: arrivals a second. */
async function measure(desk: Desk, half: number): Promise<Measured> {
  await endAll(desk);
  const rate = await grant(desk, GRANTS, 1);
  const took = await arrivals(desk, half);
  await endAll(desk);
  return { rate, p50: median(took), p99: percentile(took, 0.99) };
}

/** Beside each other and in turns: a ledger with few past allocations, and one with many of the same members in the same period. */
async function flatFigures(ground: Ground): Promise<Figure[]> {
  const few = await openDesk(ground, 'few');
  const many = await openDesk(ground, 'many');
  for (const [desk, count] of [
    [few, FEW],
    [many, PAST],
  ] as const) {
    await grant(desk, 60, 1);
    await addPast(desk, count);
  }
  const rounds: { few: Measured; many: Measured; half: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const rates: number[] = [];
    for (const desk of [few, many]) rates.push(await grant(desk, GRANTS, 20));
    const half = Math.min(...rates) / 2;
    rounds.push({ few: await measure(few, half), many: await measure(many, half), half });
  }
  const of = (desk: 'few' | 'many', what: keyof Measured) => median(rounds.map((round) => round[desk][what]));
  const range = `from ${FEW} to ${PAST.toLocaleString('en')} past allocations`;
  const past = 'ended allocations of the same members and team in the same week, three journal entries each; two ledgers, in turns';
  const slower = median(rounds.map((round) => round.few.rate / round.many.rate));
  const later = median(rounds.map((round) => round.many.p99 / round.few.p99));
  return [
    {
      what: `grants, ${range}`,
      aim: `≤ ${AIM_FLAT}× slower`,
      measured: times(slower),
      met: slower <= AIM_FLAT,
      notes: [`${of('few', 'rate').toFixed(0)}/s with few, ${of('many', 'rate').toFixed(0)}/s with many ${past}`],
    },
    {
      what: `decision, p99 at half the rate, ${range}`,
      aim: `≤ ${AIM_FLAT}×`,
      measured: times(later),
      met: later <= AIM_FLAT,
      notes: [
        `${median(rounds.map(({ half }) => half)).toFixed(0)} a second at even distances; with few p50 ${milliseconds(of('few', 'p50'))}, p99 ${milliseconds(of('few', 'p99'))}; with many p50 ${milliseconds(of('many', 'p50'))}, p99 ${milliseconds(of('many', 'p99'))}`,
        `ratio of the p99s in the rounds: ${rounds.map((round) => times(round.many.p99 / round.few.p99)).join(', ')}`,
      ],
    },
  ];
}

async function queueFigure(ground: Ground): Promise<Figure> {
  const desk = await openDesk(ground, 'queue');
  const { app } = desk;
  for (let host = 0; host < HOSTS; host++) await reportHost(app, `gpu-${String(host).padStart(3, '0')}`, 8);
  await app.ledger.reads.execute(sql`analyze`);
  await grant(desk, HOSTS * 8, 4);
  while ((await place(app)) > 0);
  await enqueue(desk, QUEUED);
  await app.ledger.reads.execute(sql`analyze`);
  const took: number[] = [];
  let waiting = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now();
    const [pool] = await viewQueue(app, 'a100');
    took.push(performance.now() - began);
    waiting = pool?.waiting.filter(({ startsAt }) => startsAt !== null).length ?? 0;
  }
  return {
    what: `queue and earliest starts, ${QUEUED.toLocaleString('en')} waiting on ${HOSTS * 8} GPUs`,
    aim: `≤ ${AIM_QUEUE_MS} ms`,
    measured: milliseconds(median(took)),
    met: median(took) <= AIM_QUEUE_MS && waiting === QUEUED,
    notes: [`read from PostgreSQL, planned and worded as data; an earliest start for ${waiting.toLocaleString('en')} of them`],
  };
}

async function openDesk(ground: Ground, name: string): Promise<Desk> {
  const url = await ground.database(name);
  await migrate(url, systemClock);
  const ledger = await openLedger(url);
  ground.later(() => ledger.close());
  const remembered = createRemembered(ledger, systemTicks);
  const app: App = {
    ledger,
    clock: systemClock,
    ticks: systemTicks,
    ids: { allocation: () => allocationId(randomBytes(8)), uuid: () => randomUUID() },
    log: createLog('bench', 'silent'),
    directory: { home: { team: TEAM, enterprise: null }, person: async () => null, groupMembers: async () => null },
    messenger: { show: async () => ({ kind: 'failed', error: 'nobody listens', hopeless: true }) },
    homeTabs: { show: async () => ({ kind: 'failed', error: 'nobody listens', hopeless: true }) },
    wakes: createWakes(),
    remembered,
    intake: createIntake(ledger, systemClock, remembered),
  };
  await importPolicy(app, policy);
  await reportHost(app, 'gpu-bench', 8);
  const calls: Call[] = [];
  for (let index = 0; index < MEMBERS; index++) {
    const person = { team: TEAM, user: userOf(index), name: userOf(index), zone: 'UTC' };
    calls.push({ actor: await saveMember(ledger.reads, person, systemClock.now()), inboxKey: null });
  }
  return { app, calls };
}

async function reportHost(app: App, host: string, gpus: number): Promise<void> {
  const about = { protocol: PROTOCOL, host };
  const { run } = await hello(app, {
    ...about,
    agentVersion: 'bench',
    engine: { kind: 'docker', version: '28' },
    gpus: 'nvidia',
    driver: null,
    labels: [],
  });
  const devices = Array.from({ length: gpus }, (_, index) => ({
    uuid: `GPU-${host}-0000-0000-${String(index).padStart(12, '0')}`,
    index,
    model: 'NVIDIA A100 80GB',
    memoryMib: 81_920,
    memoryUsedMib: 0,
    utilizationPercent: 0,
    foreignMemoryMib: 0,
    foreign: [],
  }));
  await report(app, { ...about, run, sequence: 1, appliedRevision: 1, allocations: [], orphans: [], devices, problems: [] });
}

/** So many requests, so many at once; how many a second. Throws when one is refused. */
async function grant({ app, calls }: Desk, count: number, atOnce: number): Promise<number> {
  let next = 0;
  return perSecond(count, atOnce, async () => {
    const call = calls[next++ % calls.length];
    if (call !== undefined) await ask(app, call);
  });
}

async function ask(app: App, call: Call): Promise<void> {
  const outcome = await request(app, call, {
    pool: 'a100',
    devices: 1,
    memoryMibMin: null,
    durationSeconds: 3600,
    until: null,
    image: null,
    host: null,
    command: null,
    purpose: 'bench',
  });
  if (outcome.kind !== 'requested') throw new Error(`not granted: ${JSON.stringify(outcome)}`);
}

async function perSecond(count: number, atOnce: number, work: () => Promise<void>): Promise<number> {
  let left = count;
  const began = performance.now();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left-- > 0) await work();
    }),
  );
  return (count * 1000) / (performance.now() - began);
}

/** Requests at even distances, whatever the ones before take; milliseconds of each. */
async function arrivals({ app, calls }: Desk, perSecondWanted: number): Promise<number[]> {
  const count = GRANTS * 2;
  const gap = 1000 / perSecondWanted;
  const began = performance.now();
  const took = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const call = calls[index % calls.length];
      const due = began + index * gap;
      await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
      const from = performance.now();
      if (call !== undefined) await ask(app, call);
      return performance.now() - from;
    }),
  );
  return took;
}

async function bareTable({ ledger }: App): Promise<void> {
  await ledger.reads.execute(sql`create table bare (id text primary key, state text not null, at timestamptz not null)`);
}

async function bare({ ledger }: App): Promise<void> {
  const id = randomUUID();
  await ledger.decisions.transaction(async (tx) => {
    await tx.execute(sql`insert into bare values (${id}, 'queued', ${systemClock.now().toISOString()}::timestamptz)`);
    await tx.execute(sql`update bare set state = 'placed' where id = ${id}`);
  });
}

/** What waits is over, past the rules: only the gauge's size matters here. */
async function endAll({ app }: Desk): Promise<void> {
  await app.ledger.reads.execute(sql`update allocations set state = 'cancelled', ended_at = requested_at where state = 'queued'`);
}

/** In batches, each within the time that a statement has on a busy machine. */
async function addPast(desk: Desk, count: number): Promise<void> {
  for (let first = 1; first <= count; first += PAST_AT_ONCE) await addSome(desk, first, Math.min(count, first + PAST_AT_ONCE - 1));
  await desk.app.ledger.reads.execute(sql`analyze`);
}

async function addSome({ app }: Desk, first: number, last: number): Promise<void> {
  const at = systemClock.now().toISOString();
  const { reads } = app.ledger;
  await reads.execute(sql`
    insert into allocations (id, member_id, team, state, version, requested_at, pool, device_count, capacity_milli, charge_milli, image, limits,
      duration_seconds, purpose, lapses_at, queued_at, placed_at, active_at, ended_at, host, changed_by, changed_at)
    select 'past-' || n, 1 + n % ${MEMBERS}, 'lab', 'retired', 5, ${at}::timestamptz, 'a100', 1, 1000, 1000, 'x', '{}', 3600, '', ${at}::timestamptz,
      ${at}::timestamptz, ${at}::timestamptz, ${at}::timestamptz, ${at}::timestamptz, 'gpu-bench', 'clock', ${at}::timestamptz
    from generate_series(${first}::int, ${last}::int) n`);
  await reads.execute(sql`
    insert into entries (account, kind, amount, period_kind, period_start, allocation_id, at, actor)
    select account, kind, 1000, 'week', date_trunc('week', ${at}::timestamptz), 'past-' || n, ${at}::timestamptz, 'clock'
    from generate_series(${first}::int, ${last}::int) n,
      lateral (values ('member:' || (1 + n % ${MEMBERS})), ('team:lab')) accounts(account), (values ('hold'), ('post'), ('void')) kinds(kind)`);
  await reads.execute(sql`
    insert into events (allocation_id, event, to_state, version, at, actor, detail)
    select 'past-' || n, 'request', 'queued', v, ${at}::timestamptz, 'clock', '{}' from generate_series(${first}::int, ${last}::int) n, generate_series(1, 5) v`);
}

/** Waiting requests of mixed sizes, written past the verbs. */
async function enqueue({ app }: Desk, count: number): Promise<void> {
  const at = systemClock.now().toISOString();
  await app.ledger.reads.execute(sql`
    insert into allocations (id, member_id, state, requested_at, pool, device_count, capacity_milli, charge_milli, image, limits,
      duration_seconds, purpose, lapses_at, queued_at, queue_place, changed_by, changed_at)
    select 'wait-' || n, 1 + n % ${MEMBERS}, 'queued', ${at}::timestamptz, 'a100', size, size * 1000, 1000, 'x', '{}', 600 + n * 37 % 80000, '',
      ${at}::timestamptz + interval '300 days', ${at}::timestamptz + n * interval '1 ms', nextval('queue_places'), 'clock', ${at}::timestamptz
    from generate_series(1, ${count}::int) n, lateral (select (array[1,1,2,4,8])[1 + n % 5] as size) sizes`);
}
