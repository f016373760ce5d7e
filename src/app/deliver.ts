// Sends what the outbox holds: claim (committed), render from the ledger, send, record; back off when Slack cannot.
import type { Joiners } from '../domain/groups.ts';
import type { HostProblem } from '../domain/host-protocol.ts';
import { allocationOf, type LimitChange, type Outcome } from '../domain/outcome.ts';
import type { LetterView } from '../domain/letter-view.ts';
import type { Holding } from '../domain/refusal.ts';
import type { ApprovalsDigest } from '../domain/approvals-digest.ts';
import type { CardNote } from '../domain/card-note.ts';
import { parseMoment, plusSeconds } from '../domain/time.ts';
import type { Discrepancy } from '../domain/verify.ts';
import { cardOfApproval } from '../ledger/card-notes.ts';
import { isOutage } from '../ledger/errors.ts';
import {
  claimLetter,
  forgetMessage,
  holdBackLetters,
  putBackLetter,
  releaseClaim,
  settleLetter,
  type OutboxRow,
} from '../ledger/outbox.ts';
import { currentPolicy, type App, type Place } from './app.ts';
import { findMember } from '../ledger/members.ts';
import { saidOf } from './redraw-open.ts';
import { lineOf } from './redraw-queue.ts';
import { tellAdmins } from './tell-admins.ts';
import { viewAllocation } from './view-allocation.ts';
import { viewApprovalById } from './view-approval.ts';
import { recentPlaces, type QueuePlace } from './view-queue.ts';

/** Longer than any single call to Slack may take. */
const CLAIM_SECONDS = 30;
const BACK_OFF_MAX_SECONDS = 300;
const AT_ONCE = 4;

/** Sends until nothing is due. Returns how many letters were shown. */
export async function deliver(app: App): Promise<number> {
  let shown = 0;
  const queuePlace = recentPlaces(app);
  for (;;) {
    const at = app.clock.now();
    const row = await claimLetter(app.ledger.reads, at, plusSeconds(at, CLAIM_SECONDS));
    if (row === null) return shown;
    if (await deliverOne(app, row, queuePlace)) shown++;
  }
}

/** The same, several at a time: an approver who answers many requests in a row sees each card change at once. */
export async function deliverSeveral(app: App): Promise<number> {
  const shown = await Promise.all(Array.from({ length: AT_ONCE }, async () => deliver(app)));
  return shown.reduce((sum, count) => sum + count, 0);
}

async function deliverOne(app: App, row: OutboxRow, queuePlace: QueuePlace): Promise<boolean> {
  const at = app.clock.now();
  const { reads } = app.ledger;
  let view: LetterView | null;
  try {
    view = await viewOf(app, row, queuePlace);
  } catch (error) {
    if (isOutage(error)) {
      // Nothing was sent: it need not wait until the claim runs out. The database may be away for this as well.
      await releaseClaim(reads, row.id).catch(() => undefined);
      throw error;
    }
    // One that cannot be drawn must not keep those behind it from being sent.
    app.log.error({ err: error, letter: row.key, kind: row.kind }, 'a message could not be drawn');
    await putBackLetter(reads, row.id, { error: 'could not be drawn', nextAt: plusSeconds(at, backOffSeconds(row.attempts)), at });
    return false;
  }
  if (view === null) {
    await putBackLetter(reads, row.id, { error: 'nothing to show', nextAt: null, at });
    return false;
  }
  let thread: Place | undefined;
  if (view.kind === 'card_note') {
    const card = placeOf(await cardOfApproval(reads, { allocationId: view.allocation.id, approval: view.approval.id }));
    if (card === null) {
      await putBackLetter(reads, row.id, { error: 'its card is not shown yet', nextAt: plusSeconds(at, backOffSeconds(row.attempts)), at });
      return false;
    }
    thread = card;
  }
  const sent = await app.messenger.show(view, row.recipient, placeOf(row), thread);
  switch (sent.kind) {
    case 'sent':
      await settleLetter(reads, row, { channel: sent.channel, ts: sent.ts, at: app.clock.now(), line: lineShown(view) });
      return true;
    case 'rate_limited':
      await putBackLetter(reads, row.id, { error: 'rate limited', nextAt: plusSeconds(at, sent.retryAfterSeconds), at });
      await holdBackLetters(reads, placeOf(row) === null ? row.recipient : null, plusSeconds(at, sent.retryAfterSeconds));
      return false;
    case 'message_gone':
      await forgetMessage(reads, row.id);
      await putBackLetter(reads, row.id, { error: 'the message was deleted', nextAt: at, at });
      return false;
    case 'failed': {
      const waitSeconds = backOffSeconds(row.attempts);
      app.log.warn({ letter: row.key, kind: row.kind, error: sent.error, waitSeconds }, 'Slack did not take a message');
      if (CLOSED.has(sent.error)) await tellOfClosedChannel(app, row, sent.error, at);
      await putBackLetter(reads, row.id, { error: sent.error, nextAt: sent.hopeless ? null : plusSeconds(at, waitSeconds), at });
      return false;
    }
  }
}

