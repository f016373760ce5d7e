// Two real `berth bot` processes on one database: six requests in the same instant, and exactly what the limit allows is granted.
import { sql } from 'drizzle-orm';
import { afterEach, expect, it } from 'vitest';
import { verifyLedger } from '../../src/app/verify-ledger.ts';
import { memberAccount, teamAccount } from '../../src/domain/accounts.ts';
import { holdLocks, locks, until } from '../support/locks.ts';
import { testPolicy } from '../support/policy.ts';
import { CHANNEL, people, startStory, type Story } from '../support/story.ts';

let story: Story;
afterEach(async () => {
  const { discrepancy } = await verifyLedger(story.ledger);
  await story.end();
  if (discrepancy !== null) throw new Error(`the ledger does not hold: ${JSON.stringify(discrepancy)}`);
});

const teammates = Array.from({ length: 6 }, (_, index) => `U0MEMBER${index}`);
const members: Record<string, string> = Object.fromEntries(teammates.map((id, index) => [`m${index}`, id]));

/** What became of each delivery, by code, once all six are done. */
async function outcomes(): Promise<string[]> {
  const done = () =>
    story.ledger.reads.execute<{ code: string }>(
      sql`select coalesce(outcome->'refusal'->>'code', outcome->>'kind') as code from inbox where verb = 'request' and done_at is not null order by 1`,
    );
  await story.until(async () => (await done()).length === 6, 'six outcomes', 40_000);
  return (await done()).map(({ code }) => code);
}

it.each([
  ['one member', 'over_member_limit', Array<string>(6).fill(people.ada), null],
  ['six members of one team', 'over_team_limit', teammates, 'vision'],
])('of %s: two are granted, and four refused as %s', async (_, code, askers, team) => {
  const teams = team === null ? [] : [{ name: team, members: { list: askers }, total: { gpus: 2 } }];
  story = await startStory({ bots: 'two processes', policy: testPolicy({ teams }) });
  for (const [name, id] of Object.entries(members)) {
    story.slack.addMember({ id, name });
    story.slack.joinChannel(CHANNEL, id);
  }
  await story.startHost({ name: 'gpu-01', gpus: 8 });
  await story.until(async () => (await story.gpu(people.ada, 'status')).includes('8 of 8'), 'free GPUs');
  // Held until both processes have come as far as the decision: each lets one of its own wait in PostgreSQL.
  const [ada] = await story.ledger.reads.execute<{ id: string }>(sql`select id from members where slack_user = ${people.ada}`);
  const letGo = await holdLocks(story, { accounts: [team === null ? memberAccount(Number(ada?.id)) : teamAccount(team)] });
  const answers = askers.map((user) => story.gpu(user, 'request 1 a100 for 1h'));
  await until(async () => (await locks(story)).waiting === 2);
  await letGo();
  await Promise.all(answers);
  expect(await outcomes()).toEqual([...Array<string>(4).fill(code), 'requested', 'requested']);
  const [held] = await story.ledger.reads.execute<{ n: number }>(sql`select count(*)::int as n from allocations`);
  expect(held?.n).toBe(2);
});
