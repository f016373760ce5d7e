// Which of the options that keep left-over setuid programs and device files harmless a mount lacks.
import { expect, it } from 'vitest';
import { adviseOnMount, lackingOptions } from '../../src/agent/workspace-mount.ts';

const MOUNTS = String.raw`27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,nosuid,nodev
36 27 98:0 /w /srv/members\040files rw,nosuid,nodev,noexec,relatime master:1 shared:2 - xfs /dev/sdb rw
37 27 98:1 / /home rw,nosuid,relatime shared:3 - ext4 /dev/sdc rw
`;

it.each([
  [36, []],
  [37, ['nodev']],
  // What stands behind the dash is the file system's own, and no option of this mount.
  [27, ['nosuid', 'nodev']],
  [3, null],
])('of mount %i', (id, lacking) => {
  expect(lackingOptions(MOUNTS, id)).toEqual(lacking);
});

it('a folder that cannot be looked at is not taken for a good one', async () => {
  expect(await adviseOnMount('/berth-no-such-folder')).toBe(
    '/berth-no-such-folder: how it is mounted cannot be read; it should be nosuid,nodev',
  );
});
