// Looks whether the policy file has changed, and imports it then; a broken one changes nothing.
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { App } from './app/app.ts';
import { importPolicy } from './app/import-policy.ts';
import { tellOfBrokenPolicy } from './app/policy-broken.ts';
import type { Job } from './jobs/table.ts';
import { PolicyFileError, readPolicyFile } from './policy-file.ts';

/**
 * The job of one bot process. Only a change of the file *since this process read it* counts: two bots with different files would
 * otherwise import theirs over each other for ever.
 */
export function policyWatch(path: string): Job {
  let seen = digestOf(path);
  const run = async (app: App): Promise<number> => {
    const digest = digestOf(path);
    if (digest === seen) return 0;
    try {
      const version = await importPolicy(app, readPolicyFile(path));
      app.log.info({ version }, 'the policy file has changed and is in force');
    } catch (error) {
      if (!(error instanceof PolicyFileError)) throw error;
      app.log.error({ problem: error.message }, 'the policy file is broken; the policy in force stays');
      await tellOfBrokenPolicy(app, error.message, digest);
    }
    seen = digest;
    return 1;
  };
  return { name: 'policy-file', cron: '*/5 * * * * *', wake: null, run };
}

/** Of what it says and of who may write it; also of a file that cannot be read: that is a change as well. */
function digestOf(path: string): string {
  let text = '';
  try {
    const status = statSync(path);
    // Reading a pipe would wait for its writer.
    text = `${status.mode} ${status.uid} ${status.isFile() ? readFileSync(path, 'utf8') : ''}`;
  } catch (error) {
    text = `unreadable: ${(error as NodeJS.ErrnoException).code ?? ''}`;
  }
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
