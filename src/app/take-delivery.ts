// Notes a delivery down before it is acknowledged, and that its asker has been told.
import { plusSeconds, type Clock } from '../domain/time.ts';
import type { Ledger } from '../ledger/connect.ts';
import { isOutage as isDatabaseOutage } from '../ledger/errors.ts';
import { markAnswered, receive, type Delivery } from '../ledger/inbox.ts';
import type { App, Intake } from './app.ts';
import { DELIVERY_CLAIM_SECONDS } from './rerun-inbox.ts';
import type { VerbName } from './perform.ts';
import { together } from './together.ts';

/** What `takeDelivery` writes through: the deliveries of one moment go into the inbox together. */
export function createIntake(ledger: Ledger, clock: Clock): Intake {
  return together(async (deliveries: readonly Delivery[]) => {
    const at = clock.now();
    return receive(ledger.reads, deliveries, at, plusSeconds(at, DELIVERY_CLAIM_SECONDS));
  });
}

/** False when it has been received before: a redelivery, which is acknowledged and otherwise ignored. */
export async function takeDelivery(app: App, delivery: Delivery & { readonly verb: VerbName }): Promise<boolean> {
  return app.intake(delivery);
}

export async function answered(app: App, key: string): Promise<void> {
  await markAnswered(app.ledger.reads, key, app.clock.now());
}

/** True for errors that mean "the database cannot be reached now", not "there is a bug". */
export function isOutage(error: unknown): boolean {
  return isDatabaseOutage(error);
}
