// The policy file cannot be read: the one in force stays, and its admins hear of it, once per version of the file.
import { currentPolicy, type App } from './app.ts';
import { tellAdmins } from './tell-admins.ts';

/** `digest`: of the file as it is now. */
export async function tellOfBrokenPolicy(app: App, problem: string, digest: string): Promise<void> {
  const at = app.clock.now();
  const { admins } = await currentPolicy(app.ledger.reads);
  const facts = { problem: problem.slice(0, 1500) };
  await tellAdmins(app.ledger.reads, admins, { key: `policy_broken:${digest}`, kind: 'policy_broken', facts }, at);
}
