// A typed command from somebody admitted: read-only ones are answered at once, the others noted down, acknowledged, performed, answered.
import type { App } from '../app/app.ts';
import { grammarContext } from '../app/grammar-context.ts';
import { askAgain } from '../app/ask-again.ts';
import { refuseUnknown } from '../app/withdraw.ts';
import { parseAdminAsk } from '../domain/grammar/admin-ask.ts';
import { parseApprovals } from '../domain/grammar/approvals-ask.ts';
import { parseExtension } from '../domain/grammar/extend-ask.ts';
import { parseAsk } from '../domain/grammar/parse-ask.ts';
import { seemsRequest } from '../domain/grammar/seems-request.ts';
import { AllocationId } from '../domain/host-protocol.ts';
import { examplePool } from '../domain/policy.ts';
import { refuse } from '../domain/refusal.ts';
import { change } from './change.ts';
import { readCommand, type Typed } from './commands.ts';
import type { GuardedTurn } from './guard.ts';
import type { Hearing } from './hearing.ts';
import { inquire } from './inquire.ts';
import { openRequest } from './request-modal.ts';
import { plain } from './views/answer.ts';
import { adminProblemWords } from './words/admin.ts';
import { emptyRequest, unknownCommand } from './words/help.ts';
import { approvalsProblem, extensionProblem, problemWords } from './words/problems.ts';

/** What was typed. `key`: of this delivery, the same when Slack delivers it again; `triggerId`: opens a window, null where nothing can. */
interface Said {
  readonly raw: string;
  readonly triggerId: string | null;
  readonly key: string;
}

export async function converse(hearing: Hearing, turn: GuardedTurn, { raw, triggerId, key }: Said): Promise<void> {
  const { app } = hearing;
  const typed = readCommand(raw, hearing.command);
  switch (typed.kind) {
    case 'help':
    case 'images':
    case 'status':
    case 'mine':
    case 'queue':
    case 'quota':
      return turn.ack(await turn.inTime(inquire(app, turn, typed)));
    case 'why':
      return turn.ack(await turn.inTime(inquire(app, turn, { kind: 'why', id: typed.id })));
    case 'again':
      return change(app, turn, { key, verb: 'request', ask: await turn.inTime(askAgain(app, turn.member, typed.id)) });
    case 'approvals':
      return approvals(app, turn, typed.rest, key);
    case 'admin':
      return administer(app, turn, typed.rest, key);
    case 'extend':
      return extended(app, turn, typed.rest, key);
    case 'release':
    case 'cancel':
      // Only ids are noted down: these words may be anything, a pasted secret too.
      if (typed.id !== null && !AllocationId.safeParse(typed.id).success) return turn.inTime(refuseUnknown(app, turn.member, typed.id));
      return change(app, turn, { key, verb: typed.kind, ask: { id: typed.id, version: null } });
    case 'request':
      if (typed.text.trim() === '' && triggerId !== null) return openRequest(hearing, turn, triggerId);
      return requested(app, turn, typed, key);
    case 'unknown':
      return requested(app, turn, typed, key);
  }
}

async function extended(app: App, turn: GuardedTurn, rest: string, key: string): Promise<void> {
  const parsed = parseExtension(rest, app.clock.now(), turn.member.zone);
  if (!parsed.ok) return turn.ack(plain(extensionProblem(parsed.typed)));
  const { id, seconds, until } = parsed;
  if (id !== null && !AllocationId.safeParse(id).success) return turn.inTime(refuseUnknown(app, turn.member, id));
  return change(app, turn, { key, verb: 'extend', ask: { id, version: null, seconds, until } });
}

/** What waits for the asker, or what they settle beforehand. */
async function approvals(app: App, turn: GuardedTurn, rest: string, key: string): Promise<void> {
  const parsed = parseApprovals(rest, app.clock.now(), turn.member.zone);
  switch (parsed.kind) {
    case 'list':
      return turn.ack(await turn.inTime(inquire(app, turn, { kind: 'approvals' })));
    case 'hand':
      return change(app, turn, { key, verb: 'hand_over', ask: { to: parsed.to, until: parsed.until } });
    case 'back':
      return change(app, turn, { key, verb: 'take_back', ask: {} });
    case 'revoke':
      return change(app, turn, { key, verb: 'revoke', ask: { number: parsed.number } });
    case 'unknown':
      return turn.ack(plain(approvalsProblem(parsed.typed)));
  }
}

/** Who is no admin is told so, whatever was typed; the verb asks again inside its decision. */
async function administer(app: App, turn: GuardedTurn, text: string, key: string): Promise<void> {
  const { policy } = await turn.inTime(app.remembered.policy());
  const { slackUser, zone } = turn.member;
  if (!policy.admins.includes(slackUser)) return refuse({ code: 'not_admin' });
  const parsed = parseAdminAsk(text, app.clock.now(), zone);
  return parsed.ok ? change(app, turn, { key, verb: 'adjust', ask: parsed.ask }) : turn.ack(plain(adminProblemWords(parsed.problem)));
}

/** A request, also when only its beginning ("2 a100 …") says that it is one. */
async function requested(app: App, turn: GuardedTurn, typed: Extract<Typed, { text: string }>, key: string): Promise<void> {
  const context = await turn.inTime(grammarContext(app, turn.member));
  const parsed = parseAsk(typed.text, context);
  if (parsed.ok) return change(app, turn, { key, verb: 'request', ask: parsed.ask });
  const pool = examplePool(context.pools);
  if (typed.kind === 'unknown' && !seemsRequest(typed.text, context, typed.nearest !== null)) {
    return turn.ack(plain(unknownCommand(typed.word, typed.nearest, pool)));
  }
  if (parsed.problem.code === 'empty') return turn.ack(plain(emptyRequest(pool)));
  return turn.ack(plain(problemWords(parsed.problem, turn.member.zone, pool)));
}
