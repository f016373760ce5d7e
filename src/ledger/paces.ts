// How fast members act, at all bots together: one row each, spent in the statement that notes their deliveries down.
import { sql, type SQL } from 'drizzle-orm';
import type { Queries } from './connect.ts';
import { paces } from './mail-schema.ts';

/** Who acts, as Slack names them. */
export interface Actor {
  readonly team: string;
  readonly user: string;
}

/**
 * Takes from the buckets of `asked` (rows of team, user and how many, in one order for all, so that no two bots wait for each other in a
 * circle) what is in them; the rows say how many were admitted. A bucket fills evenly, `perMinute` in a minute, and holds no more than that.
 */
export function spend(asked: SQL, perMinute: number, at: Date): SQL {
  const now = sql`${at.toISOString()}::timestamptz`;
  const each = sql`(${60 / perMinute}::float8 * interval '1 second')`;
  // Whatever the clock was set back by, nobody waits longer than a minute.
  const fullAt = sql`least(greatest(p.full_at, ${now}), ${now} + interval '1 minute')`;
  const left = sql`floor(${perMinute}::int - extract(epoch from ${fullAt} - ${now}) / ${60 / perMinute}::float8 + 0.001)::int`;
  const admitted = sql`least(excluded.admitted, ${left})`;
  return sql`
    insert into ${paces} as p (slack_team, slack_user, full_at, admitted)
    select team, "user", ${now} + least(asked.n, ${perMinute}::int) * ${each}, least(asked.n, ${perMinute}::int) from (${asked}) as asked(team, "user", n)
    on conflict (slack_team, slack_user) do update set full_at = ${fullAt} + ${admitted} * ${each}, admitted = ${admitted}
    returning slack_team, slack_user, p.admitted`;
}

/** For each actor: whether they may act now. What is not noted down is counted so. */
export async function spendOnly(queries: Queries, actors: readonly Actor[], perMinute: number, at: Date): Promise<boolean[]> {
  const wanted = JSON.stringify(actors);
  const asked = sql`select team, "user", count(*)::int from jsonb_to_recordset(${wanted}::text::jsonb) as d(team text, "user" text) group by 1, 2 order by 1, 2`;
  const rows = await queries.execute<{ slack_team: string; slack_user: string; admitted: number }>(spend(asked, perMinute, at));
  const left = new Map(rows.map((row) => [JSON.stringify([row.slack_team, row.slack_user]), row.admitted]));
  return actors.map(({ team, user }) => {
    const key = JSON.stringify([team, user]);
    const mine = left.get(key) ?? 0;
    left.set(key, mine - 1);
    return mine > 0;
  });
}
