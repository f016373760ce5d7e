// What the page in the browser may ask: what the acting member sees, live changes, and to do things as that member.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { contentType, HttpError, parseObject, readBody, replyJson } from './http.ts';
import { act, type PageActing } from './page-acts.ts';
import { pageView } from './page-view.ts';

export interface PageApi {
  /** Answers /page/…; the caller has checked the key. */
  handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void>;
  close(): void;
}

export interface PageWiring extends PageActing {
  readonly isConnected: () => boolean;
}

export function createPageApi({ isConnected, ...acting }: PageWiring): PageApi {
  const { workspace, commands } = acting;
  const watching = new Set<ServerResponse>();
  let announced = false;
  const stop = workspace.onChange(() => {
    if (announced || watching.size === 0) return;
    announced = true;
    setImmediate(() => {
      announced = false;
      for (const response of watching) response.write('data: changed\n\n');
    });
  });

  function watch(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write('retry: 1000\ndata: hello\n\n');
    watching.add(response);
    response.on('close', () => watching.delete(response));
  }

  return {
    async handle(request, response, url) {
      const verb = url.pathname.slice('/page/'.length);
      if (request.method === 'GET' && verb === 'changes') return watch(response);
      if (request.method === 'GET' && verb === 'view') {
        const as = url.searchParams.get('as') ?? '';
        return replyJson(response, 200, { ...pageView(workspace, as), connected: isConnected(), commands });
      }
      if (request.method !== 'POST') throw new HttpError(405, 'Only GET and POST are answered here.');
      if (contentType(request) !== 'application/json') throw new HttpError(415, 'Only JSON is read here.');
      const body = parseObject(await readBody(request));
      try {
        replyJson(response, 200, await act(acting, verb, body));
      } catch (error) {
        if (error instanceof HttpError) throw error;
        throw new HttpError(409, error instanceof Error ? error.message : String(error));
      }
    },
    close() {
      stop();
      for (const response of watching) response.end();
    },
  };
}
