// Socket Mode's server side: single-use tickets, hello, one envelope to one socket, acks by envelope_id, refresh.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { BODY_BYTES_MAX } from './http.ts';
import { isObject } from './shape.ts';
import type { Json, Workspace } from './state.ts';

const PING_EVERY_MS = 5000;
const GOODBYE_MS = 200;

export interface Envelope {
  readonly type: 'slash_commands' | 'interactive' | 'events_api';
  readonly payload: Json;
  readonly retryAttempt?: number;
  readonly retryReason?: string;
}

export interface SocketMode {
  /** A path with a ticket for one connection, as apps.connections.open answers it. */
  openPath(): string;
  /** Takes over an upgrade request; false when its ticket is not good. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  connected(): number;
  /** Sends to one connected socket, in turn; resolves with the ack's payload, or rejects when `signal` aborts. No socket: undefined at once. */
  deliver(envelope: Envelope, signal: AbortSignal): Promise<{ payload: Json }> | undefined;
  /** Asks every connected app to reconnect, as Slack does every few hours. */
  refresh(reason?: 'refresh_requested' | 'warning' | 'link_disabled'): void;
  /** Cuts every connection without a close frame. */
  cut(): void;
  /** Says goodbye to every socket and waits a moment for theirs. */
  close(): Promise<void>;
}

export function createSocketMode(workspace: Workspace, randomId: () => string): SocketMode {
  const server = new WebSocketServer({ noServer: true, maxPayload: BODY_BYTES_MAX, perMessageDeflate: false });
  const tickets = new Set<string>();
  const open: WebSocket[] = [];
  const waiting = new Map<string, (payload: Json) => void>();
  const pings = setInterval(() => open.forEach((socket) => socket.ping()), PING_EVERY_MS).unref();
  const debugInfo = { host: 'local-slack', approximate_connection_time: 18_060 };

  function welcome(socket: WebSocket): void {
    open.push(socket);
    socket.on('message', (data, isBinary) => (isBinary ? undefined : acked(textOf(data))));
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      open.splice(open.indexOf(socket), 1);
      workspace.changed();
    });
    const hello = { type: 'hello', num_connections: open.length, debug_info: debugInfo, connection_info: { app_id: workspace.app.id } };
    socket.send(JSON.stringify(hello));
    workspace.changed();
  }

  function acked(text: string): void {
    let message: Json;
    try {
      message = JSON.parse(text) as Json;
    } catch {
      return;
    }
    if (!isObject(message) || typeof message['envelope_id'] !== 'string') return;
    waiting.get(message['envelope_id'])?.(message['payload'] ?? null);
  }

  return {
    openPath() {
      const ticket = randomId();
      tickets.add(ticket);
      return `/link/?ticket=${ticket}&app_id=${workspace.app.id}`;
    },
    accept(request, socket, head) {
      const url = new URL(request.url ?? '/', 'http://localhost');
      if (url.pathname !== '/link/' || !tickets.delete(url.searchParams.get('ticket') ?? '')) return false;
      server.handleUpgrade(request, socket, head, welcome);
      return true;
    },
    connected: () => open.length,
    deliver(envelope, signal) {
      const socket = open.find((each) => each.readyState === each.OPEN);
      if (socket === undefined) return undefined;
      open.push(...open.splice(open.indexOf(socket), 1));
      const id = randomId();
      return new Promise((resolve, reject) => {
        const done = () => waiting.delete(id);
        signal.addEventListener('abort', () => (done(), reject(signal.reason as Error)), { once: true });
        waiting.set(id, (payload) => (done(), resolve({ payload })));
        socket.send(JSON.stringify(wire(id, envelope)));
      });
    },
    refresh(reason = 'refresh_requested') {
      for (const socket of open) socket.send(JSON.stringify({ type: 'disconnect', reason, debug_info: debugInfo }));
    },
    cut() {
      for (const socket of server.clients) socket.terminate();
    },
    async close() {
      clearInterval(pings);
      await Promise.all(Array.from(server.clients, goodbye));
      server.close();
    },
  };
}

function textOf(data: RawData): string {
  return Buffer.concat([data].flat().map((part) => (part instanceof ArrayBuffer ? Buffer.from(part) : part))).toString('utf8');
}

function goodbye(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => socket.terminate(), GOODBYE_MS);
    socket.once('close', () => (clearTimeout(timer), resolve()));
    socket.close(1001);
  });
}

function wire(id: string, envelope: Envelope): Json {
  return {
    envelope_id: id,
    type: envelope.type,
    payload: envelope.payload,
    accepts_response_payload: envelope.type !== 'events_api',
    ...(envelope.type === 'events_api' ? { retry_attempt: envelope.retryAttempt ?? 0, retry_reason: envelope.retryReason ?? '' } : {}),
  };
}
