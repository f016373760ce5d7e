// Performs a delivery from the inbox: parses its kept ask, runs its verb, and turns refusals into outcomes.
import type { z } from 'zod';
import { AdminAsk } from '../domain/grammar/admin-ask.ts';
import { ExtendAsk } from '../domain/decide-extension.ts';
import { RequestAsk } from '../domain/ask.ts';
import type { Outcome } from '../domain/outcome.ts';
import { RefusalError } from '../domain/refusal.ts';
import { markDone } from '../ledger/inbox.ts';
import { adjust } from './adjust.ts';
import { VersionedAsk } from './answering.ts';
import { approve, ApproveAsk, deny, DenyAsk } from './answer-request.ts';
import type { App, Call } from './app.ts';
import { askRequester, QuestionAsk, reply, ReplyAsk } from './ask-requester.ts';
import { handOver, HandOverAsk, revoke, RevokeAsk, takeBack, TakeBackAsk } from './beforehand.ts';
import { decline } from './decline.ts';
import { extend } from './extend.ts';
import { request } from './request.ts';
import { AlreadyPerformed } from './settle.ts';
import { cancel, release, WithdrawAsk } from './withdraw.ts';

interface Verb<A> {
  readonly ask: z.ZodType<A>;
  readonly run: (app: App, call: Call, ask: A) => Promise<Outcome>;
}

function verb<A>(ask: z.ZodType<A>, run: Verb<A>['run']) {
  return (app: App, call: Call, kept: unknown) => run(app, call, ask.parse(kept));
}

/** Every verb that changes the ledger on somebody's word. */
const verbs = {
  request: verb(RequestAsk, request),
  approve: verb(ApproveAsk, approve),
  deny: verb(DenyAsk, deny),
  ask: verb(QuestionAsk, askRequester),
  reply: verb(ReplyAsk, reply),
  decline: verb(VersionedAsk, decline),
  cancel: verb(WithdrawAsk, cancel),
  release: verb(WithdrawAsk, release),
  extend: verb(ExtendAsk, extend),
  adjust: verb(AdminAsk, adjust),
  hand_over: verb(HandOverAsk, handOver),
  take_back: verb(TakeBackAsk, takeBack),
  revoke: verb(RevokeAsk, revoke),
} as const;
export type VerbName = keyof typeof verbs;

export function isVerb(name: string): name is VerbName {
  return Object.hasOwn(verbs, name);
}

/** `postponed`: the ledger was busy; the inbox keeps it and it will be run again. `elsewhere`: another process did it first. */
export type Performed =
  | { readonly kind: 'performed'; readonly outcome: Outcome }
  | { readonly kind: 'postponed' }
  | { readonly kind: 'elsewhere' };

export async function perform(app: App, call: Call, name: VerbName, ask: unknown): Promise<Performed> {
  try {
    return { kind: 'performed', outcome: await verbs[name](app, call, ask) };
  } catch (error) {
    if (error instanceof AlreadyPerformed) return { kind: 'elsewhere' };
    if (!(error instanceof RefusalError)) throw error;
    const { refusal } = error;
    if (refusal.code === 'busy') return { kind: 'postponed' };
    const outcome: Outcome = { kind: 'refused', refusal };
    if (call.inboxKey !== null && !(await markDone(app.ledger.reads, call.inboxKey, outcome, app.clock.now())))
      return { kind: 'elsewhere' };
    return { kind: 'performed', outcome };
  }
}
