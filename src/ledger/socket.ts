// The ledger's sockets: they tell postgres.js of their end in an order that it survives.
import { Socket, type NetConnectOpts } from 'node:net';

/**
 * postgres.js (3.4) forgets its socket in its listener for `close`, and rejects what was under way only then. A transaction answers the
 * rejection with a ROLLBACK, which is written to the socket that is gone: an uncaught TypeError, the end of the process, at any restart of
 * PostgreSQL (its issues 1154 and 1208). Here the end comes as an error first, and `close` when the writes that led to are done, to a
 * socket that is there and drops them.
 */
class LedgerSocket extends Socket {
  override emit(event: string | symbol, ...args: unknown[]): boolean {
    // The library would keep it, and tell it to who asks next, on the connection after this one.
    if (event === 'data' && isLastWord(args[0])) {
      this.destroy(Object.assign(new Error('the server is stopping'), { code: 'CONNECTION_CLOSED' }));
      return true;
    }
    if (event !== 'close') return super.emit(event, ...args);
    const [hadError] = args;
    if (hadError !== true) super.emit('error', Object.assign(new Error('the connection was closed'), { code: 'CONNECTION_CLOSED' }));
    // The library writes in the next turn, so this waits for one more. "Without an error" makes it reject what was asked meanwhile.
    setImmediate(() => setImmediate(() => super.emit('close', false)));
    return true;
  }
}

/** What a server says when it stops (57P01) or has crashed (57P02), to a connection that it had let in. */
function isLastWord(data: unknown): boolean {
  return Buffer.isBuffer(data) && (data.includes('FATAL\0C57P01\0') || data.includes('FATAL\0C57P02\0'));
}

/** For postgres.js's option `socket`: each call begins a connection; what is written meanwhile waits for it. */
export function ledgerSocket(where: NetConnectOpts): () => Socket {
  return () => new LedgerSocket().connect(where);
}
