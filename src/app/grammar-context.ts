// What a typed request is read against: the member's zone, and the names that the policy and the hosts know.
import type { GrammarContext } from '../domain/grammar/problem.ts';
import { poolTerms } from '../domain/policy.ts';
import type { MemberRow } from '../ledger/members.ts';
import type { App } from './app.ts';

export async function grammarContext(app: App, member: MemberRow): Promise<GrammarContext> {
  const [{ policy }, hosts] = await Promise.all([app.remembered.policy(), app.remembered.hostNames()]);
  return {
    at: app.clock.now(),
    zone: member.zone,
    pools: poolTerms(policy),
    images: policy.images.map(({ name }) => name),
    hosts,
  };
}
