// Whether a uid or gid belongs to an account of this host (also one of LDAP or SSSD), and what a uid is called.
import type { RunCommand } from './command.ts';

const LIMIT = 5000;
const NOT_FOUND = 2;

export interface Accounts {
  /** `unknown`: the host could not say in time. */
  known(database: 'passwd' | 'group', id: number): Promise<'known' | 'free' | 'unknown'>;
  /** Name of the account, the number as text when it has none. */
  nameOf(uid: number): Promise<string>;
}

export function hostAccounts(run: RunCommand): Accounts {
  return {
    async known(database, id) {
      const result = await run('getent', [database, String(id)], LIMIT);
      if (result.kind !== 'ended') return 'unknown';
      if (result.code === 0) return 'known';
      return result.code === NOT_FOUND ? 'free' : 'unknown';
    },
    async nameOf(uid) {
      const result = await run('getent', ['passwd', String(uid)], LIMIT);
      const name = result.kind === 'ended' && result.code === 0 ? result.stdout.split(':', 1)[0] : undefined;
      return name === undefined || name === '' ? String(uid) : name.slice(0, 64);
    },
  };
}
