// Commands that only read: answered in the acknowledgement, in time or with a word about the outage.
import type { App } from '../app/app.ts';
import { ownAllocations, poolOverview } from '../app/overview.ts';
import { viewApprovals } from '../app/view-approvals.ts';
import { viewQueue } from '../app/view-queue.ts';
import { viewQuota } from '../app/view-quota.ts';
import { viewWhy } from '../app/view-why.ts';
import { nearest } from '../domain/grammar/nearest.ts';
import { examplePool, poolTerms } from '../domain/policy.ts';
import { refuse } from '../domain/refusal.ts';
import type { Typed } from './commands.ts';
import type { GuardedTurn } from './guard.ts';
import { plain } from './views/answer.ts';
import type { Message } from './views/blocks.ts';
import { mineList, statusList } from './views/lists.ts';
import { approvalsMessage, queueMessage, quotaMessage, whyMessage } from './views/standing.ts';
import { help } from './words/help.ts';
import { imageWords } from './words/images.ts';

type Inquiry = { readonly kind: 'help' | 'images' } | Reading;
type Reading =
  | { readonly kind: 'status' | 'mine' | 'approvals' }
  | Extract<Typed, { readonly kind: 'queue' }>
  | Extract<Typed, { readonly kind: 'quota' }>
  | { readonly kind: 'why'; readonly id: string | null };

export async function inquire(app: App, { member }: GuardedTurn, inquiry: Inquiry): Promise<Message> {
  switch (inquiry.kind) {
    case 'help':
      return plain(help(examplePool((await app.remembered.policy()).policy.pools)));
    case 'images':
      return plain(imageWords((await app.remembered.policy()).policy.images));
    default: {
      // Counted while it is read, so that nobody waits for the counting.
      const counted = app.intake.count({ team: member.slackTeam, user: member.slackUser });
      const [message] = await Promise.all([read(app, member, inquiry), counted]);
      return message;
    }
  }
}

/** From the ledger. */
async function read(app: App, member: GuardedTurn['member'], inquiry: Reading): Promise<Message> {
  const { zone, slackUser: reader } = member;
  switch (inquiry.kind) {
    case 'mine':
      return mineList(await ownAllocations(app, member));
    case 'status': {
      const [pools, mine] = await Promise.all([poolOverview(app), ownAllocations(app, member)]);
      return statusList(pools, mine, zone);
    }
    case 'approvals':
      return approvalsMessage(await viewApprovals(app, member), zone);
    case 'queue': {
      const { policy } = await app.remembered.policy();
      const pools = poolTerms(policy).map(({ name }) => name);
      const { pool } = inquiry;
      if (pool !== null && !pools.includes(pool)) refuse({ code: 'unknown_pool', name: pool, nearest: nearest(pool, pools), pools });
      return queueMessage(await viewQueue(app, pool), zone, reader);
    }
    case 'quota':
      return quotaMessage(await viewQuota(app, member, inquiry.target), zone, reader);
    case 'why': {
      const id = inquiry.id ?? (await ownAllocations(app, member)).at(-1)?.id ?? refuse({ code: 'nothing_held', verb: 'why' });
      return whyMessage(await viewWhy(app, member, id), zone);
    }
  }
}
