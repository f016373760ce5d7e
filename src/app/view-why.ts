// `/gpu why ID`: the decisions on one allocation as the ledger recorded them, and where it stands now.
import type { Policy } from '../domain/policy.ts';
import type { RequestBasis } from '../domain/request-basis.ts';
import { refuse } from '../domain/refusal.ts';
import type { HostChoice } from '../domain/queue-plan.ts';
import type { WhyView } from '../domain/standing-views.ts';
import type { Event } from '../domain/lifecycle.ts';
import { findAllocation, historyOf } from '../ledger/allocations.ts';
import { approvalsOf, votesOf } from '../ledger/approvals.ts';
import { entriesOf } from '../ledger/journal.ts';
import type { MemberRow } from '../ledger/members.ts';
import { currentPolicy, type App } from './app.ts';
import { approversNow, readGroups } from './groups.ts';
import { queuePlaces } from './view-queue.ts';
import { refuseUnknown } from './withdraw.ts';

/** For its holder, admins, and the approvers. */
export async function viewWhy(app: App, reader: MemberRow, id: string): Promise<WhyView> {
  const { reads } = app.ledger;
  const found = await findAllocation(reads, id);
  if (found === null) return refuseUnknown(app, reader, id);
  const { allocation, holder } = found;
  if (holder.id !== reader.id && !(await answersOrRules(app, await currentPolicy(reads), reader))) {
    refuse({ code: 'not_visible', what: 'allocation' });
  }
  const history = await historyOf(reads, id);
  const detail = history.find(({ event }) => event === 'request')?.detail;
  const basis = isBasis(detail) ? detail : null;
  const questions = await approvalsOf(reads, id);
  const votes = await votesOf(
    reads,
    questions.map((question) => question.id),
  );
  // The request was decided by what was asked, whatever was granted.
  const asked = basis?.asked;
  const { deviceCount, durationSeconds } = allocation;
  const isLess = asked !== undefined && (asked.devices !== deviceCount || asked.durationSeconds !== durationSeconds);
  return {
    id,
    holder: holder.slackUser,
    pool: allocation.pool,
    devices: asked?.devices ?? deviceCount,
    capacityMilli: asked?.capacityMilli ?? allocation.capacityMilli,
    chargeMilli: asked?.chargeMilli ?? allocation.chargeMilli,
    durationSeconds: asked?.durationSeconds ?? durationSeconds,
    team: allocation.team,
    basis,
    votes: votes.map(({ user, kind, at, onBehalfOf, words, answer }) => ({ user, kind, at, onBehalfOf, words, answer })),
    less: isLess ? { devices: deviceCount, durationSeconds } : null,
    history: history.map(({ event, at, actor, detail }) => {
      const { reason, host, devices, because } = detail as { reason?: string; host?: string; devices?: string[]; because?: HostChoice };
      const place = event === 'place' && host !== undefined ? { host, devices: devices ?? [], because: because ?? null } : null;
      return { event: event as Event, at, actor, reason: reason ?? null, place };
    }),
    entries: (await entriesOf(reads, id)).map(({ account, kind, amount, at, reason }) => ({ account, kind, amount, at, reason })),
    waiting: allocation.state === 'queued' ? await queuePlaces(app)(allocation.pool, id) : null,
  };
}

async function answersOrRules(app: App, policy: Policy, { slackUser }: MemberRow): Promise<boolean> {
  return policy.admins.includes(slackUser) || approversNow(policy, { policy, groups: await readGroups(app, policy) }).users.has(slackUser);
}

/** Events from before the basis was kept have another detail. */
function isBasis(detail: unknown): detail is RequestBasis {
  return typeof detail === 'object' && detail !== null && 'policyVersion' in detail;
}
