// The Web API's front door: reads the call, checks the token's kind, meets the faults a test asked for, runs the method.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { appMethods } from './api-app.ts';
import { ApiError, type Args } from './api-args.ts';
import { chatMethods } from './api-chat.ts';
import type { ApiContext, Methods } from './api-context.ts';
import { conversationMethods } from './api-conversations.ts';
import { userMethods } from './api-users.ts';
import { viewMethods } from './api-views.ts';
import type { Fault, Faults } from './faults.ts';
import type { RateLimits } from './rate-limits.ts';
import { contentType, HttpError, parseObject, readBody, replyJson, replyText } from './http.ts';
import type { JsonObject } from './state.ts';

const METHODS: Methods = { ...appMethods, ...chatMethods, ...conversationMethods, ...userMethods, ...viewMethods };
const APP_TOKEN_METHODS = ['apps.connections.open'];
const SCOPES = 'commands,chat:write,im:write,im:history,users:read,usergroups:read,channels:read,groups:read';

/** How many calls are remembered. */
const KEPT = 5000;

/** One call of the Web API as it arrived, and what became of it. */
export interface ApiCall {
  readonly method: string;
  /** The arguments without the token; structured ones of a form are JSON text, as they came. */
  readonly args: Args;
  readonly at: Date;
  /** Undefined when it went well, Slack's error word, or the fault that it met. */
  readonly failure: string | undefined;
}

export interface WebApi {
  readonly calls: readonly ApiCall[];
  handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void>;
}

/** `limits`: null lets everybody call as fast as they like. */
export function createWebApi(
  context: ApiContext,
  tokens: { bot: string; app: string },
  { faults, limits }: { faults: Faults; limits: RateLimits | null },
): WebApi {
  const calls: ApiCall[] = [];

  function run(method: string, token: string | undefined, args: Args): JsonObject {
    if (token === undefined || token === '') throw new ApiError('not_authed');
    if (token !== tokens.bot && token !== tokens.app) throw new ApiError('invalid_auth');
    const known = Object.hasOwn(METHODS, method) ? METHODS[method] : undefined;
    if (known === undefined) throw new ApiError('unknown_method', { req_method: method });
    const needed = APP_TOKEN_METHODS.includes(method) ? tokens.app : tokens.bot;
    if (token !== needed && method !== 'auth.test') throw new ApiError('not_allowed_token_type');
    return { ok: true, ...known(context, args) };
  }

  function answer(method: string, token: string | undefined, args: Args): { body: JsonObject; failure: string | undefined } {
    try {
      return { body: run(method, token, args), failure: undefined };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return { body: { ok: false, error: error.message, ...error.extra }, failure: error.message };
    }
  }

  return {
    calls,
    async handle(request, response, url) {
      const method = url.pathname.slice('/api/'.length);
      const { token, args } = await readCall(request, url);
      const fault = faults.take(method) ?? tooFast(limits, method, args);
      const early = fault !== undefined && !isAfter(fault);
      const { body, failure } = early ? { body: undefined, failure: undefined } : answer(method, token, args);
      calls.push({ method, args, at: context.now(), failure: fault === undefined ? failure : nameOf(fault) });
      if (calls.length > KEPT) calls.shift();
      context.workspace.changed();
      if (fault !== undefined) return meet(fault, response);
      replyJson(response, 200, body ?? {}, { 'x-oauth-scopes': SCOPES, 'x-slack-req-id': 'local-slack' });
    },
  };
}

function tooFast(limits: RateLimits | null, method: string, args: Args): Fault | undefined {
  const retryAfter = limits?.take(method, args) ?? null;
  return retryAfter === null ? undefined : { status: 429, retryAfter };
}

function isAfter(fault: Fault): boolean {
  return fault === 'timeout-after' || fault === 'reset-after';
}

function nameOf(fault: Fault): string {
  if (typeof fault === 'string') return fault;
  return 'error' in fault ? fault.error : `http ${fault.status}`;
}

function meet(fault: Fault, response: ServerResponse): void {
  if (fault === 'timeout' || fault === 'timeout-after') return;
  if (fault === 'reset' || fault === 'reset-after') {
    response.socket?.resetAndDestroy();
    return;
  }
  if ('error' in fault) return replyJson(response, 200, { ok: false, error: fault.error });
  if (!('retryAfter' in fault)) return replyText(response, fault.status, 'local Slack was asked to fail');
  replyJson(response, fault.status, { ok: false, error: 'ratelimited' }, { 'retry-after': String(fault.retryAfter) });
}

async function readCall(request: IncomingMessage, url: URL): Promise<{ token: string | undefined; args: Args }> {
  const body = await readBody(request);
  const query = Object.fromEntries(url.searchParams);
  const { token, ...args } = { ...query, ...parse(contentType(request), body) };
  const bearer = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  return { token: bearer ?? (typeof token === 'string' ? token : undefined), args };
}

function parse(type: string, body: string): JsonObject {
  if (body === '') return {};
  if (type === 'application/json') return parseObject(body);
  if (type === 'application/x-www-form-urlencoded') return Object.fromEntries(new URLSearchParams(body));
  throw new HttpError(415, `Local Slack does not read ${type || 'a body without content type'}.`);
}
