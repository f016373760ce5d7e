// `berth init`: a first policy for this machine's GPUs, with its first admin named.
import { writeFileSync } from 'node:fs';
import { hostAccounts } from '../agent/accounts.ts';
import { runCommand } from '../agent/command.ts';
import { nvidiaProbe } from '../agent/probe/nvidia-smi.ts';
import { firstPolicy } from '../domain/first-policy.ts';
import { parsePolicy, PolicyFileError } from '../policy-file.ts';

export interface InitOptions {
  readonly admin: string;
  readonly channel: string;
  readonly out: string;
}

export async function init({ admin, channel, out }: InitOptions): Promise<number> {
  const sample = await nvidiaProbe(runCommand, hostAccounts(runCommand)).sample();
  const gpus = sample.kind === 'sample' ? sample.gpus : [];
  if (sample.kind === 'failed') console.error(`No GPU could be read here (${sample.detail}); the policy has the pool "cpu" alone.`);
  const text = firstPolicy({ admin, channel, gpus });
  try {
    const { pools } = parsePolicy(text, out);
    // Never over a file that is there: it may be the one in use.
    writeFileSync(out, text, { flag: 'wx', mode: 0o600 });
    console.log(`${out} is written: ${pools.length} pools. Read it through, and name the approvers.`);
    return 0;
  } catch (error) {
    if (error instanceof PolicyFileError) {
      console.error(error.message);
      return 2;
    }
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    console.error(`${out} is there already; name another file with --out.`);
    return 1;
  }
}
