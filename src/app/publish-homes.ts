// App Homes follow the ledger: each that was opened lately is drawn anew when what it shows has changed, by one bot, now and then.
import { periodAt } from '../domain/journal.ts';
import type { HomeTabView } from '../domain/home-tab-view.ts';
import { RefusalError } from '../domain/refusal.ts';
import { plusSeconds } from '../domain/time.ts';
import { isOutage } from '../ledger/errors.ts';
import {
  claimHome,
  forgetHome,
  forgetHomes,
  openedHome,
  postponeHomes,
  putBackHome,
  settleHome,
  type ClaimedHome,
} from '../ledger/homes.ts';
import type { MemberRow } from '../ledger/members.ts';
import { admit } from './admit.ts';
import { policyNow, type App } from './app.ts';
import { viewHome } from './view-home.ts';

/** No Home is drawn again for this before so long. */
const EVERY_SECONDS = 10;
/** Longer than any single call to Slack may take. */
const CLAIM_SECONDS = 30;
const FORGET_SECONDS = 30 * 86_400;
const BACK_OFF_MAX_SECONDS = 60;

/** The member looks at it: it is drawn at once, or as soon as it may be again. */
export async function openHome(app: App, member: MemberRow): Promise<void> {
  await openedHome(app.ledger.reads, member.id, app.clock.now());
}

/** Draws until no Home is due. Returns how many were shown. */
export async function publishHomes(app: App): Promise<number> {
  const { reads } = app.ledger;
  await forgetHomes(reads, plusSeconds(app.clock.now(), -FORGET_SECONDS));
  const { policy, version: policyVersion } = await policyNow(reads);
  for (let shown = 0; ;) {
    const at = app.clock.now();
    const now = { at, period: periodAt(policy.period, at), policyVersion };
    const home = await claimHome(reads, now, plusSeconds(at, CLAIM_SECONDS));
    if (home === null) return shown;
    const became = await publish(app, home);
    if (became === 'shown') shown++;
    if (became === 'rate_limited') return shown;
  }
}

async function publish(app: App, home: ClaimedHome): Promise<'shown' | 'not_shown' | 'rate_limited'> {
  const { reads } = app.ledger;
  const later = () => plusSeconds(app.clock.now(), Math.min(BACK_OFF_MAX_SECONDS, 2 ** Math.min(home.attempts, 16)));
  let view: HomeTabView | null;
  try {
    view = await viewOf(app, home.user);
  } catch (error) {
    // The database may be away for this as well; then the claim runs out.
    await putBackHome(reads, home, later()).catch(() => undefined);
    if (isOutage(error)) throw error;
    app.log.error({ err: error, user: home.user }, 'a Home could not be drawn');
    return 'not_shown';
  }
  if (view === null) {
    await putBackHome(reads, home, later());
    return 'not_shown';
  }
  const sent = await app.homeTabs.show(home.user, view);
  switch (sent.kind) {
    case 'shown':
      if ('refused' in view) await forgetHome(reads, home.memberId);
      else {
        const nextAt = plusSeconds(app.clock.now(), EVERY_SECONDS);
        await settleHome(reads, home, { asApprover: view.approvals !== null, nextAt });
      }
      return 'shown';
    case 'rate_limited': {
      const nextAt = plusSeconds(app.clock.now(), sent.retryAfterSeconds);
      await putBackHome(reads, home, nextAt);
      await postponeHomes(reads, nextAt);
      return 'rate_limited';
    }
    case 'failed':
      app.log.warn({ user: home.user, error: sent.error }, 'Slack did not take a Home');
      await putBackHome(reads, home, later());
      return 'not_shown';
  }
}

/** Null while Slack does not say who they are. */
async function viewOf(app: App, user: string): Promise<HomeTabView | null> {
  try {
    return await viewHome(app, await admit(app, user));
  } catch (error) {
    if (!(error instanceof RefusalError)) throw error;
    return error.refusal.code === 'not_a_member' ? { refused: error.refusal } : null;
  }
}
