// What is read before a delivery is acknowledged, remembered for a moment: Slack waits three seconds, and many ask at once.
// Decisions never read from here: they read the ledger inside their transaction.
import type { Person } from '../domain/membership.ts';
import type { Ticks } from '../domain/time.ts';
import type { Ledger } from '../ledger/connect.ts';
import { allHosts } from '../ledger/hosts.ts';
import { saveMember, type MemberRow } from '../ledger/members.ts';
import { policyInForce, type PolicyInForce } from '../ledger/policy.ts';

/** A new policy is known at once by its wake-up; a lost wake-up costs this long. */
const REMEMBER_MS = 5000;
/** More members than that, and the memory starts anew. */
const MEMBERS_MAX = 10_000;

export interface Remembered {
  policy(): Promise<PolicyInForce>;
  hostNames(): Promise<readonly string[]>;
  /** The member's row, made at the first contact. */
  member(person: Person, at: Date): Promise<MemberRow>;
  /** The policy has changed. */
  forget(): void;
}

export function createRemembered(ledger: Ledger, ticks: Ticks): Remembered {
  const policy = once(ticks, async () => {
    const found = await policyInForce(ledger.reads);
    if (found === null) throw new Error('no policy has been imported into this ledger');
    return found;
  });
  const hostNames = once(ticks, async () => (await allHosts(ledger.reads)).map(({ name }) => name));
  const members = new Map<string, MemberRow>();
  return {
    policy: policy.ask,
    hostNames: hostNames.ask,
    member: async (person, at) => {
      const key = `${person.team}/${person.user}`;
      const known = members.get(key);
      if (known !== undefined && known.name === person.name && known.zone === person.zone) return known;
      const row = await saveMember(ledger.reads, person, at);
      if (members.size >= MEMBERS_MAX) members.clear();
      members.set(key, row);
      return row;
    },
    forget: () => {
      policy.forget();
      hostNames.forget();
    },
  };
}

/** One question at a time, its answer kept for a moment; a failed one is asked again. */
function once<T>(ticks: Ticks, ask: () => Promise<T>) {
  let held: { readonly at: number; readonly answer: Promise<T> } | null = null;
  return {
    ask: () => {
      const at = ticks.milliseconds();
      if (held === null || at - held.at > REMEMBER_MS) {
        const mine = { at, answer: ask() };
        held = mine;
        mine.answer.catch(() => {
          if (held === mine) held = null;
        });
      }
      return held.answer;
    },
    forget: () => {
      held = null;
    },
  };
}
