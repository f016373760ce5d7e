// Once a week approvers and admins read what was answered, and which rule would have spared them some of it.
import { digestOf } from '../domain/approvals-digest.ts';
import { poolTerms, type Policy } from '../domain/policy.ts';
import { plusSeconds } from '../domain/time.ts';
import { lastMonday } from '../domain/working-time.ts';
import { answersBetween, lapsedBetween } from '../ledger/answers.ts';
import { post } from '../ledger/outbox.ts';
import { claimDue, settleDue } from '../ledger/schedules.ts';
import type { App } from './app.ts';
import { approversNow, readNow } from './groups.ts';

const HOUR = 8;
const CLAIM_SECONDS = 600;
const WEEK_SECONDS = 7 * 86_400;

/** Of the week before the last Monday, 8:00 where people work. Returns how many were told; nobody when nothing was asked. */
export async function tellOfApprovals(app: App): Promise<number> {
  const { reads } = app.ledger;
  const at = app.clock.now();
  const read = await readNow(app);
  const due = lastMonday(zoneOf(read.policy), HOUR, at);
  if (!(await claimDue(reads, 'approvals-digest', { due, at, until: plusSeconds(at, CLAIM_SECONDS) }))) return 0;
  const week = { from: plusSeconds(due, -WEEK_SECONDS), to: due };
  const [answers, lapsed] = await Promise.all([answersBetween(reads, week), lapsedBetween(reads, week)]);
  const asking = poolTerms(read.policy).filter(({ approval }) => approval === 'required');
  const digest = digestOf(
    answers,
    lapsed,
    asking.map(({ name }) => name),
  );
  const { users } = approversNow(read.policy, read);
  const readers = answers.length + lapsed === 0 ? [] : [...new Set([...users, ...read.policy.admins])];
  for (const recipient of readers) {
    const key = `approvals_digest:${due.toISOString().slice(0, 10)}:${recipient}`;
    await post(reads, { key, kind: 'approvals_digest', allocationId: null, recipient, facts: { ...digest } }, at);
  }
  await settleDue(reads, 'approvals-digest', { due, at });
  return readers.length;
}

function zoneOf({ hours }: Policy): string {
  return hours?.zone ?? 'UTC';
}
