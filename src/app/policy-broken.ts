// The policy file cannot be read: the one in force stays, and its admins hear of it, once per version of the file.
import { post } from '../ledger/outbox.ts';
import { currentPolicy, type App } from './app.ts';

/** `digest`: of the file as it is now. */
export async function tellOfBrokenPolicy(app: App, problem: string, digest: string): Promise<void> {
  const at = app.clock.now();
  const { admins } = await currentPolicy(app.ledger.reads);
  for (const recipient of admins) {
    const key = `policy_broken:${digest}:${recipient}`;
    await post(
      app.ledger.reads,
      { key, kind: 'policy_broken', allocationId: null, recipient, facts: { problem: problem.slice(0, 1500) } },
      at,
    );
  }
}
