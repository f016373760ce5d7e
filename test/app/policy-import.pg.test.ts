// Taking over a policy: one version however many bots import it, and nothing of a file that others may write by now.
import { sql } from 'drizzle-orm';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { importPolicy } from '../../src/app/import-policy.ts';
import { policyWatch } from '../../src/policy-watch.ts';
import { testApp, type TestApp } from '../support/app.ts';
import { people, testPolicy } from '../support/policy.ts';
import { asDocument } from '../support/story.ts';

let berth: TestApp;
let file: string;
beforeEach(async () => {
  berth = await testApp();
  file = join(mkdtempSync(join(tmpdir(), 'berth-policy-')), 'policy.yaml');
  writeFileSync(file, JSON.stringify(asDocument(testPolicy())), { mode: 0o600 });
});
afterEach(async () => {
  await berth.end();
  rmSync(join(file, '..'), { recursive: true });
});

it('makes one version when two bots import the same at once', async () => {
  const bots = [berth.app, await berth.another(), await berth.another()];
  for (let round = 0; round < 5; round++) {
    const changed = testPolicy({ openRequests: 30 + round });
    const versions = await Promise.all(bots.map((bot) => importPolicy(bot, changed)));
    expect(new Set(versions).size).toBe(1);
  }
  const [row] = await berth.app.ledger.reads.execute<{ n: number }>(sql`select count(*)::int as n from policies`);
  expect(row?.n).toBe(6);
});

it('notices that others may write to the file, though it says the same, and that they no longer may', async () => {
  const { run } = policyWatch(file);
  expect(await run(berth.app)).toBe(0);
  chmodSync(file, 0o666);
  expect([await run(berth.app), await run(berth.app)]).toEqual([1, 0]);
  const letters = await berth.app.ledger.reads.execute<{ recipient: string; facts: { problem: string } }>(
    sql`select recipient, facts from outbox where kind = 'policy_broken'`,
  );
  expect(letters.map(({ recipient, facts }) => [recipient, facts.problem])).toEqual([
    [people.root, `${file}: others may write to it (mode 666); run: chmod go-w ${file}`],
  ]);
  chmodSync(file, 0o600);
  expect([await run(berth.app), await run(berth.app)]).toEqual([1, 0]);
});
