// Notes a delivery down before it is acknowledged, and that its asker has been told.
import { refuse } from '../domain/refusal.ts';
import { plusSeconds, type Clock } from '../domain/time.ts';
import type { Ledger } from '../ledger/connect.ts';
import { isOutage as isDatabaseOutage } from '../ledger/errors.ts';
import { markAnswered, releaseDelivery, receive, type Delivery } from '../ledger/inbox.ts';
import { spendOnly, type Actor } from '../ledger/paces.ts';
import type { App, Intake } from './app.ts';
import type { Remembered } from './remembered.ts';
import { DELIVERY_CLAIM_SECONDS } from './rerun-inbox.ts';
import type { VerbName } from './perform.ts';
import { together } from './together.ts';

/** What deliveries are counted and noted down through: those of one moment together, in one statement. */
export function createIntake(ledger: Ledger, clock: Clock, remembered: Remembered): Intake {
  const pace = async () => (await remembered.policy()).policy.actionsPerMinute;
  const note = together(async (deliveries: readonly Delivery[]) => {
    const at = clock.now();
    return receive(ledger.reads, deliveries, { at, claimedUntil: plusSeconds(at, DELIVERY_CLAIM_SECONDS), perMinute: await pace() });
  });
  const count = together(async (actors: readonly Actor[]) => spendOnly(ledger.reads, actors, await pace(), clock.now()));
  const tooFast = async () => refuse({ code: 'too_fast', perMinute: await pace() });
  return {
    note: async (delivery) => {
      const receipt = await note(delivery);
      return receipt === 'too_fast' ? tooFast() : receipt === 'new';
    },
    count: async (actor) => ((await count(actor)) ? undefined : tooFast()),
  };
}

/** False when it has been received before: a redelivery, which is acknowledged and otherwise ignored. */
export async function takeDelivery(app: App, delivery: Delivery & { readonly verb: VerbName }): Promise<boolean> {
  return app.intake.note(delivery);
}

export async function answered(app: App, key: string): Promise<void> {
  await markAnswered(app.ledger.reads, key, app.clock.now());
}

/** True for errors that mean "the database cannot be reached now", not "there is a bug". */
export function isOutage(error: unknown): boolean {
  return isDatabaseOutage(error);
}

/** The ledger was busy: it is performed at the next tick, not only when this process could be taken for dead. */
export async function leaveToTheNext(app: App, key: string): Promise<void> {
  await releaseDelivery(app.ledger.reads, key, app.clock.now());
}
