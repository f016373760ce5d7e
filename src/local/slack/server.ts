// The HTTP server of local Slack: every request passes the guard, then goes to the Web API, a response_url, a socket or the page.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Guard } from './guard.ts';
import { HttpError, replyText } from './http.ts';
import type { PageApi } from './page-api.ts';
import { isPageFile, replyPageFile } from './page-files.ts';
import type { ResponseUrls } from './response-urls.ts';
import type { SocketMode } from './socket-mode.ts';
import type { WebApi } from './web-api.ts';

const REQUEST_MS_MAX = 10_000;

export interface Routes {
  readonly guard: Guard;
  readonly webApi: WebApi;
  readonly responseUrls: ResponseUrls;
  readonly socketMode: SocketMode;
  readonly pageApi: PageApi;
}

/** Listens on a loopback address; `port` 0 takes a free one. */
export async function listen(routes: Routes, host: string, port: number): Promise<Server> {
  const server = createServer({ requestTimeout: REQUEST_MS_MAX, headersTimeout: REQUEST_MS_MAX }, (request, response) => {
    route(routes, request, response).catch((error: unknown) => fail(response, error));
  });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    if (routes.guard.refusal(request) === undefined && routes.socketMode.accept(request, socket, head)) return;
    socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
  return server;
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function route(routes: Routes, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const refusal = routes.guard.refusal(request);
  if (refusal !== undefined) throw new HttpError(403, refusal);
  const url = new URL(request.url ?? '/', 'http://localhost');
  if (url.pathname.startsWith('/api/')) return routes.webApi.handle(request, response, url);
  if (url.pathname.startsWith('/response/')) return routes.responseUrls.handle(request, response, url);
  const key = url.searchParams.get('key');
  if (url.pathname === '/' && key !== null && request.method === 'GET') return enter(routes.guard, response, key);
  if (!routes.guard.hasKey(request)) throw new HttpError(403, 'Open the address that was printed at the start: it carries the key.');
  return pageRoute(routes, request, response, url);
}

function enter(guard: Guard, response: ServerResponse, key: string): void {
  const cookie = guard.cookieFor(key);
  if (cookie === undefined) throw new HttpError(403, 'This key is of another start. Open the address that was printed last.');
  response.writeHead(303, { location: '/', 'set-cookie': cookie, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
  response.end();
}

async function pageRoute(routes: Routes, request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  const name = url.pathname === '/' ? 'index.html' : url.pathname.slice(1);
  if (request.method === 'GET' && isPageFile(name)) return replyPageFile(response, name);
  const link = /^\/archives\/([A-Z0-9]+)\/p(\d+)(\d{6})$/.exec(url.pathname);
  if (link !== null) {
    response.writeHead(302, { location: `/#${link[1]}/${link[2]}.${link[3]}`, 'cache-control': 'no-store' }).end();
    return;
  }
  if (url.pathname.startsWith('/page/')) return routes.pageApi.handle(request, response, url);
  throw new HttpError(404, 'There is no such page in local Slack.');
}

function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.destroy();
  const known = error instanceof HttpError;
  response.setHeader('connection', 'close');
  replyText(response, known ? error.status : 500, known ? error.message : `local Slack failed: ${String(error)}`);
}
