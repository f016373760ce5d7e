// Verification of a large ledger, by `berth verify` with the heap that a bot has: how long it takes, and how much memory.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import postgres from 'postgres';
import { systemClock } from '../src/domain/time.ts';
import { connectionOptions, openLedger } from '../src/ledger/connect.ts';
import { migrate } from '../src/ledger/migrate.ts';
import type { Figure } from './figures.ts';
import type { Ground } from './ground.ts';

const ALLOCATIONS = 100_000;
const MEMBERS = 20;
const AIM_MIB = 250;
const LOOK_MS = 100;

export async function verifyFigure(ground: Ground): Promise<Figure> {
  const url = await ground.database('verify');
  await migrate(url, systemClock);
  await (await openLedger(url)).close();
  await fill(url);
  const { seconds, highestMib, words } = await berthVerify(ground, url);
  return {
    what: `verification of ${ALLOCATIONS.toLocaleString('en')} allocations, ${(ALLOCATIONS * 5).toLocaleString('en')} events`,
    aim: `≤ ${AIM_MIB} MiB, no statement of 10 s`,
    measured: `${highestMib.toFixed(0)} MiB, ${seconds.toFixed(0)} s`,
    met: highestMib <= AIM_MIB && words.startsWith('The ledger holds'),
    notes: [`${words.trim()} Five events and six journal entries each; \`berth verify\` with the time-outs and the heap that a bot has.`],
  };
}

/** One after the other, as if each had run for an hour of the four it asked for; a ledger that holds. */
async function fill(url: string): Promise<void> {
  const sql = postgres({ ...connectionOptions(url), max: 1, connection: { statement_timeout: 0, TimeZone: 'UTC' } });
  const start = '2026-01-05T00:00:00Z';
  const at = (seconds: number) => `'${start}'::timestamptz + n * interval '1 second' + interval '${seconds} seconds'`;
  const own = `'member:' || (1 + n % ${MEMBERS})`;
  const [cost, used] = [14_400_000, 3_600_000];
  const limit = (value: number) => `jsonb_build_object('value', ${value}, 'source', jsonb_build_object('layer', 'default'))`;
  const use = (committed: string) => `jsonb_build_object('heldMilli', 0, 'silentMilli', 0, 'committed', (${committed})::bigint)`;
  const basis = `jsonb_build_object('policyVersion', 1, 'use', ${use(`(n - 1) / ${MEMBERS} * ${used}::bigint`)},
    'limits', jsonb_build_object('gpus', ${limit(4000)}, 'gpusPerRequest', ${limit(4000)}, 'cpuContainers', ${limit(2)}, 'maxDuration', ${limit(86_400)}, 'gpuHours', ${limit(1e15)}),
    'team', jsonb_build_object('name', 'lab', 'limits', jsonb_build_object('gpus', 4000, 'gpuHours', null), 'use', ${use(`(n - 1) * ${used}::bigint`)}))`;
  const all = `generate_series(1, ${ALLOCATIONS}) n`;
  const week = `'week', '2026-01-05T00:00:00Z'::timestamptz`;
  const statements = [
    `insert into policies (imported_at, document) values (now(), '{"pools": [{"name": "a100", "rate": 1}]}')`,
    `insert into members (slack_team, slack_user, name, zone, first_seen_at) select 'T0BENCH01', 'U0MEMBER' || n, 'm', 'UTC', now() from generate_series(1, ${MEMBERS}) n`,
    `insert into hosts (name, mode, run, engine, gpus) values ('gpu-bench', 'enabled', gen_random_uuid(), 'docker 28', 'nvidia')`,
    `insert into devices (uuid, host, index, model, memory_mib, present, clear_reports, seen_at) values ('GPU-0', 'gpu-bench', 0, 'NVIDIA A100 80GB', 81920, true, 2, now())`,
    `insert into allocations (id, member_id, team, state, version, requested_at, pool, device_count, capacity_milli, charge_milli, image, limits, duration_seconds, purpose,
      lapses_at, queued_at, host, fence, placed_at, added_revision, active_at, lease_ends_at, retiring_at, ended_at, changed_by, changed_at)
      select 'al-' || lpad(n::text, 8, '0'), 1 + n % ${MEMBERS}, 'lab', 'retired', 5, ${at(0)}, 'a100', 1, 1000, 1000, 'x', '{}', 14400, '', ${at(0)}, ${at(0)}, 'gpu-bench',
        n, ${at(0)}, 1, ${at(0)}, ${at(14_400)}, ${at(3600)}, ${at(3600)}, 'clock', ${at(3600)} from ${all}`,
    `insert into leases (allocation_id, device, fence, leased_at, released_at) select 'al-' || lpad(n::text, 8, '0'), 'GPU-0', n, ${at(0)}, ${at(3600)} from ${all}`,
    `insert into events (allocation_id, event, from_state, to_state, version, at, actor, detail)
      select 'al-' || lpad(n::text, 8, '0'), step.event, step.from_state, step.to_state, step.v, step.at, 'x', step.detail from ${all}, lateral (values
        ('request', null, 'queued', 1, ${at(0)}, ${basis}),
        ('place', 'queued', 'placed', 2, ${at(0)}, jsonb_build_object('host', 'gpu-bench', 'fence', n, 'devices', jsonb_build_array('GPU-0'))),
        ('started', 'placed', 'active', 3, ${at(0)}, '{}'), ('retire', 'active', 'retiring', 4, ${at(3600)}, '{}'), ('freed', 'retiring', 'retired', 5, ${at(3600)}, '{}')
      ) step(event, from_state, to_state, v, at, detail) order by n, step.v`,
    `insert into entries (account, kind, amount, period_kind, period_start, allocation_id, at, actor)
      select payer.account, step.kind, step.amount, ${week}, 'al-' || lpad(n::text, 8, '0'), step.at, 'x'
      from ${all}, lateral (values (1, ${own}), (2, 'team:lab')) payer(o, account),
        lateral (values (1, 'hold', ${cost}, ${at(0)}), (2, 'post', ${used}, ${at(3600)}), (3, 'void', ${cost - used}, ${at(3600)})) step(o, kind, amount, at) order by n, step.o, payer.o`,
    `insert into balances select account, ${week}, sum(case kind when 'hold' then amount when 'void' then -amount else 0 end) from entries group by account`,
    `insert into accounts select account, ${week} from balances`,
    `analyze`,
  ];
  try {
    for (const statement of statements) await sql.unsafe(statement);
  } finally {
    await sql.end();
  }
}

async function berthVerify(ground: Ground, url: string): Promise<{ seconds: number; highestMib: number; words: string }> {
  const began = performance.now();
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], DATABASE_URL: url };
  let highestMib = 0;
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [...ground.berth, 'verify'], { env }, (_, out, err) => {
      clearInterval(look);
      resolve({ seconds: (performance.now() - began) / 1000, highestMib, words: out + err });
    });
    const look = setInterval(() => {
      // VmHWM: the most that it ever had.
      void readFile(`/proc/${child.pid ?? 0}/status`, 'utf8').then(
        (status) => (highestMib = Math.max(highestMib, Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024)),
        () => undefined,
      );
    }, LOOK_MS);
  });
}