function placeOf(row: { readonly channel: string | null; readonly ts: string | null } | null): Place | null {
  return row === null || row.channel === null || row.ts === null ? null : { channel: row.channel, ts: row.ts };
}

function lineShown(view: LetterView): string | null {
  if (view.kind === 'extension_card') return saidOf(view.approval);
  if (view.kind === 'approval_card' && view.allocation.approval?.state === 'open') return saidOf(view.allocation.approval);
  return view.kind === 'approval_card' || view.kind === 'member_card' ? lineOf(view.allocation) : null;
}

/** What Slack says of a channel that the bot cannot write to: it was removed from it, or the channel is gone. */
const CLOSED = new Set(['not_in_channel', 'channel_not_found', 'is_archived']);

/** Cards that nobody sees are answered by nobody: the admins hear of it, once a day for each channel. */
async function tellOfClosedChannel(app: App, { recipient }: OutboxRow, error: string, at: Date): Promise<void> {
  if (/^[UW]/.test(recipient)) return;
  const { admins } = await currentPolicy(app.ledger.reads);
  const key = `channel_closed:${recipient}:${at.toISOString().slice(0, 10)}`;
  await tellAdmins(app.ledger.reads, admins, { key, kind: 'channel_closed', facts: { channel: recipient, error } }, at);
}

/** 1, 2, 4 … seconds, at most five minutes. */
export function backOffSeconds(attempts: number): number {
  return Math.min(BACK_OFF_MAX_SECONDS, 2 ** Math.min(attempts, 16));
}

async function zoneOf(app: App, user: string): Promise<string> {
  return (await findMember(app.ledger.reads, app.directory.home.team, user))?.zone ?? 'UTC';
}

async function viewOf(app: App, row: OutboxRow, queuePlace: QueuePlace): Promise<LetterView | null> {
  const kind = row.kind as LetterView['kind'];
  if (kind === 'no_approver_for_admin') {
    const { requester, pool } = row.facts as { requester: string; pool: string };
    return { kind, requester, pool };
  }
  if (kind === 'policy_broken') return { kind, ...(row.facts as { problem: string }) };
  if (kind === 'group_joined') {
    return { kind, ...(row.facts as unknown as Joiners), zone: await zoneOf(app, row.recipient) };
  }
  if (kind === 'approvals_digest') return { kind, digest: row.facts as unknown as ApprovalsDigest };
  if (kind === 'channel_closed') return { kind, ...(row.facts as { channel: string; error: string }) };
  if (kind === 'host_problem') return { kind, ...(row.facts as { host: string; problem: HostProblem }) };
  if (kind === 'holder_departed') {
    return { kind, ...(row.facts as { user: string; holding: Holding[] }), zone: await zoneOf(app, row.recipient) };
  }
  if (kind === 'handed_over') {
    const { by, until } = row.facts as { by: string; until: string };
    return { kind, by, until: parseMoment(until), zone: await zoneOf(app, row.recipient) };
  }
  if (kind === 'ledger_discrepancy') return { kind, discrepancy: row.facts as unknown as Discrepancy };
  if (kind === 'limits_changed') {
    const { by, reason, ...change } = row.facts as unknown as LimitChange & { by: string; reason: string | null };
    return { kind, change, by, reason, zone: await zoneOf(app, row.recipient) };
  }
  if (kind === 'inbox_answer') {
    const { outcome } = row.facts as { outcome: Outcome };
    const id = allocationOf(outcome);
    const allocation = id === null ? null : await viewAllocation(app, id);
    return { kind, outcome, allocation, zone: await zoneOf(app, row.recipient) };
  }
  const allocation = row.allocationId === null ? null : await viewAllocation(app, row.allocationId, queuePlace);
  if (allocation === null) return null;
  switch (kind) {
    case 'request_lowered':
      return { kind, allocation, declineBy: parseMoment((row.facts as { declineBy: string }).declineBy) };
    case 'extension_card':
    case 'extension_answered':
    case 'approval_question':
    case 'card_note': {
      const { approval: id, note } = row.facts as { approval: number; note: CardNote };
      const approval = await viewApprovalById(app, id);
      if (approval === null) return null;
      return kind === 'card_note' ? { kind, allocation, approval, note } : { kind, allocation, approval };
    }
    default:
      return { kind, allocation };
  }
}
