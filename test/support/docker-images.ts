// Test images made from a static busybox, without a registry.
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { execFileSync, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Docker from 'dockerode';

export const IMAGES = {
  plain: 'berth-test:1',
  root: 'berth-test-root:1',
  volume: 'berth-test-volume:1',
  /** Asks for every GPU and a preloaded library, and claims to be another allocation. */
  grabby: 'berth-test-grabby:1',
  /** Its `sleep` eats memory until it is killed. */
  hungry: 'berth-test-hungry:1',
  /** Its `sleep` notes TERM in /workspace/term and goes on. */
  stubborn: 'berth-test-stubborn:1',
} as const;

const CHANGES: Partial<Record<keyof typeof IMAGES, string[]>> = {
  root: ['USER root', 'ENTRYPOINT ["/bin/false"]', 'CMD ["sh"]'],
  volume: ['VOLUME /data'],
  grabby: [
    'ENV NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=all NVIDIA_REQUIRE_CUDA=cuda>=12.0 LD_PRELOAD=/evil.so',
    'LABEL berth.allocation=al-zzzzzz',
    'HEALTHCHECK CMD ["/bin/false"]',
  ],
};

const SLEEPS: Partial<Record<keyof typeof IMAGES, string>> = {
  hungry: 'x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done',
  stubborn: "trap 'echo term >> /workspace/term' TERM; while :; do busybox sleep 0.05; done",
};

/** Makes every test image on this engine. */
export async function makeImages(docker: Docker): Promise<void> {
  for (const [name, reference] of Object.entries(IMAGES)) {
    const kind = name as keyof typeof IMAGES;
    const root = rootfs(SLEEPS[kind]);
    const [repo, tag] = reference.split(':');
    try {
      const tar = spawn('tar', ['-C', root, '--owner=0', '--group=0', '--numeric-owner', '-c', '.'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const answer = await docker.importImage(tar.stdout, { repo, tag, changes: CHANGES[kind] ?? ['CMD ["sh"]'] });
      for await (const chunk of answer) if (String(chunk).includes('"error"')) throw new Error(`import of ${reference}: ${String(chunk)}`);
    } finally {
      rmSync(root, { recursive: true });
    }
  }
}

function rootfs(sleep: string | undefined): string {
  const root = mkdtempSync(join(tmpdir(), 'berth-rootfs-'));
  chmodSync(root, 0o755);
  for (const folder of ['bin', 'etc', 'proc', 'sys', 'dev', 'root', 'tmp']) mkdirSync(join(root, folder), { mode: 0o755 });
  chmodSync(join(root, 'tmp'), 0o1777);
  copyFileSync('/bin/busybox', join(root, 'bin/busybox'));
  copyFileSync('/bin/busybox', join(root, 'bin/busybox-suid'));
  chmodSync(join(root, 'bin/busybox'), 0o755);
  chmodSync(join(root, 'bin/busybox-suid'), 0o4755);
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  for (const applet of execFileSync('/bin/busybox', ['--list'], { encoding: 'utf8' }).trim().split('\n')) {
    if (applet !== 'busybox' && !(applet === 'sleep' && sleep !== undefined)) symlinkSync('busybox', join(root, 'bin', applet));
  }
  if (sleep !== undefined) writeFileSync(join(root, 'bin/sleep'), `#!/bin/sh\n${sleep}\n`, { mode: 0o755 });
  return root;
}
