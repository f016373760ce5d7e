// What every verb is handed: the ledger, the clock, ids, and the ports through which Slack is reached.
import type { AllocationView } from '../domain/allocation-view.ts';
import type { ApprovalView } from '../domain/approval-view.ts';
import type { ApprovalsDigest } from '../domain/approvals-digest.ts';
import type { CardNote } from '../domain/card-note.ts';
import type { Joiners } from '../domain/groups.ts';
import type { HostProblem } from '../domain/host-protocol.ts';
import type { HomeTabView } from '../domain/home-tab-view.ts';
import type { Ids } from '../domain/ids.ts';
import type { Home, Person } from '../domain/membership.ts';
import type { LimitChange, Outcome } from '../domain/outcome.ts';
import { refuse, type Holding } from '../domain/refusal.ts';
import type { Discrepancy } from '../domain/verify.ts';
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

/** A card or message to be shown, as data. */
export type LetterView =
  | { readonly kind: 'approval_card' | 'member_card'; readonly allocation: AllocationView }
  | {
      readonly kind: 'extension_card' | 'extension_answered' | 'approval_question';
      readonly allocation: AllocationView;
      readonly approval: ApprovalView;
    }
  | { readonly kind: 'card_note'; readonly allocation: AllocationView; readonly approval: ApprovalView; readonly note: CardNote }
  | { readonly kind: 'request_lowered'; readonly allocation: AllocationView; readonly declineBy: Date }
  | {
      readonly kind: 'request_denied' | 'request_lapsed' | 'start_failed' | 'container_ended';
      readonly allocation: AllocationView;
    }
  | { readonly kind: 'no_approver_for_admin'; readonly requester: string; readonly pool: string }
  | { readonly kind: 'handed_over'; readonly by: string; readonly until: Date; readonly zone: string }
  | { readonly kind: 'policy_broken'; readonly problem: string }
  | { readonly kind: 'approvals_digest'; readonly digest: ApprovalsDigest }
  | { readonly kind: 'channel_closed'; readonly channel: string; readonly error: string }
  | ({ readonly kind: 'group_joined'; readonly zone: string } & Joiners)
  | { readonly kind: 'ledger_discrepancy'; readonly discrepancy: Discrepancy }
  | { readonly kind: 'holder_departed'; readonly user: string; readonly holding: readonly Holding[]; readonly zone: string }
  | { readonly kind: 'host_problem'; readonly host: string; readonly problem: HostProblem }
  | {
      readonly kind: 'limits_changed';
      readonly change: LimitChange;
      readonly by: string;
      readonly reason: string | null;
      readonly zone: string;
    }
  | { readonly kind: 'inbox_answer'; readonly outcome: Outcome; readonly allocation: AllocationView | null; readonly zone: string };

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
