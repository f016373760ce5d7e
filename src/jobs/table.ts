// What happens by itself, and when it is looked at. The cron lines only tick; each verb computes what is due from the ledger and the clock.
import type { App } from '../app/app.ts';
import { tellOfApprovals } from '../app/approvals-digest.ts';
import { chase } from '../app/chase.ts';
import { deliverSeveral } from '../app/deliver.ts';
import { tellOfDeparted } from '../app/departed.ts';
import { expire } from '../app/expire.ts';
import { watchGroups } from '../app/groups.ts';
import { lapse } from '../app/lapse.ts';
import { place } from '../app/place.ts';
import { publishHomes } from '../app/publish-homes.ts';
import { redrawOpen } from '../app/redraw-open.ts';
import { redrawQueue } from '../app/redraw-queue.ts';
import { rerunInbox } from '../app/rerun-inbox.ts';
import { verifyNightly } from '../app/verify-ledger.ts';
import { rollOverBudgets } from '../app/roll-over-budgets.ts';

export interface Job {
  readonly name: string;
  /** With seconds, as node-cron reads it. */
  readonly cron: string;
  /** Wake-up that makes it run at once as well. */
  readonly wake: 'queue' | 'outbox' | 'policy' | 'homes' | null;
  readonly run: (app: App) => Promise<number>;
}

export const jobs: readonly Job[] = [
  { name: 'expire', cron: '*/5 * * * * *', wake: null, run: expire },
  { name: 'chase', cron: '*/10 * * * * *', wake: null, run: chase },
  { name: 'lapse', cron: '*/10 * * * * *', wake: null, run: lapse },
  { name: 'rerun-inbox', cron: '*/5 * * * * *', wake: null, run: rerunInbox },
  { name: 'roll-over-budgets', cron: '0 * * * * *', wake: null, run: rollOverBudgets },
  { name: 'departed', cron: '30 */10 * * * *', wake: null, run: tellOfDeparted },
  { name: 'watch-groups', cron: '15 * * * * *', wake: 'policy', run: watchGroups },
  { name: 'approvals-digest', cron: '45 * * * * *', wake: null, run: tellOfApprovals },
  { name: 'verify', cron: '30 * * * * *', wake: null, run: verifyNightly },
  { name: 'place', cron: '*/5 * * * * *', wake: 'queue', run: place },
  { name: 'redraw-open', cron: '*/10 * * * * *', wake: null, run: redrawOpen },
  { name: 'redraw-queue', cron: '*/10 * * * * *', wake: null, run: redrawQueue },
  { name: 'deliver', cron: '*/2 * * * * *', wake: 'outbox', run: deliverSeveral },
  { name: 'publish-homes', cron: '*/2 * * * * *', wake: 'homes', run: publishHomes },
];
