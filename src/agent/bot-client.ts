// The bot as the agent sees it: hello, report, desired, each answer a value.
import type { z } from 'zod';
import { DESIRED_HOLD_SECONDS, DesiredList, type Hello, Rejection, type Report, ReportReceipt, Welcome } from '../domain/host-protocol.ts';
import { type Answer, socketRequest } from './socket-request.ts';
import { trustSocket } from './socket-trust.ts';

/** `rejected`: the bot understood and said no. `unreachable`: no answer, or none that makes sense. */
export type Trouble =
  | { readonly kind: 'rejected'; readonly code: Rejection['code']; readonly message: string }
  | { readonly kind: 'unreachable'; readonly detail: string };

export interface BotClient {
  hello(hello: Hello, signal: AbortSignal): Promise<{ kind: 'welcome'; welcome: Welcome } | Trouble>;
  report(report: Report, signal: AbortSignal): Promise<{ kind: 'received' } | Trouble>;
  /** Held by the bot until something newer than `after` comes; `nothing` = the hold ran out. */
  desired(run: string, after: number, signal: AbortSignal): Promise<{ kind: 'list'; list: DesiredList } | { kind: 'nothing' } | Trouble>;
}

const LIMIT = 10_000;
const HOLD_LIMIT = (DESIRED_HOLD_SECONDS + 10) * 1000;

export function botClient(socketPath: string, euid: number): BotClient {
  return {
    async hello(hello, signal) {
      const trust = await trustSocket(socketPath, euid);
      if (trust.kind === 'unsafe') return { kind: 'unreachable', detail: `refused to talk to ${socketPath}: ${trust.detail}` };
      if (trust.kind === 'absent') return { kind: 'unreachable', detail: `${socketPath} does not exist yet` };
      const answer = understood(await socketRequest(socketPath, '/v1/hello', hello, LIMIT, signal), Welcome);
      return answer.kind === 'understood' ? { kind: 'welcome', welcome: answer.body } : answer;
    },
    async report(report, signal) {
      const answer = understood(await socketRequest(socketPath, '/v1/report', report, LIMIT, signal), ReportReceipt);
      return answer.kind === 'understood' ? { kind: 'received' } : answer;
    },
    async desired(run, after, signal) {
      const path = `/v1/desired?run=${encodeURIComponent(run)}&after=${after}`;
      const answer = await socketRequest(socketPath, path, undefined, HOLD_LIMIT, signal);
      if (answer.kind === 'answer' && answer.status === 204) return { kind: 'nothing' };
      const list = understood(answer, DesiredList);
      return list.kind === 'understood' ? { kind: 'list', list: list.body } : list;
    },
  };
}

function understood<T>(answer: Answer, schema: z.ZodType<T>): { kind: 'understood'; body: T } | Trouble {
  if (answer.kind === 'unreachable') return answer;
  const body = schema.safeParse(answer.body);
  if (answer.status === 200 && body.success) return { kind: 'understood', body: body.data };
  const rejection = Rejection.safeParse(answer.body);
  if (((answer.status >= 400 && answer.status < 500) || answer.status === 503) && rejection.success)
    return { kind: 'rejected', ...rejection.data };
  const what =
    answer.status === 200 && !body.success
      ? `an answer that breaks the protocol: ${body.error.issues[0]?.path.join('.') ?? ''}`
      : `status ${answer.status}`;
  return { kind: 'unreachable', detail: `the bot gave ${what}` };
}
