// A ledger from before places in line were kept: whoever waits there keeps their order, and whoever comes next is behind them.
import { readdirSync, readFileSync } from 'node:fs';
import postgres from 'postgres';
import { expect, it } from 'vitest';
import { connectionOptions } from '../../src/ledger/connect.ts';
import { freshDatabase } from '../support/database.ts';

const folder = new URL('../../migrations/', import.meta.url);
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.sql'))
  .toSorted();
const at = files.findIndex((name) => name.endsWith('_places_in_line_and_slices.sql'));

it('keeps the order of who waits, and what is known of devices', async () => {
  const database = await freshDatabase();
  const client = postgres({ ...connectionOptions(database.url), max: 1 });
  const apply = async (some: readonly string[]) => {
    for (const file of some)
      for (const part of readFileSync(new URL(file, folder), 'utf8').split('--> statement-breakpoint')) await client.unsafe(part);
  };
  try {
    await client.unsafe('drop schema public cascade; create schema public');
    await apply(files.slice(0, at));
    await client.unsafe(`
      insert into members (slack_team, slack_user, name, zone, first_seen_at) values ('T1', 'U1', 'ada', 'UTC', '2026-03-02');
      insert into hosts (name, mode, run, engine, gpus) values ('gpu-01', 'enabled', gen_random_uuid(), 'docker', 'nvidia');
      insert into devices (uuid, host, index, model, memory_mib, present, clear_reports, "foreign", seen_at) values
        ('GPU-clear', 'gpu-01', 0, 'A100', 1, true, 2, '[]', '2026-03-02'), ('GPU-unknown', 'gpu-01', 1, 'A100', 1, true, 0, '[]', '2026-03-02'),
        ('GPU-used', 'gpu-01', 2, 'A100', 1, true, 0, '[{"pid": 1}]', '2026-03-02');
      insert into allocations (id, member_id, state, requested_at, pool, device_count, capacity_milli, charge_milli, image, limits,
        duration_seconds, purpose, lapses_at, queued_at, changed_by, changed_at)
      select id, 1, state, '2026-03-01', 'a100', 1, 1000, 0, 'x', '{}', 60, '', '2026-04-01', queued::timestamptz, 'clock', '2026-03-02'
      from (values ('al-later', 'queued', '2026-03-03'), ('al-first', 'queued', '2026-03-02'), ('al-asks', 'requested', null))
        rows(id, state, queued)`);
    await apply(files.slice(at));
    const line = await client`select id, queue_place::int as place from allocations order by queue_place`;
    expect(line.map(({ id, place }) => [id, place])).toEqual([
      ['al-first', 1],
      ['al-later', 2],
      ['al-asks', null],
    ]);
    expect((await client`select nextval('queue_places')::int as next`)[0]).toEqual({ next: 3 });
    const devices = await client`select uuid, occupancy from devices order by index`;
    expect(devices.map(({ occupancy }) => occupancy)).toEqual(['clear', 'unknown', 'occupied']);
  } finally {
    await client.end();
    await database.drop();
  }
});
