// What a member's App Home shows, read from the ledger.
import type { MemberHome, NotShown } from '../domain/home-tab-view.ts';
import { RefusalError } from '../domain/refusal.ts';
import type { MemberRow } from '../ledger/members.ts';
import type { App } from './app.ts';
import { ownAllocations, poolOverview } from './overview.ts';
import { waitingFor } from './view-approvals.ts';
import { viewQuota } from './view-quota.ts';

export async function viewHome(app: App, member: MemberRow): Promise<MemberHome> {
  const at = app.clock.now();
  const [mine, pools, quota, approvals] = await Promise.all([
    ownAllocations(app, member),
    poolOverview(app),
    unlessRefused(viewQuota(app, member, null)),
    unlessRefused(waitingFor(app, member)),
  ]);
  return { reader: member.slackUser, zone: member.zone, at, mine, pools, quota, approvals };
}

/** What Slack does not tell about a group keeps one part of a Home from being shown, not the others. */
async function unlessRefused<T>(part: Promise<T>): Promise<T | NotShown> {
  try {
    return await part;
  } catch (error) {
    if (error instanceof RefusalError) return { refused: error.refusal };
    throw error;
  }
}
