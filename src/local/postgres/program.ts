// Runs a program to its end as a given account, with an environment of our own and a time limit.
import { execFile } from 'node:child_process';

export interface Account {
  uid: number;
  gid: number;
}

export interface Outcome {
  /** null when the program did not start or was killed. */
  code: number | null;
  stdout: string;
  stderr: string;
}

/**
 * The whole environment of PostgreSQL's processes: none of the bot's tokens, no PG* variable that would change what they do.
 * `/proc/<pid>/environ` and a crash dump of PostgreSQL therefore hold nothing of ours.
 */
export function bareEnvironment(temporaryDirectory: string): Record<string, string> {
  return { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C', TZ: 'UTC', TMPDIR: temporaryDirectory };
}

/** Never throws: a program that cannot be started is an outcome with code null. */
export function runProgram(
  file: string,
  args: string[],
  how: { account: Account; temporaryDirectory?: string; secondsMax: number },
): Promise<Outcome> {
  const { account, temporaryDirectory = '/tmp', secondsMax } = how;
  const options = {
    cwd: '/',
    env: bareEnvironment(temporaryDirectory),
    uid: account.uid,
    gid: account.gid,
    timeout: secondsMax * 1000,
    killSignal: 'SIGKILL',
    encoding: 'utf8',
  } as const;
  return new Promise((resolve) => {
    execFile(file, args, options, (error, stdout, stderr) => {
      if (error === null) return resolve({ code: 0, stdout, stderr });
      const code = typeof error.code === 'number' ? error.code : null;
      resolve({ code, stdout, stderr: stderr === '' ? error.message : stderr });
    });
  });
}
