// What a dying connection does to the process: the queries on it fail, and nothing else does.
import { createServer, type AddressInfo, type Server } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import postgres from 'postgres';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectionOptions } from '../../src/ledger/connect.ts';

/** PostgreSQL's messages "authentication is fine" and "ready for a query". */
const WELCOME = Buffer.concat([
  Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0]), // R
  Buffer.from([0x5a, 0, 0, 0, 5, 0x49]), // Z, idle
]);

describe('a connection that dies under its first query', () => {
  let server: Server;
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => void unhandled.push(reason);
  let others: ((reason: unknown, promise: Promise<unknown>) => void)[] = [];

  beforeEach(async () => {
    unhandled.length = 0;
    // The test runner's own listeners would fail the run, not this test.
    others = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection');
    process.on('unhandledRejection', note);
    server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => {
        socket.write(WELCOME);
        socket.once('data', () => socket.resetAndDestroy());
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    process.removeAllListeners('unhandledRejection');
    for (const other of others) process.on('unhandledRejection', other);
    await new Promise((resolve) => server.close(resolve));
  });

  it('fails that query, and leaves no rejection behind that would end the process', async () => {
    const { port } = server.address() as AddressInfo;
    const sql = postgres({ ...connectionOptions(`postgres://berth:secret@127.0.0.1:${port}/berth`), max: 1 });
    await expect(sql`select 1`).rejects.toThrow(/ECONNRESET|CONNECTION_CLOSED/);
    await sql.end({ timeout: 0 });
    await turn();
    expect(unhandled).toEqual([]);
  });
});
