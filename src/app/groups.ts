// Who is in the Slack groups that the policy names, and counts by now; whoever joins one that matters is announced to the admins.
import { askedSets } from '../domain/approvals.ts';
import { approversOf, type Approvers } from '../domain/approvers.ts';
import { counting, groupsNamed, groupsThatCount, isNews, rolesOfGroup, type Joiners } from '../domain/groups.ts';
import type { Policy } from '../domain/policy.ts';
import type { Groups } from '../domain/quota.ts';
import { refuse } from '../domain/refusal.ts';
import { plusSeconds } from '../domain/time.ts';
import { recordList, rostersOf } from '../ledger/groups.ts';
import { currentPolicy, type App } from './app.ts';
import { tellAdmins } from './tell-admins.ts';

/** Of teams and approvers, outside of any transaction. A group that could not be read is not in it. */
export async function readGroups(app: App, policy: Policy): Promise<Groups> {
  return (await look(app, policy, groupsThatCount(policy))).groups;
}

/** With the policy in force, outside of any transaction. */
export async function readNow(app: App): Promise<ReadGroups> {
  const policy = await currentPolicy(app.ledger.reads);
  return { policy, groups: await readGroups(app, policy) };
}

/** The job: looks at every group, so that joiners are announced although nobody asks for anything. Returns how many joined. */
export async function watchGroups(app: App): Promise<number> {
  const policy = await currentPolicy(app.ledger.reads);
  return (await look(app, policy, groupsNamed(policy))).joined;
}

/** What was read of the groups, and by which policy. */
export interface ReadGroups {
  readonly policy: Policy;
  readonly groups: Groups;
}

/** Who may answer by the policy in force now. `read` went by another one, perhaps: then the decision has to be tried again. */
export function approversNow(now: Policy, read: ReadGroups, stage = now.escalation.length): Approvers {
  if (!toldOf(now, read)) return refuse({ code: 'busy' });
  return approversOf(askedSets(now, stage), read.groups);
}

/** What was read tells of every group that this policy names, by its own wait. */
export function toldOf(policy: Policy, read: ReadGroups): boolean {
  const asked = groupsThatCount(read.policy);
  return policy.groupWait === read.policy.groupWait && groupsThatCount(policy).every((name) => asked.includes(name));
}

async function look(app: App, policy: Policy, names: readonly string[]): Promise<{ readonly groups: Groups; readonly joined: number }> {
  if (names.length === 0) return { groups: new Map(), joined: 0 };
  const answers = await Promise.all(names.map(async (name) => ({ name, list: await app.directory.groupMembers(name) })));
  const lists = answers.flatMap(({ name, list }) => (list === null ? [] : [{ name, list }]));
  const at = app.clock.now();
  const before = await rostersOf(app.ledger.reads, names);
  const news = lists.filter(({ name, list }) => isNews(list, before.get(name), at));
  let joined = 0;
  for (const { name, list } of news) joined += await takeOver(app, policy, name, list, at);
  const rosters = news.length === 0 ? before : await rostersOf(app.ledger.reads, names);
  const groups = lists.map(({ name, list }) => [name, counting(list, rosters.get(name) ?? new Map(), policy.groupWait, at)] as const);
  return { groups: new Map(groups), joined };
}

/** Returns how many joined, and tells of them in the same transaction: whichever bot saw them first does it. */
async function takeOver(app: App, policy: Policy, group: string, list: ReadonlySet<string>, at: Date): Promise<number> {
  return app.ledger.reads.transaction(async (tx) => {
    const users = await recordList(tx, group, list, at);
    const roles = rolesOfGroup(policy, group);
    const [first] = users;
    if (first === undefined || (!roles.approvers && roles.teams.length === 0)) return users.length;
    const facts: Joiners & Record<string, unknown> = { group, users, roles, countFrom: plusSeconds(at, policy.groupWait).toISOString() };
    await tellAdmins(tx, policy.admins, { key: `group_joined:${group}:${at.toISOString()}:${first}`, kind: 'group_joined', facts }, at);
    return users.length;
  });
}
