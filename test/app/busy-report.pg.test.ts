// A report that comes while others hold the ledger's locks: the agent is told so, nothing is an error, and its next report counts.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { botClient, type BotClient } from '../../src/agent/bot-client.ts';
import { approve } from '../../src/app/answer-request.ts';
import { place } from '../../src/app/place.ts';
import { request } from '../../src/app/request.ts';
import { PROTOCOL, type Report } from '../../src/domain/host-protocol.ts';
import { createAgentsServer } from '../../src/http/agents.ts';
import { findAllocation } from '../../src/ledger/allocations.ts';
import { decide } from '../../src/ledger/decide.ts';
import { closeServer, listenOn } from '../../src/listen.ts';
import { createLog } from '../../src/log.ts';
import { askFor, sees, testApp, testHost, type TestApp } from '../support/app.ts';
import { people } from '../support/policy.ts';

const forever = new AbortController().signal;
const log: { level: number; path?: string }[] = [];
let berth: TestApp;
let directory = '';
let bot: BotClient;
let close: () => Promise<void>;
beforeEach(async () => {
  log.length = 0;
  berth = await testApp();
  directory = await mkdtemp(join(tmpdir(), 'berth-busy-'));
  const socket = join(directory, 'agents', 'agents.sock');
  const write = (line: string) => void log.push(JSON.parse(line) as (typeof log)[number]);
  const server = createAgentsServer({ ...berth.app, log: createLog('test', 'debug', { write }) }, forever);
  await listenOn(server, { kind: 'unix', path: socket });
  bot = botClient(socket, process.geteuid?.() ?? 0);
  close = () => closeServer(server);
});
afterEach(async () => {
  await close();
  await berth.end();
  await rm(directory, { recursive: true });
});

it('is answered as busy, logged for debugging only, and counts when it is sent again', async () => {
  const host = await testHost(berth.app, 'gpu-01', 1);
  const outcome = await request(berth.app, await berth.call(people.ada), askFor());
  if (outcome.kind !== 'requested') throw new Error(outcome.kind);
  await approve(berth.app, await berth.call(people.pat), { id: outcome.id, version: 1 });
  await place(berth.app);
  const state = async () => (await findAllocation(berth.app.ledger.reads, outcome.id))?.allocation;
  const says: Report = {
    protocol: PROTOCOL,
    host: host.name,
    run: host.run,
    sequence: 100,
    appliedRevision: 1000,
    allocations: [sees.running(outcome.id, (await state())?.fence ?? 0)],
    orphans: [],
    devices: null,
    problems: [],
  };
  const elsewhere = await berth.another();
  let had: () => void = () => undefined;
  let letGo: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (had = resolve));
  const holding = decide(elsewhere.ledger, { accounts: [], pools: ['a100'] }, async (tx) => {
    // Behind its lock on the same connection: answered once the lock is had.
    await tx.execute(sql`select 1`);
    had();
    await new Promise<void>((resolve) => (letGo = resolve));
  });
  await held;
  expect(await bot.report(says, forever)).toMatchObject({ kind: 'rejected', code: 'busy' });
  expect((await state())?.state).toBe('placed');
  expect(log).toMatchObject([{ level: 20, path: '/v1/report' }]);
  letGo();
  await holding;
  expect(await bot.report(says, forever)).toEqual({ kind: 'received' });
  expect((await state())?.state).toBe('active');
});
