// Who somebody is, asked from Slack and remembered for a minute.
import type { WebClient } from '@slack/web-api';
import type { Directory } from '../app/app.ts';
import type { Home, Person } from '../domain/membership.ts';
import type { Ticks } from '../domain/time.ts';
import type { Log } from '../log.ts';

const REMEMBER_MS = 60_000;
/** A list has to be at most a minute old at the decision, which may wait some seconds for its locks. */
const REMEMBER_GROUP_MS = 50_000;

/** Asks Slack which workspace the bot token belongs to. */
export async function createDirectory(lookup: WebClient, ticks: Ticks, log: Log): Promise<Directory> {
  const auth = await lookup.auth.test();
  if (auth.team_id === undefined) throw new Error('Slack did not say which workspace the bot token belongs to');
  const home: Home = { team: auth.team_id, enterprise: auth.enterprise_id ?? null };
  const person = remembered(ticks, REMEMBER_MS, (user: string) => findPerson(lookup, user, log));
  const groupMembers = remembered(ticks, REMEMBER_GROUP_MS, (group: string) => findGroup(lookup, group, log));
  return { home, person, groupMembers };
}

async function findPerson(lookup: WebClient, id: string, log: Log): Promise<Person | null> {
  try {
    const { user } = await lookup.users.info({ user: id });
    if (user === undefined) return null;
    const enterprise = user.enterprise_user?.enterprise_id ?? null;
    return {
      team: user.team_id ?? '',
      enterprise,
      user: id,
      name: plainName(user.profile?.display_name || user.profile?.real_name || user.name || id),
      zone: user.tz ?? 'UTC',
      deleted: user.deleted ?? true,
      bot: (user.is_bot ?? true) || (user.is_workflow_bot ?? false) || id === 'USLACKBOT',
      stranger: user.is_stranger ?? false,
      guest: (user.is_restricted ?? true) || (user.is_ultra_restricted ?? true),
    };
  } catch (error) {
    log.warn({ err: error }, 'users.info failed; nobody unknown is admitted');
    return null;
  }
}

/** A name that can be stored and shown: on one line, and no longer than Slack lets people choose. */
function plainName(name: string): string {
  return Array.from(name.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, ' ').trim())
    .slice(0, 80)
    .join('');
}

async function findGroup(lookup: WebClient, usergroup: string, log: Log): Promise<ReadonlySet<string> | null> {
  try {
    const { users } = await lookup.usergroups.users.list({ usergroup });
    return new Set(users ?? []);
  } catch (error) {
    log.warn({ err: error, usergroup }, 'a group could not be read; nobody is admitted or decides by it');
    return null;
  }
}

/** Remembers found answers for so long; failures (null) are asked again at once. Concurrent questions share one call. */
function remembered<T>(ticks: Ticks, keepMs: number, ask: (key: string) => Promise<T | null>): (key: string) => Promise<T | null> {
  const known = new Map<string, { readonly at: number; readonly answer: Promise<T | null> }>();
  return async (key) => {
    const at = ticks.milliseconds();
    const held = known.get(key);
    if (held !== undefined && at - held.at < keepMs) return held.answer;
    if (known.size > 10_000) known.clear();
    const answer = ask(key);
    known.set(key, { at, answer });
    const found = await answer;
    if (found === null) known.delete(key);
    return found;
  };
}
