// A host says that it cannot take new containers: its admins hear of each kind of trouble when it begins.
import type { HostProblem } from '../domain/host-protocol.ts';
import type { Transaction } from '../ledger/connect.ts';
import { currentPolicy, type App } from './app.ts';
import { tellAdmins } from './tell-admins.ts';

interface Change {
  readonly host: string;
  readonly before: readonly HostProblem[];
  readonly now: readonly HostProblem[];
}

/** At most one message per host, kind and hour: what comes and goes every minute is one trouble. */
export async function tellOfProblems(app: App, tx: Transaction, { host, before, now }: Change, at: Date): Promise<void> {
  const known = new Set(before.map(({ code }) => code));
  const begun = now.filter(({ code, blocking }) => blocking && !known.has(code));
  if (begun.length === 0) return;
  const { admins } = await currentPolicy(tx);
  const hour = at.toISOString().slice(0, 13);
  for (const problem of begun) {
    app.log.error({ host, problem }, 'a host takes no new containers');
    await tellAdmins(
      tx,
      admins,
      { key: `host_problem:${host}:${problem.code}:${hour}`, kind: 'host_problem', facts: { host, problem } },
      at,
    );
  }
}
