// What a dying connection does to the process: what was under way on it fails, and nothing else does.
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import postgres from 'postgres';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectionOptions } from '../../src/ledger/connect.ts';
import { isOutage } from '../../src/ledger/errors.ts';

const message = (type: string, ...body: number[]) => Buffer.from([type.charCodeAt(0), 0, 0, 0, 4 + body.length, ...body]);
/** What PostgreSQL says to somebody it lets in, and after a statement, inside a transaction or not. */
const WELCOME = Buffer.concat([message('R', 0, 0, 0, 0), message('Z', 0x49)]);
const DONE = (state: 'I' | 'T') => Buffer.concat([message('C', ...Buffer.from('OK\0')), message('Z', state.charCodeAt(0))]);

const ends = {
  'resets it': (socket: Socket) => socket.resetAndDestroy(),
  'closes it': (socket: Socket) => socket.end(),
  'closes it with a word': (socket: Socket) => socket.end(message('E', ...Buffer.from('SFATAL\0C57P01\0Mterminating connection\0\0'))),
} as const;

function onlyAnOutage(error: unknown): void {
  if (!isOutage(error)) throw error;
}

describe.each(Object.entries(ends))('a server that %s', (_, end) => {
  let server: Server;
  const sockets: Socket[] = [];
  /** Answers so many statements of the first connection, and ends it at the next; later connections are answered always. */
  let answered = 0;
  const uncaught: unknown[] = [];
  const note = (reason: unknown) => void uncaught.push(reason);
  const kinds = ['unhandledRejection', 'uncaughtException'] as const;
  let others: [string, (...args: unknown[]) => void][] = [];

  beforeEach(async () => {
    uncaught.length = 0;
    sockets.length = 0;
    // The test runner's own listeners would fail the run, not this test.
    others = kinds.flatMap((kind) => process.listeners(kind as 'exit').map((one) => [kind, one] as [string, () => void]));
    for (const kind of kinds) {
      process.removeAllListeners(kind);
      process.on(kind, note);
    }
    server = createServer((socket) => {
      const first = sockets.push(socket) === 1;
      let statements = -1;
      socket.on('error', () => undefined);
      socket.on('data', (data) => {
        statements++;
        if (statements === 0) socket.write(WELCOME);
        else if (first && statements > answered) end(socket);
        else socket.write(DONE(data.includes('begin') || data.includes('inside') ? 'T' : 'I'));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    for (const kind of kinds) process.removeAllListeners(kind);
    for (const [kind, other] of others) process.on(kind, other);
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  const client = () => {
    const { port } = server.address() as AddressInfo;
    return postgres({ ...connectionOptions(`postgres://berth:secret@127.0.0.1:${port}/berth`), max: 1 });
  };
  const turns = async () => {
    for (let count = 0; count < 10; count++) await turn();
  };

  const works = [
    ['a query', 0, (sql: postgres.Sql) => sql.unsafe('select 1')],
    ['the beginning of a transaction', 0, (sql: postgres.Sql) => sql.begin((tx) => tx.unsafe('select inside'))],
    ['a transaction', 1, (sql: postgres.Sql) => sql.begin((tx) => tx.unsafe('select inside'))],
    [
      'several queries of a transaction',
      1,
      (sql: postgres.Sql) => sql.begin((tx) => Promise.all([tx.unsafe('select inside'), tx.unsafe('select inside')])),
    ],
    ['the end of a transaction', 2, (sql: postgres.Sql) => sql.begin((tx) => tx.unsafe('select inside'))],
  ] as const;

  it.each(works)('under %s fails that as an outage and leaves nothing uncaught', async (_name, before, work) => {
    answered = before;
    const sql = client();
    const failure: unknown = await work(sql).then(
      () => null,
      (error: unknown) => error,
    );
    expect(isOutage(failure)).toBe(true);
    await turns();
    expect(uncaught).toEqual([]);
    await sql.unsafe('select later');
    await sql.begin((tx) => tx.unsafe('select inside'));
    await sql.end({ timeout: 0 });
  });

  it.each(works)('under %s leaves no question without an answer that comes at the same moment', async (_name, before, work) => {
    answered = before;
    const sql = client();
    await work(sql).catch(() => undefined);
    await sql.unsafe('select at once').catch(onlyAnOutage);
    await sql.unsafe('select later');
    expect(uncaught).toEqual([]);
    await sql.end({ timeout: 0 });
  });
});
