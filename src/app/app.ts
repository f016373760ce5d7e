// What every verb is handed: the ledger, the clock, ids, and the ports through which Slack is reached.
import type { HomeTabView } from '../domain/home-tab-view.ts';
import type { Ids } from '../domain/ids.ts';
import type { LetterView } from '../domain/letter-view.ts';
import type { Home, Person } from '../domain/membership.ts';
import { refuse } from '../domain/refusal.ts';
import type { Clock, Ticks } from '../domain/time.ts';
import type { Ledger, Queries } from '../ledger/connect.ts';
import type { Delivery } from '../ledger/inbox.ts';
import type { Actor } from '../ledger/paces.ts';
import type { MemberRow } from '../ledger/members.ts';
import { policyInForce, type PolicyInForce } from '../ledger/policy.ts';
import type { Policy } from '../domain/policy.ts';
import type { Log } from '../log.ts';
import type { Remembered } from './remembered.ts';
import type { Wakes } from './wakes.ts';

/** Who somebody is, according to Slack. Look-ups may be cached for 60 s; null = could not be found out. */
export interface Directory {
  readonly home: Home;
  person(user: string): Promise<Person | null>;
  groupMembers(group: string): Promise<ReadonlySet<string> | null>;
}

export type Sent =
  | { readonly kind: 'sent'; readonly channel: string; readonly ts: string }
  | { readonly kind: 'rate_limited'; readonly retryAfterSeconds: number }
  /** The message to be edited is not there any more. */
  | { readonly kind: 'message_gone' }
  /** `hopeless`: our message is wrong and will stay so. */
  | { readonly kind: 'failed'; readonly error: string; readonly hopeless: boolean };

export interface Place {
  readonly channel: string;
  readonly ts: string;
}

/** Shows a letter to a channel or user, in the thread of a message when it is given; edits the message at `place`. Never throws. */
export interface Messenger {
  show(letter: LetterView, recipient: string, place: Place | null, thread?: Place): Promise<Sent>;
}

/** Puts somebody's App Home on their screen. Never throws. */
export interface HomeTabs {
  show(user: string, view: HomeTabView): Promise<Exclude<Sent, { kind: 'sent' | 'message_gone' }> | { readonly kind: 'shown' }>;
}

/** Counts what members do, at all bots together. Both throw a refusal when somebody acts faster than the policy allows. */
export interface Intake {
  /** Notes a delivery down; false when it was there already. */
  note(delivery: Delivery): Promise<boolean>;
  /** For what only reads, and is not noted down. */
  count(actor: Actor): Promise<void>;
}

export interface App {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly ticks: Ticks;
  readonly ids: Ids;
  readonly log: Log;
  readonly directory: Directory;
  readonly messenger: Messenger;
  readonly homeTabs: HomeTabs;
  readonly wakes: Wakes;
  readonly remembered: Remembered;
  readonly intake: Intake;
}

/** The member who acts, and the inbox row (if any) that the effect's transaction has to mark done. */
export interface Call {
  readonly actor: MemberRow;
  readonly inboxKey: string | null;
}

/**
 * The policy in force, read inside the caller's transaction; `known` is it if its version is that. Throws when none was imported: a bot does
 * not start without.
 */
export async function policyNow(queries: Queries, known: PolicyInForce | null = null): Promise<PolicyInForce> {
  const found = await policyInForce(queries, known);
  if (found === null) throw new Error('no policy has been imported into this ledger');
  return found;
}

export async function currentPolicy(queries: Queries): Promise<Policy> {
  return (await policyNow(queries)).policy;
}

export function memberActor(call: Call): string {
  return `member:${call.actor.slackUser}`;
}

export function noSuchAllocation(id: string): never {
  return refuse({ code: 'no_such_allocation', id, nearest: null });
}
