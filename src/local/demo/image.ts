// The demo's container image, made of a few programs that every Linux machine has: nothing is pulled.
import { execFile, spawn } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import Docker from 'dockerode';

const run = promisify(execFile);

/** Enough to look around: a shell and what proves who and where one is. */
const PROGRAMS = ['sh', 'sleep', 'id', 'ls', 'cat', 'env', 'ps', 'head', 'touch', 'mkdir'];

/** An engine that takes longer than this for a few megabytes hangs. */
const IMPORT_MS = 60_000;

/** Imports the image under this reference. Throws when the engine refuses it, or does not answer. */
export async function makeDemoImage(socketPath: string, reference: string): Promise<void> {
  const docker = new Docker({ socketPath });
  const root = await mkdtemp(join(tmpdir(), 'berth-image-'));
  try {
    await fill(root);
    const [repo, tag] = reference.split(':');
    // Whatever our umask: the member's own uid has to read and run all of it.
    const tar = spawn('tar', ['-C', root, '--owner=0', '--group=0', '--mode=a+rX', '-cf', '-', '.'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const answer = await docker.importImage(tar.stdout, { repo, tag, abortSignal: AbortSignal.timeout(IMPORT_MS) });
    await new Promise<void>((resolve, reject) =>
      docker.modem.followProgress(answer, (error, events: { error?: string }[]) => {
        const failed = error?.message ?? events.find((event) => event.error !== undefined)?.error;
        if (failed === undefined) resolve();
        else reject(new Error(`the demo image could not be made: ${failed}`));
      }),
    );
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function fill(root: string): Promise<void> {
  for (const directory of ['bin', 'etc', 'tmp', 'workspace', 'proc', 'dev']) await mkdir(join(root, directory), { recursive: true });
  await chmod(join(root, 'tmp'), 0o1777);
  await symlink('bin', join(root, 'sbin'));
  const libraries = new Set<string>();
  for (const program of PROGRAMS) {
    const path = await which(program);
    if (path === null) continue;
    await copyFile(path, join(root, 'bin', program));
    for (const library of await librariesOf(path)) libraries.add(library);
  }
  for (const library of libraries) {
    await mkdir(join(root, dirname(library)), { recursive: true });
    await copyFile(await realpath(library), join(root, dirname(library), basename(library)));
  }
}

async function which(program: string): Promise<string | null> {
  try {
    const { stdout } = await run('/bin/sh', ['-c', `command -v ${program}`]);
    return await realpath(stdout.trim());
  } catch {
    return null;
  }
}

/** Paths of the shared libraries and the loader, as ldd resolves them; none for a static program. */
async function librariesOf(path: string): Promise<string[]> {
  try {
    const { stdout } = await run('ldd', [path]);
    return stdout.split('\n').flatMap((line) => /(\/\S+) \(0x/.exec(line)?.[1] ?? []);
  } catch {
    return [];
  }
}
